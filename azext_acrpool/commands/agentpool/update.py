"""`az acr agentpool update`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from azure.cli.core import azclierror

from ...client.errors import PoolNotFoundError
from ...client.operations.operation import Operation, OperationKind
from ...client.pools import AgentPoolChanges, AgentPools, read_pool
from ...client.registries import RegistryId
from ...health.facts import Unreadable
from ...health.preflight import check_count, check_update
from ...pool import Pool
from ..command import command
from ..console.errors import CommandError, UsageError
from ..session import Session
from .facts import read_pools
from .findings import act_on
from .operations import PoolChange
from .options import PoolOptions

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import AgentPool

__all__ = ["UpdateOptions", "update_pool"]

# Seconds.
_LAG: Final = 3.0


@dataclass(frozen=True, kw_only=True)
class UpdateOptions(PoolOptions):
    """The command line of `update`. `count` is a number of instances."""

    count: int | None = None
    tags: Mapping[str, str] | None = None
    skip_checks: bool = False
    no_wait: bool = False


@command(UpdateOptions)
def update_pool(session: Session, options: UpdateOptions) -> AgentPool | None:
    """Scale or tag a pool."""
    name, count = options.agent_pool_name, options.count
    if count is None and options.tags is None:
        raise UsageError("There is nothing to change.", "Give --count, --tags or both.")
    if not options.skip_checks and count is not None:
        act_on([check_count(count)], session.narrator)
    registry = session.locate_registry(options)
    if not options.skip_checks:
        _check_update(session, registry, name, count)
    change = PoolChange(session, OperationKind.UPDATE, registry, name, count)
    operation = _begin(change, AgentPoolChanges(count, options.tags))
    if options.no_wait:
        change.tell_begun()
        return None
    return _require_count(change, change.follow(operation), count)


def _check_update(session: Session, registry: RegistryId, name: str, count: int | None) -> None:
    listed = read_pools(session, registry)
    if isinstance(listed, Unreadable):
        session.narrator.warn(
            f"The registry's agent pools could not be read ({listed}): nothing is checked beforehand."
        )
        return
    pools = [read_pool(pool, registry.name) for pool in listed]
    for pool in pools:
        if pool.name.lower() == name.lower():
            act_on([check_update(pool, count, pools)], session.narrator)
            return
    raise PoolNotFoundError(name, registry.name)


def _begin(change: PoolChange, changes: AgentPoolChanges) -> Operation[AgentPool]:
    pools, registry, name = AgentPools(change.session.arm), change.registry, change.pool

    def catch_up() -> Operation[AgentPool] | None:
        existing = pools.find(registry, name)
        if existing is None or not _shows(read_pool(existing, registry.name), changes):
            return None
        return pools.follow(OperationKind.UPDATE, registry, name)

    return change.begin(lambda: pools.update(registry, name, changes), catch_up)


def _shows(pool: Pool, changes: AgentPoolChanges) -> bool:
    """Whether the pool is what was asked for, or on its way to it."""
    is_or_will_be = pool.is_ready or (pool.is_changing and not pool.is_being_deleted)
    return is_or_will_be and changes.are_in(pool)


def _require_count(change: PoolChange, updated: AgentPool, count: int | None) -> AgentPool:
    """The updated pool, once it shows the count that was asked for, None for any. Raises CommandError, AcrErrors."""
    registry, name, session = change.registry, change.pool, change.session
    if count in (None, read_pool(updated, registry.name).count):
        return updated
    # What is read may lag behind what was done.
    session.clock.sleep(_LAG)
    updated = AgentPools(session.arm).get(registry, name)
    pool = read_pool(updated, registry.name)
    if count == pool.count:
        return updated
    raise CommandError(
        azclierror.AzureResponseError(
            f"The update of agent pool '{name}' is done, but the pool has {pool.instances}, not {count}: it was not "
            "carried out, or the pool was changed again.",
            [
                f"See the pool with: {pool.az_command('show')}",
                f"Ask for it again with: {pool.az_command('update', '--count', str(count))}",
            ],
        )
    )
