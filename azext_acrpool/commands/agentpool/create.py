"""`az acr agentpool create`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...client.operations.operation import Operation, OperationKind
from ...client.pools import AgentPools, AgentPoolSpec, read_pool
from ...client.registries import Registry
from ...health.checks import check_before_create
from ...health.facts import Facts, Unreadable
from ...health.preflight import check_existing, check_request
from ...health.reading.facts import describe_registry
from ...pool import Pool
from ..command import command
from ..session import Session
from .facts import CreateSurroundings, read_create_facts
from .findings import act_on
from .operations import PoolChange
from .options import PoolOptions, SubnetOptions

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import AgentPool

__all__ = ["CreateOptions", "create_pool"]


@dataclass(frozen=True, kw_only=True)
class CreateOptions(PoolOptions, SubnetOptions):
    """The command line of `create`. `count` is a number of instances."""

    count: int = 1
    tier: str = "S1"
    os_type: str = "Linux"
    tags: Mapping[str, str] | None = None
    skip_checks: bool = False
    no_wait: bool = False

    @property
    def wanted(self) -> Pool:
        """The pool that is asked for, as far as the command line tells."""
        return Pool(
            self.agent_pool_name,
            self.registry_name,
            self.tier.upper(),
            self.count,
            os=self.os_type,
            subnet_id=self.named_subnet_id,
            tags=self.tags,
        )


@command(CreateOptions)
def create_pool(session: Session, options: CreateOptions) -> AgentPool | None:
    """Create a pool, or find that it is there as asked."""
    if not options.skip_checks:
        act_on(check_request(options.wanted), session.narrator)
    registry = session.find_registry(options)
    wanted = replace(options.wanted, registry=registry.name, subnet_id=options.find_subnet_id(registry))
    creation = _Creation(session, registry, wanted)
    existing = None if options.skip_checks else creation.check()
    if existing is not None and not read_pool(existing, registry.name).is_changing:
        return existing
    operation = creation.begin() if existing is None else creation.join()
    if options.no_wait:
        creation.change.tell_begun()
        return None
    return creation.change.follow(operation)


class _Creation:
    """One `create`, once it is known what is wanted and where."""

    def __init__(self, session: Session, registry: Registry, wanted: Pool) -> None:
        self.change = PoolChange(session, OperationKind.CREATE, registry, wanted.name, wanted.count)
        self._session = session
        self._pools = AgentPools(session.arm)
        self._registry = registry
        self._wanted = wanted

    def check(self) -> AgentPool | None:
        """Refuse what cannot work. The pool, if it is there and as asked or about to be; None if it is not."""
        around = read_create_facts(self._session, self._registry, self._wanted.subnet_id)
        models = [] if isinstance(around.pools, Unreadable) else around.pools
        pools = [read_pool(model, self._registry.name) for model in models]
        for model, pool in zip(models, pools, strict=True):
            if pool.name.lower() == self._wanted.name.lower():
                self._accept(pool)
                return model
        if isinstance(around.regions, Unreadable):
            self._session.narrator.warn(
                f"Which regions offer agent pools could not be read ({around.regions}): the documented ones count."
            )
        act_on(check_before_create(self._facts(around, pools)), self._session.narrator)
        return None

    def _accept(self, pool: Pool) -> None:
        act_on([check_existing(pool, self._wanted)], self._session.narrator)
        state = f"is {pool.state.lower()} already" if pool.is_changing else "exists already, as asked"
        self._session.narrator.say(f"Agent pool '{pool.name}' {state}.")

    def _facts(self, around: CreateSurroundings, pools: list[Pool]) -> Facts:
        registry, network = self._registry, around.network
        return Facts(
            now=self._session.clock.now(),
            registry_id=registry,
            registry=describe_registry(registry),
            pool=self._wanted,
            pools=around.pools if isinstance(around.pools, Unreadable) else tuple(pools),
            offered_regions=around.regions,
            subnet=network.subnet,
            vnet=network.vnet,
            nsg=network.nsg,
            route_table=network.route_table,
        )

    def join(self) -> Operation[AgentPool]:
        """What makes the pool already."""
        return self._pools.follow(OperationKind.CREATE, self._registry, self._wanted.name)

    def begin(self) -> Operation[AgentPool]:
        """Ask the service for the pool, or join what makes it if somebody was quicker."""
        name, registry, wanted = self._wanted.name, self._registry, self._wanted
        spec = AgentPoolSpec(registry.location, wanted.count, wanted.tier, wanted.os, wanted.subnet_id, wanted.tags)
        return self.change.begin(lambda: self._pools.create(registry, name, spec), self._catch_up)

    def _catch_up(self) -> Operation[AgentPool] | None:
        existing = self._pools.find(self._registry, self._wanted.name)
        if existing is None or check_existing(read_pool(existing, self._registry.name), self._wanted):
            return None
        return self.join()
