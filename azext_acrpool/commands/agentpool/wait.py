"""`az acr agentpool wait`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...client.errors import OperationError, OperationFailedError, OperationTimeoutError
from ...client.operations.operation import OperationKind
from ...client.pool_conditions import PoolConditions, PoolWait, WaitLimits
from ...client.pools import USUAL_DURATIONS
from ...client.registries import RegistryId
from ...clock import Clock, Deadline
from ...pool import agentpool_command
from ..command import command
from ..console.errors import UsageError, explain, recommend_after_failure
from ..console.narrator import OperationProgress
from ..session import Session
from .operations import interruptible
from .options import PoolOptions

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import AgentPool

__all__ = ["WaitOptions", "wait_for_pool"]

# Seconds for the look with which a wait ends, and for the only one of a wait of no time.
_LAST_LOOK = 5.0


@dataclass(frozen=True, kw_only=True)
class WaitOptions(PoolOptions):
    """The command line of `wait`. `interval` and `timeout` are in seconds."""

    created: bool = False
    updated: bool = False
    deleted: bool = False
    exists: bool = False
    idle: bool = False
    custom: str | None = None
    interval: int | None = None
    timeout: int = 3600


@command(WaitOptions)
def wait_for_pool(session: Session, options: WaitOptions) -> None:
    """Return when the pool is as wanted; nothing is printed then."""
    conditions, limits = _read_conditions(options), _read_limits(options, session.clock)
    session = session.until(Deadline(session.clock, options.timeout + _LAST_LOOK))
    name, registry = options.agent_pool_name, _locate(session, options)
    progress = OperationProgress(session.narrator, f"Agent pool '{name}'", _describe(conditions))
    again = f"Wait again with: {_command(options, registry)}"
    try:
        with progress.following(), interruptible("Whatever is being done to the agent pool goes on.", again):
            PoolWait(session.arm, registry, name, conditions).wait(limits, session.clock, progress)
    except OperationError as error:
        raise explain(error, _recommend(error, registry, name, again)) from error


def _locate(session: Session, options: WaitOptions) -> RegistryId:
    try:
        return session.locate_registry(options)
    except OperationTimeoutError as error:
        raise explain(error, ["Give it more time with --timeout."]) from error


def _read_conditions(options: WaitOptions) -> PoolConditions:
    conditions = PoolConditions(
        created=options.created,
        updated=options.updated,
        deleted=options.deleted,
        exists=options.exists,
        idle=options.idle,
        custom=None if options.custom is None else _read_query(options.custom),
    )
    if conditions == PoolConditions():
        raise UsageError(
            "It is not said what to wait for.",
            "Give --created, --updated, --deleted, --exists, --idle or --custom JMESPATH; of several, one is enough.",
        )
    return conditions


def _read_query(text: str) -> Callable[[AgentPool], bool]:
    """Whether a JMESPath query finds anything in what `az acr agentpool show` prints."""
    import jmespath
    from azure.cli.core.util import todict
    from jmespath.exceptions import JMESPathError

    try:
        query = jmespath.compile(text)
    except JMESPathError as error:
        raise _unusable(error) from error

    def holds(pool: AgentPool) -> bool:
        try:
            return bool(query.search(todict(pool)))
        except JMESPathError as error:
            raise _unusable(error) from error

    return holds


def _unusable(error: Exception) -> UsageError:
    return UsageError(
        f"--custom cannot be used: {error}", "See what JMESPath looks like: https://jmespath.org/tutorial.html"
    )


def _read_limits(options: WaitOptions, clock: Clock) -> WaitLimits:
    if options.interval is not None and options.interval < 1:
        raise UsageError(f"--interval cannot be {options.interval}.", "Give a number of seconds, 1 or more.")
    if options.timeout < 0:
        raise UsageError(f"--timeout cannot be {options.timeout}.", "Give a number of seconds; 0 looks once.")
    return WaitLimits(options.interval, Deadline(clock, options.timeout))


def _describe(conditions: PoolConditions) -> str:
    """How long that usually takes if it is about one operation, else what is waited for."""
    if conditions == PoolConditions(created=True):
        return USUAL_DURATIONS[OperationKind.CREATE]
    if conditions == PoolConditions(updated=True):
        return USUAL_DURATIONS[OperationKind.UPDATE]
    if conditions == PoolConditions(deleted=True):
        return USUAL_DURATIONS[OperationKind.DELETE]
    return f"waiting until it is {conditions}"


def _recommend(error: OperationError, registry: RegistryId, pool: str, again: str) -> list[str]:
    if isinstance(error, OperationFailedError):
        return recommend_after_failure(registry, pool, error)
    return [again, f"See what may be in its way with: {agentpool_command(registry.name, pool, 'check-health')}"]


def _command(options: WaitOptions, registry: RegistryId) -> str:
    """This command line again, as far as it says what is waited for."""
    switches = ("created", "updated", "deleted", "exists", "idle")
    given = [f"--{name}" for name in switches if getattr(options, name)]
    given += ["--custom", options.custom] if options.custom else []
    return agentpool_command(registry.name, options.agent_pool_name, "wait", *given)
