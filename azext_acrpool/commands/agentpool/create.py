"""`az acr agentpool create`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from knack.validators import DefaultInt, DefaultStr

from ...client.operations.operation import Operation, OperationKind
from ...client.pools import AgentPoolChanges, AgentPools, AgentPoolSpec, read_pool
from ...client.registries import Registry
from ...health.checks import check_before_create
from ...health.facts import Facts, Unreadable
from ...health.preflight import check_existing, check_immutable, check_request, check_update
from ...health.reading.facts import describe_registry
from ...pool import Pool
from ...wording import counted
from ..command import command
from ..given import is_filled_in
from ..session import Session
from .changes import change_pool
from .facts import CreateSurroundings, find_pool, read_create_facts
from .findings import act_on
from .operations import PoolChange
from .options import PoolOptions, SubnetOptions
from .remarks import remark_on_scaling

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import AgentPool

__all__ = ["CreateOptions", "create_pool"]


@dataclass(frozen=True, kw_only=True)
class CreateOptions(PoolOptions, SubnetOptions):
    """The command line of `create`. `count` is a number of instances."""

    count: int = DefaultInt(1)
    tier: str = DefaultStr("S1")
    os_type: str = DefaultStr("Linux")
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

    @property
    def defaults(self) -> frozenset[str]:
        """Of what a pool keeps for its life, what was not typed, as `check_immutable` names it."""
        values = {"tier": self.tier, "os": self.os_type}
        return frozenset(name for name, value in values.items() if is_filled_in(value))


@command(CreateOptions)
def create_pool(session: Session, options: CreateOptions) -> AgentPool | None:
    """Create a pool, or make one that is there what is asked for, as far as a pool can be changed."""
    if not options.skip_checks:
        act_on(check_request(options.wanted), session.narrator)
    registry = session.find_registry(options)
    wanted = replace(options.wanted, registry=registry.name, subnet_id=options.find_subnet_id(registry))
    existing = _find_existing(session, registry, wanted) if options.skip_checks else _check(session, registry, wanted)
    if existing is not None:
        return _Existing(session, registry, wanted, options, existing).become()
    creation = _Creation(session, registry, wanted)
    return creation.finish(creation.begin(), no_wait=options.no_wait)


@dataclass(frozen=True)
class _Found:
    """The pool of the wanted name that is there already; `model` is what the service says of it.

    `listed` are all of the registry's pools, as far as they were asked for.
    """

    model: AgentPool
    pool: Pool
    listed: tuple[Pool, ...] = ()


def _find_existing(session: Session, registry: Registry, wanted: Pool) -> _Found | None:
    """The pool itself, and nothing that a check would like to know."""
    model = find_pool(session, registry, wanted.name)
    return None if model is None or isinstance(model, Unreadable) else _Found(model, read_pool(model, registry.name))


def _check(session: Session, registry: Registry, wanted: Pool) -> _Found | None:
    """The pool, if it is there; None if it is not, and nothing speaks against creating it. Raises CommandError."""
    around = read_create_facts(session, registry, wanted.subnet_id)
    models = [] if isinstance(around.pools, Unreadable) else around.pools
    pools = tuple(read_pool(model, registry.name) for model in models)
    for model, pool in zip(models, pools, strict=True):
        if pool.name.lower() == wanted.name.lower():
            return _Found(model, pool, pools)
    if isinstance(around.regions, Unreadable):
        session.narrator.warn(
            f"Which regions offer agent pools could not be read ({around.regions}): the documented ones count."
        )
    act_on(check_before_create(_facts(session, registry, wanted, around, pools)), session.narrator)
    return None


def _facts(
    session: Session, registry: Registry, wanted: Pool, around: CreateSurroundings, pools: tuple[Pool, ...]
) -> Facts:
    network = around.network
    return Facts(
        now=session.clock.now(),
        registry_id=registry,
        registry=describe_registry(registry),
        pool=wanted,
        pools=around.pools if isinstance(around.pools, Unreadable) else pools,
        offered_regions=around.regions,
        subnet=network.subnet,
        vnet=network.vnet,
        nsg=network.nsg,
        route_table=network.route_table,
    )


class _Creation:
    """One `create` of a pool that is not there, once it is known what is wanted and where."""

    def __init__(self, session: Session, registry: Registry, wanted: Pool) -> None:
        self._change = PoolChange(session, OperationKind.CREATE, registry, wanted.name, wanted.count)
        self._pools = AgentPools(session.arm)
        self._registry = registry
        self._wanted = wanted

    def join(self) -> Operation[AgentPool]:
        """What makes the pool already."""
        return self._pools.follow(OperationKind.CREATE, self._registry, self._wanted.name)

    def begin(self) -> Operation[AgentPool]:
        """Ask the service for the pool, or join what makes it if somebody was quicker."""
        name, registry, wanted = self._wanted.name, self._registry, self._wanted
        spec = AgentPoolSpec(registry.location, wanted.count, wanted.tier, wanted.os, wanted.subnet_id, wanted.tags)
        return self._change.begin(lambda: self._pools.create(registry, name, spec), self._catch_up)

    def finish(self, operation: Operation[AgentPool], *, no_wait: bool) -> AgentPool | None:
        """The pool, once it is there; None if nobody waits."""
        if no_wait:
            self._change.tell_begun()
            return None
        return self._change.follow(operation)

    def _catch_up(self) -> Operation[AgentPool] | None:
        existing = self._pools.find(self._registry, self._wanted.name)
        if existing is None:
            return None
        pool, wanted = read_pool(existing, self._registry.name), self._wanted
        changes = AgentPoolChanges(wanted.count, wanted.tags)
        is_wanted = check_immutable(pool, wanted) is None and changes.are_shown_by(pool)
        return self.join() if is_wanted else None


@dataclass(frozen=True)
class _Existing:
    """One `create` of a pool that is there: `found` becomes what is wanted, or cannot."""

    session: Session
    registry: Registry
    wanted: Pool
    options: CreateOptions
    found: _Found

    def become(self) -> AgentPool | None:
        """The pool as asked; None if nobody waits for a change that this takes. Raises CommandError, AcrErrors."""
        pool, narrator, options = self.found.pool, self.session.narrator, self.options
        self._refuse_what_cannot_be()
        if not self._is_as_asked:
            narrator.say(self._describe_change())
            remark_on_scaling(pool, self._changes, narrator)
            return change_pool(self.session, self.registry, pool.name, self._changes, no_wait=options.no_wait)
        if pool.is_changing:
            narrator.say(f"Agent pool '{pool.name}' is {pool.state.lower()} already.")
            creation = _Creation(self.session, self.registry, self.wanted)
            return creation.finish(creation.join(), no_wait=options.no_wait)
        narrator.say(f"Agent pool '{pool.name}' exists already, as asked.")
        return self.found.model

    @property
    def _changes(self) -> AgentPoolChanges:
        return AgentPoolChanges(self.wanted.count, self.wanted.tags)

    @property
    def _is_as_asked(self) -> bool:
        """Whether it is, or is about to be; what comes of one whose last change was broken off is not known."""
        return self._changes.are_shown_by(self.found.pool)

    def _refuse_what_cannot_be(self) -> None:
        pool, options = self.found.pool, self.options
        if options.skip_checks:
            # A change could not say what is never changed: it would be dropped in silence.
            act_on([check_immutable(pool, self.wanted, options.defaults)], self.session.narrator)
            return
        act_on([check_existing(pool, self.wanted, options.defaults)], self.session.narrator)
        if not self._is_as_asked:
            act_on([check_update(pool, self.wanted.count, self.found.listed)], self.session.narrator)

    def _describe_change(self) -> str:
        pool, wanted = self.found.pool, self.wanted
        has, becomes = [], []
        if pool.count != wanted.count:
            default = f" (--count was not given, and is {wanted.count} by default)"
            has.append(pool.instances)
            becomes.append(
                f"is scaled to {counted(wanted.count, 'instance')}{default if is_filled_in(self.options.count) else ''}"
            )
        if wanted.tags is not None and dict(wanted.tags) != dict(pool.tags or {}):
            has.append("other tags")
            becomes.append("gets the tags asked for")
        if not has:
            why = pool.doubt or f"is in state {pool.state}"
            return f"Agent pool '{pool.name}' exists already, but {why}: it is asked for again."
        return f"Agent pool '{pool.name}' exists already, with {' and '.join(has)}: it {' and '.join(becomes)}."
