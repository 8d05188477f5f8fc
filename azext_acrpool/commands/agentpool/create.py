"""`az acr agentpool create`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...client.errors import ConflictError
from ...client.operations.operation import Operation, OperationKind
from ...client.pools import AgentPools, AgentPoolSpec, read_pool
from ...client.registries import Registry
from ...health.checks import check_network
from ...health.facts import Facts, ResourceId
from ...health.findings import Finding
from ...health.pool.state import check_existing
from ...health.preflight import CreateFacts, check_create, check_request
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
    if existing is not None:
        return existing
    operation = creation.begin()
    if options.no_wait:
        creation.change.tell_begun()
        return None
    return creation.change.follow(operation)


class _Creation:
    """One `create`, once it is known what is wanted and where."""

    def __init__(self, session: Session, registry: Registry, wanted: Pool) -> None:
        self.change = PoolChange(session, OperationKind.CREATE, registry, wanted.name)
        self._session = session
        self._pools = AgentPools(session.arm)
        self._registry = registry
        self._wanted = wanted
        self._is_under_way = False

    def check(self) -> AgentPool | None:
        """Refuse what cannot work. The pool, if it is there as asked and nothing is left to do."""
        around = read_create_facts(self._session, self._registry, self._wanted.subnet_id)
        described = [read_pool(pool, self._registry.name) for pool in around.pools or ()]
        for pool, facts in zip(around.pools or (), described, strict=True):
            if facts.name.lower() == self._wanted.name.lower():
                return self._accept(pool, facts)
        findings = [*self._check_registry(around, described), *self._check_network(around.network)]
        act_on(findings, self._session.narrator)
        return None

    def _check_registry(self, around: CreateSurroundings, pools: list[Pool]) -> list[Finding]:
        registry = self._registry
        facts = CreateFacts(
            self._wanted,
            registry.name,
            registry.subscription_id,
            registry.sku,
            registry.location,
            around.regions,
            None if around.pools is None else pools,
        )
        return check_create(facts)

    def _check_network(self, network: NetworkFacts) -> list[Finding]:
        registry = self._registry
        facts = Facts(
            now=self._session.clock.now(),
            registry_id=ResourceId(registry.subscription_id, registry.resource_group, registry.name),
            registry=describe_registry(registry),
            pool=self._wanted,
            pools=tuple(pools) if around.pools is not None else Unreadable(reason="which pools there are is not known"),
            offered_regions=around.regions if around.regions is not None else Unreadable(),
            subnet=network.subnet,
            vnet=network.vnet,
            nsg=network.nsg,
            route_table=network.route_table,
        )

    def _accept(self, pool: AgentPool, facts: Pool) -> AgentPool | None:
        act_on(check_existing(facts, self._wanted), self._session.narrator)
        self._is_under_way = facts.is_changing
        state = f"is {facts.state.lower()} already" if self._is_under_way else "exists already, as asked"
        self._session.narrator.say(f"Agent pool '{facts.name}' {state}.")
        return None if self._is_under_way else pool

    def begin(self) -> Operation[AgentPool]:
        """Ask the service for the pool, or join what makes it already."""
        name, registry, wanted = self._wanted.name, self._registry, self._wanted
        if self._is_under_way:
            return self._pools.follow(OperationKind.CREATE, registry, name)
        spec = AgentPoolSpec(registry.location, wanted.count, wanted.tier, wanted.os, wanted.subnet_id, wanted.tags)
        try:
            with self.change.asking():
                return self._pools.create(registry, name, spec)
        except ConflictError:
            # Somebody else, or our own request that was sent again after a lost reply, came first.
            existing = self._pools.find(registry, name)
            if existing is None or check_existing(read_pool(existing, registry.name), wanted):
                raise
            return self._pools.follow(OperationKind.CREATE, registry, name)
