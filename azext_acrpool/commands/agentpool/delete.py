"""`az acr agentpool delete`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from azure.cli.core import azclierror

from ...client.active_runs import PoolUsers, find_pool_users
from ...client.errors import AcrError
from ...client.operations.operation import Operation, OperationKind
from ...client.pools import AgentPools, read_pool
from ...client.registries import RegistryId
from ...wording import listed
from ..command import command
from ..console.errors import CommandError
from ..session import Session
from .operations import PoolChange
from .options import PoolOptions

__all__ = ["DeleteOptions", "delete_pool"]


@dataclass(frozen=True, kw_only=True)
class DeleteOptions(PoolOptions):
    """The command line of `delete`."""

    no_wait: bool = False
    yes: bool = False


@command(DeleteOptions)
def delete_pool(session: Session, options: DeleteOptions) -> str | None:
    """Delete a pool; it is gone when this returns, unless `no_wait`."""
    registry, name = session.locate_registry(options), options.agent_pool_name
    if not options.yes:
        _tell_users(session, registry, name)
        if not session.user.confirm(f"Delete agent pool '{name}' of registry '{registry.name}'?"):
            raise CommandError(azclierror.UnclassifiedUserFault("Nothing was deleted."))
    change = PoolChange(session, OperationKind.DELETE, registry, name)
    deletion = change.begin(lambda: _delete(session, registry, name), lambda: _find_deletion(session, registry, name))
    if deletion.is_needless:
        session.narrator.say(f"Registry '{registry.name}' has no agent pool '{name}': nothing is left to delete.")
        return None
    if deletion.operation is not None and options.no_wait:
        change.tell_begun()
        return None
    if deletion.operation is not None:
        change.follow(deletion.operation)
    # az's own command prints this as its result.
    return f"Agent '{name}' was successfully deleted"


@dataclass(frozen=True)
class _Deletion:
    """A deletion that has begun; without an `operation` it is over. `is_needless`: there was nothing to delete."""

    operation: Operation[None] | None = None
    is_needless: bool = False


def _delete(session: Session, registry: RegistryId, name: str) -> _Deletion:
    operation = AgentPools(session.arm).delete(registry, name)
    return _Deletion(operation, is_needless=operation is None)


def _find_deletion(session: Session, registry: RegistryId, name: str) -> _Deletion | None:
    """What has come of a request to delete whose reply was lost; None if the pool shows no sign of it."""
    pools = AgentPools(session.arm)
    found = pools.find(registry, name)
    if found is None:
        return _Deletion()
    is_going = read_pool(found, registry.name).is_being_deleted
    return _Deletion(pools.follow_deletion(registry, name)) if is_going else None


def _tell_users(session: Session, registry: RegistryId, pool: str) -> None:
    try:
        users = find_pool_users(session.arm, registry, pool, session.clock)
    except AcrError as error:
        session.narrator.say(f"Could not find out who uses agent pool '{pool}': {error.message}")
        return
    for line in _describe_users(users, pool):
        session.narrator.say(line)


def _describe_users(users: PoolUsers, pool: str) -> Iterator[str]:
    if users.tasks:
        yield f"Tasks that run on agent pool '{pool}' and will not any more: {listed(users.tasks)}"
    if users.active_runs:
        yield f"Runs that are queued or running on agent pool '{pool}' now: {listed(users.active_runs)}"
