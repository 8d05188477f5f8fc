"""`az acr agentpool wait`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ...client.errors import OperationError, OperationFailedError, OperationTimeoutError, PoolNotFoundError
from ...client.operations.operation import OperationKind
from ...client.pool_conditions import PoolConditions, PoolWait, WaitLimits
from ...client.pools import USUAL_DURATIONS
from ...client.registries import RegistryId
from ...clock import Clock, Deadline
from ...pool import agentpool_command
from ..command import command
from ..console.errors import UsageError, explain, list_pools, recommend_after_failure
from ..console.narrator import OperationProgress
from ..console.values import require_number, require_text
from ..session import Session
from .operations import interruptible
from .options import PoolOptions

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import AgentPool

__all__ = ["WaitOptions", "wait_for_pool"]

# Seconds for the look with which a wait ends, and for the only one of a wait of no time.
_LAST_LOOK: Final = 5.0
# Seconds. Not every system can sleep for longer than some weeks, and nobody looks less often than once a day.
_LONGEST_INTERVAL: Final = 24 * 3600


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
    except PoolNotFoundError as error:
        raise explain(error, [list_pools(registry.name), f"Once it is asked for, w{again[1:]}"]) from error


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

    require_text("--custom", text)
    with _query_errors():
        query: Any = jmespath.compile(text)

    def holds(pool: AgentPool) -> bool:
        with _query_errors():
            return bool(query.search(todict(pool)))

    return holds


@contextmanager
def _query_errors() -> Iterator[None]:
    """What JMESPath makes of a query that cannot be used, in itself or with what it is asked about, is a UsageError.

    Beside its own errors, some of Python's: nested too deeply, arithmetic with what is no number, numbers of thousands
    of digits.
    """
    from jmespath.exceptions import JMESPathError

    try:
        yield
    except RecursionError:
        raise _unusable("it is nested too deeply.") from None
    except (JMESPathError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise _unusable(str(error)) from error


def _unusable(why: str) -> UsageError:
    return UsageError(
        f"--custom cannot be used: {why}", "See what JMESPath looks like: https://jmespath.org/tutorial.html"
    )


def _read_limits(options: WaitOptions, clock: Clock) -> WaitLimits:
    require_number("--interval", options.interval, least=1, most=_LONGEST_INTERVAL, unit="seconds")
    require_number("--timeout", options.timeout, least=0, unit="seconds")
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
