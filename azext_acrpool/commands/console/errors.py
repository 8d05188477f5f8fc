"""How a command ends that cannot do what it was asked to: exit codes, and az's error classes for what went wrong below.

az itself exits with 1 for nearly every error. A script needs to tell them apart, so an error of ours carries an exit
code. It is raised wherever it is found, and shown in one place: where the command is called (`commands.command`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import IntEnum

from azure.cli.core import azclierror

from ...client import errors as client
from ...client.registries import RegistryId
from ...pool import agentpool_command
from ...wording import az_command, harmless, printable

__all__ = [
    "CommandError",
    "ExitCode",
    "InterruptedCommandError",
    "UsageError",
    "as_command_error",
    "change_in_doubt",
    "explain",
    "interrupted_at_end",
    "list_pools",
    "make_presentable",
    "pool_failure_explained",
    "recommend_after_failure",
    "recommend_for_registry",
]


class ExitCode(IntEnum):
    """What a command's exit code tells a script."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    RUN_CANCELED = 4
    TIMED_OUT = 124
    INTERRUPTED = 130


class CommandError(Exception):
    """Ends the command: `error` is what az prints, message and recommendations, `exit_code` what a script gets.

    `result` is the command's result all the same, None if there is none: what it was about, as it is now.
    """

    def __init__(
        self, error: azclierror.AzCLIError, exit_code: ExitCode = ExitCode.FAILED, *, result: object = None
    ) -> None:
        super().__init__(error.error_msg)
        self.error = error
        self.exit_code = exit_code
        self.result = result


class UsageError(CommandError):
    """What the user typed cannot be used: the value of an option, or several that contradict each other."""

    def __init__(self, message: str, *recommendations: str) -> None:
        super().__init__(azclierror.InvalidArgumentValueError(message, list(recommendations)), ExitCode.USAGE)


class InterruptedCommandError(KeyboardInterrupt):
    """A request to stop, with what goes on at the service nevertheless and what to type about it.

    `result` is that of the CommandError that it becomes.
    """

    def __init__(self, message: str, recommendation: str, *, result: object = None) -> None:
        super().__init__(message)
        self.message = message
        self.recommendation = recommendation
        self.result = result


@contextmanager
def change_in_doubt(what: str, see: str) -> Iterator[None]:
    """While inside, a request to stop says that `what` may have been changed, and how to `see` it.

    Raises InterruptedCommandError.
    """
    try:
        yield
    except InterruptedCommandError:
        raise
    except KeyboardInterrupt:
        raise InterruptedCommandError(f"Interrupted. {what} may have been changed.", see) from None


def interrupted_at_end() -> InterruptedCommandError:
    """A request to stop that came when there was nothing left to stop: the command had done what it does."""
    return InterruptedCommandError(
        "Interrupted when the command had already ended.", "Look at what it has done before you repeat it."
    )


def as_command_error(error: BaseException) -> CommandError | None:
    """How a command ends that raised `error`; None for what is not about the command, and left to az.

    An OSError is about the command if it names a file: then the system refuses something that the user can mend.
    """
    from azure.core.exceptions import AzureError

    if isinstance(error, CommandError):
        return error
    if isinstance(error, client.AcrError):
        return explain(error)
    if isinstance(error, AzureError):
        return explain(client.translate(error))
    if isinstance(error, KeyboardInterrupt):
        return _interrupted(error)
    if isinstance(error, OSError) and error.filename is not None:
        refused = f"'{printable(str(error.filename))}' cannot be used: {error.strerror}."
        return CommandError(azclierror.FileOperationError(refused))
    return None


def _interrupted(error: KeyboardInterrupt) -> CommandError:
    if not isinstance(error, InterruptedCommandError):
        return CommandError(azclierror.ManualInterrupt("Interrupted."), ExitCode.INTERRUPTED)
    told = azclierror.ManualInterrupt(error.message, error.recommendation)
    return CommandError(told, ExitCode.INTERRUPTED, result=error.result)


def make_presentable(error: azclierror.AzCLIError, hide: Callable[[str], str]) -> None:
    """Let az print of `error` what nobody's terminal obeys and nobody's secret is: `hide` takes secrets out.

    az also writes the message into log files and sends it as telemetry.
    """

    def presentable(text: object) -> str:
        return harmless(hide(str(text)))

    error.error_msg = presentable(error.error_msg)
    error.recommendations = [presentable(text) for text in error.recommendations]


_PERMISSIONS = (
    "Agent pools, builds and tasks need the role 'Container Registry Tasks Contributor' on the registry."
    " See who has which with: az role assignment list --include-inherited --scope {} -o table"
)
# How ARM names what somebody may not do something with; of what is below a registry, the registry has the roles.
_REFUSED_SCOPE = re.compile(r"over scope '(/subscriptions/[^'\s]+?/registries/[^'/\s]+)[^'\s]*'", re.IGNORECASE)

_FOREIGN_HOST = (
    "A proxy or a name server may have answered in Azure's place, or az may be set up for another cloud."
    " See where it is set up to go with: az cloud show"
)

