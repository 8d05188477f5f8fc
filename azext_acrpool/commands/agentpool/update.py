"""`az acr agentpool update`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...client.pools import AgentPoolChanges, AgentPools, pick_pool, read_pool
from ...client.registries import RegistryId
from ...health.facts import Unreadable
from ...health.preflight import check_count, check_update
from ...pool import Pool
from ..command import command
from ..session import Session
from .changes import change_pool
from .facts import read_pools
from .findings import act_on
from .options import PoolOptions
from .remarks import remark_on_scaling

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import AgentPool

__all__ = ["UpdateOptions", "update_pool"]


@dataclass(frozen=True, kw_only=True)
class UpdateOptions(PoolOptions):
    """The command line of `update`. `count` is a number of instances."""

    count: int | None = None
    tags: Mapping[str, str] | None = None
    skip_checks: bool = False
    no_wait: bool = False

    @property
    def changes(self) -> AgentPoolChanges:
        """What shall change."""
        return AgentPoolChanges(self.count, self.tags)


@command(UpdateOptions)
def update_pool(session: Session, options: UpdateOptions) -> AgentPool | None:
    """Scale or tag a pool, or find that it is as asked."""
    if options.count is None and options.tags is None:
        return _leave_as_it_is(session, options)
    if not options.skip_checks and options.count is not None:
        act_on([check_count(options.count)], session.narrator)
    registry = session.locate_registry(options)
    as_asked = None if options.skip_checks else _check(session, registry, options)
    if as_asked is not None:
        return as_asked
    return change_pool(session, registry, options.agent_pool_name, options.changes, no_wait=options.no_wait)


def _leave_as_it_is(session: Session, options: UpdateOptions) -> AgentPool:
    """The pool; as with az's own, it is no error to ask for no change, as scripts do whose variables are empty."""
    pool = AgentPools(session.arm).get(session.locate_registry(options), options.agent_pool_name)
    session.narrator.say("There is nothing to change: neither --count nor --tags is given.")
    return pool


def _check(session: Session, registry: RegistryId, options: UpdateOptions) -> AgentPool | None:
    """Refuse what cannot work. The pool, if it is as asked already and its last change was carried out."""
    listed = read_pools(session, registry)
    if isinstance(listed, Unreadable):
        session.narrator.warn(
            f"The registry's agent pools could not be read ({listed}): nothing is checked beforehand."
        )
        return None
    pools = [read_pool(model, registry.name) for model in listed]
    pool = pick_pool(pools, registry, options.agent_pool_name)
    act_on([check_update(pool, options.count, pools)], session.narrator)
    as_asked = _find_as_asked(session, registry, options.changes, pool)
    if as_asked is None:
        remark_on_scaling(pool, options.changes, session.narrator)
    return as_asked


def _find_as_asked(session: Session, registry: RegistryId, changes: AgentPoolChanges, listed: Pool) -> AgentPool | None:
    """The pool, if the list shows it as asked and it does itself: a list may lag behind a change that has begun."""
    if not _is_as_asked(listed, changes):
        return None
    model = AgentPools(session.arm).get(registry, listed.name)
    pool = read_pool(model, registry.name)
    if not _is_as_asked(pool, changes):
        return None
    session.narrator.say(f"Agent pool '{pool.name}' has {_describe(changes, pool.instances)} already.")
    return model


def _is_as_asked(pool: Pool, changes: AgentPoolChanges) -> bool:
    return pool.is_ready and changes.are_in(pool)


def _describe(changes: AgentPoolChanges, instances: str) -> str:
    asked = [instances] if changes.count is not None else []
    return " and ".join([*asked, *(["these tags"] if changes.tags is not None else [])])
