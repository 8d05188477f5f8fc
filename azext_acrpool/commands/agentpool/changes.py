"""Changing a pool that is there: what `update` does, and `create` of a pool that exists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from azure.cli.core import azclierror

from ...client.operations.operation import Operation, OperationKind
from ...client.pools import AgentPoolChanges, AgentPools, read_pool
from ...client.registries import RegistryId
from ..console.errors import CommandError
from ..session import Session
from .operations import PoolChange

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import AgentPool

__all__ = ["change_pool"]

# Seconds.
_LAG: Final = 3.0


def change_pool(
    session: Session, registry: RegistryId, name: str, changes: AgentPoolChanges, *, no_wait: bool
) -> AgentPool | None:
    """The pool with its changes, once they are made; None if nobody waits. Raises CommandError, AcrErrors."""
    change = PoolChange(session, OperationKind.UPDATE, registry, name, changes.count)
    operation = _begin(change, changes)
    if no_wait:
        change.tell_begun()
        return None
    return _require_count(change, change.follow(operation), changes.count)


def _begin(change: PoolChange, changes: AgentPoolChanges) -> Operation[AgentPool]:
    pools, registry, name = AgentPools(change.session.arm), change.registry, change.pool

    def catch_up() -> Operation[AgentPool] | None:
        existing = pools.find(registry, name)
        if existing is None or not changes.are_shown_by(read_pool(existing, registry.name)):
            return None
        return pools.follow(OperationKind.UPDATE, registry, name)

    return change.begin(lambda: pools.update(registry, name, changes), catch_up)


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