# Most specific first: class of the client's error, class of az's, what to type next.
_EXPLANATIONS: tuple[tuple[type[client.AcrError], type[azclierror.AzCLIError], str], ...] = (
    (client.UnauthorizedError, azclierror.UnauthorizedError, "Log in again with: az login"),
    (client.ForbiddenError, azclierror.ForbiddenError, _PERMISSIONS.format("REGISTRY_ID")),
    (client.NotFoundError, azclierror.ResourceNotFoundError, "Check the name, the resource group and: az account show"),
    (client.ConflictError, azclierror.AzureResponseError, "Something else is being done to it. Try again later."),
    (client.ThrottledError, azclierror.AzureResponseError, "Too many requests at once. Try again in a minute."),
    (client.ConnectionLostError, azclierror.AzureConnectionError, "Check the network and any proxy, then try again."),
    (client.InvalidReplyError, azclierror.AzureResponseError, "A proxy may have answered. Check it, then try again."),
    (client.ServiceFailureError, azclierror.AzureInternalError, "Try again. If it goes on: https://status.azure.com"),
    (client.ForeignHostError, azclierror.AzureResponseError, _FOREIGN_HOST),
    (client.OperationError, azclierror.AzureResponseError, ""),
    (client.BadRequestError, azclierror.BadRequestError, "Check what was typed: the command's --help says what fits."),
    (client.AcrError, azclierror.AzureResponseError, ""),
)

_SUPPORT_REQUEST = "Ask for it with a support request: https://aka.ms/acr/support/create-ticket"

# What the service calls it.
_BY_CODE = {
    "TasksOperationsNotAllowed": _SUPPORT_REQUEST,
    "QuotaExceeded": "Ask for fewer instances or a smaller tier, or have the registry's quota raised.",
    "LocationNotAvailableForResourceType": "Use a registry in a region that offers agent pools.",
}


def explain(error: client.AcrError, recommendations: Sequence[str] = ()) -> CommandError:
    """How a command ends that one of the client's errors ended.

    `recommendations` say what to type next; without them, what generally helps is said.
    """
    kind, recommendation = next((az, text) for ours, az, text in _EXPLANATIONS if isinstance(error, ours))
    message = f"({error.code}) {error.message}" if error.code and error.code not in error.message else error.message
    advice = list(recommendations) or _recommend(error) or [_BY_CODE.get(error.code) or recommendation]
    if error.correlation_id:
        advice.append(f"Correlation ID, for a support request: {error.correlation_id}")
    return CommandError(kind(message, [text for text in advice if text]), _exit_code(error))


def _exit_code(error: client.AcrError) -> ExitCode:
    if isinstance(error, client.NotFoundError):
        return ExitCode.NOT_FOUND
    return ExitCode.TIMED_OUT if isinstance(error, client.OperationTimeoutError) else ExitCode.FAILED


def recommend_after_failure(
    registry: RegistryId, pool: str, error: client.OperationFailedError, count: int | None = None
) -> list[str]:
    """What to type about a pool whose change ended badly; a pool whose change was broken off can be changed again.

    `count` is how many instances it was to have, None if that is not known.
    """
    record = (
        ("--correlation-id", error.correlation_id)
        if error.correlation_id
        else ("--resource-id", f"{registry.path}/agentPools/{pool}")
    )
    check, delete = (agentpool_command(registry.name, pool, verb) for verb in ("check-health", "delete"))
    if error.code != "Canceled":
        mend = f"A Failed pool cannot be changed: delete it with `{delete}` and create it again."
    elif count is None:
        show = agentpool_command(registry.name, pool, "show")
        mend = f"What was broken off can be asked for again. See what the pool has with: {show}"
    else:
        again = agentpool_command(registry.name, pool, "update", "--count", str(count))
        mend = f"Repeat what was broken off with: {again}"
    return [
        f"See what may be in its way with: {check}",
        mend,
        f"See Azure's record of the operation with: {az_command('monitor activity-log list', *record)}",
    ]


@contextmanager
def pool_failure_explained(registry: RegistryId, pool: str, count: int) -> Iterator[None]:
    """Say what to type if a change of a pool to `count` instances ends badly inside, or is lost from sight."""
    try:
        yield
    except client.OperationFailedError as error:
        raise explain(error, recommend_after_failure(registry, pool, error, count)) from error
    except client.OperationError as error:
        wait = agentpool_command(registry.name, pool, "wait", "--updated")
        raise explain(error, [f"Wait for its end with: {wait}"]) from error


def _recommend(error: client.AcrError) -> list[str]:
    if isinstance(error, client.RegistryNotFoundError):
        return recommend_for_registry(error)
    if isinstance(error, client.ForbiddenError) and (scope := _REFUSED_SCOPE.search(error.message)):
        return [_PERMISSIONS.format(scope[1])]
    if isinstance(error, client.ChangeUnconfirmedError) and error.task:
        return [f"See whether it was with: {az_command('acr task show', '-r', error.registry, '-n', error.task)}"]
    return _list_others(error)


def _list_others(error: client.AcrError) -> list[str]:
    """How to see what there is, for an error that says what is not there."""
    if isinstance(error, client.TaskNotFoundError):
        return [f"List the registry's tasks with: {az_command('acr task list', '-r', error.registry, '-o', 'table')}"]
    if isinstance(error, client.RunNotFoundError):
        return [f"List the newest runs with: {az_command('acr task list-runs', '-r', error.registry, '-o', 'table')}"]
    if isinstance(error, client.TaskRunNotFoundError):
        return [f"List the task runs with: {az_command('acr taskrun list', '-r', error.registry, '-o', 'table')}"]
    if isinstance(error, client.PoolNotFoundError):
        return [list_pools(error.registry)]
    return []


def recommend_for_registry(error: client.RegistryNotFoundError) -> list[str]:
    """What to type about a registry that is not found where it was looked for."""
    switch = "Is it in another subscription? List yours with `az account list -o table`, choose one with"
    there = "List the registries of this subscription with: az acr list -o table"
    return [
        *([] if error.missing == "subscription" else [there]),
        f"{switch} `az account set -s SUBSCRIPTION` or --subscription.",
    ]


def list_pools(registry: str) -> str:
    """How to see which agent pools there are."""
    return f"List the registry's agent pools with: {az_command('acr agentpool list', '-r', registry, '-o', 'table')}"
