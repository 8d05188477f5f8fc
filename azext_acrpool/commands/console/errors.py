"""How a command ends: exit codes, and az's error classes for what went wrong below.

az itself exits with 1 for nearly every error. A script needs to tell them apart, so a command that fails prints az's
error, recommendations and all, and then exits by itself.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import NoReturn, ParamSpec, TypeVar

from azure.cli.core import azclierror

from ...client import errors as client
from ...client.tasks import TaskNotFoundError
from ..runs.request import OptionError

__all__ = ["ExitCode", "InterruptedCommandError", "explain", "fail", "fail_usage", "reports_errors"]

P = ParamSpec("P")
R = TypeVar("R")


class ExitCode(IntEnum):
    """What a command's exit code tells a script."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    RUN_CANCELED = 4
    TIMED_OUT = 124
    INTERRUPTED = 130


class InterruptedCommandError(KeyboardInterrupt):
    """Ctrl-C, with what goes on at the service nevertheless and what to type about it."""

    def __init__(self, message: str, recommendation: str) -> None:
        super().__init__(message)
        self.message = message
        self.recommendation = recommendation


def fail(error: azclierror.AzCLIError, exit_code: ExitCode) -> NoReturn:
    """Print `error` as az does and end the process with `exit_code`."""
    error.print_error()
    error.send_telemetry()
    raise SystemExit(int(exit_code))


def fail_usage(message: str, recommendation: str = "") -> NoReturn:
    """End the process because of what the user typed."""
    fail(azclierror.InvalidArgumentValueError(message, recommendation or None), ExitCode.USAGE)


_USAGE_ERRORS = (
    azclierror.ArgumentUsageError,
    azclierror.InvalidArgumentValueError,
    azclierror.MutuallyExclusiveArgumentError,
    azclierror.RequiredArgumentMissingError,
    azclierror.UnrecognizedArgumentError,
)


def reports_errors(function: Callable[P, R]) -> Callable[P, R]:
    """Wrap a command: what it raises becomes an error message with what to type next, and an exit code."""

    @functools.wraps(function)
    def command(*args: P.args, **kwargs: P.kwargs) -> R:
        # Imported by now: whatever talks to Azure has done so.
        from azure.core.exceptions import AzureError

        try:
            return function(*args, **kwargs)
        except client.AcrError as error:
            fail(*explain(error))
        except AzureError as error:
            fail(*explain(client.translate(error)))
        except _USAGE_ERRORS as error:
            fail(error, ExitCode.USAGE)
        except OptionError as error:
            fail_usage(str(error))
        except InterruptedCommandError as error:
            fail(azclierror.ManualInterrupt(error.message, error.recommendation), ExitCode.INTERRUPTED)
        except KeyboardInterrupt:
            fail(azclierror.ManualInterrupt("Interrupted."), ExitCode.INTERRUPTED)

    return command


_PERMISSIONS = (
    "Agent pools, builds and tasks need the role 'Container Registry Tasks Contributor' on the registry."
    " See who has which with: az role assignment list --include-inherited --scope REGISTRY_ID -o table"
)

# Most specific first: class of the client's error, class of az's, what to type next.
_EXPLANATIONS: tuple[tuple[type[client.AcrError], type[azclierror.AzCLIError], str], ...] = (
    (client.UnauthorizedError, azclierror.UnauthorizedError, "Log in again with: az login"),
    (client.ForbiddenError, azclierror.ForbiddenError, _PERMISSIONS),
    (client.NotFoundError, azclierror.ResourceNotFoundError, "Check the name, the resource group and: az account show"),
    (client.ConflictError, azclierror.AzureResponseError, "Something else is being done to it. Try again later."),
    (client.ThrottledError, azclierror.AzureResponseError, "Too many requests at once. Try again in a minute."),
    (client.ConnectionLostError, azclierror.AzureConnectionError, "Check the network and any proxy, then try again."),
    (client.InvalidReplyError, azclierror.AzureResponseError, "A proxy may have answered. Check it, then try again."),
    (client.ServiceFailureError, azclierror.AzureInternalError, "Try again. If it goes on: https://status.azure.com"),
    (client.OperationError, azclierror.AzureResponseError, ""),
    (client.BadRequestError, azclierror.BadRequestError, ""),
    (client.AcrError, azclierror.AzureResponseError, ""),
)

_SUPPORT_REQUEST = "Ask for it with a support request: https://aka.ms/acr/support/create-ticket"

# What the service calls it.
_BY_CODE = {
    "TasksOperationsNotAllowed": _SUPPORT_REQUEST,
    "LocationNotAvailableForResourceType": "Use a registry in a region that offers agent pools.",
    "RegistryStatusConflict": "A pool in state Failed cannot be changed: delete it, then create it again.",
}


def explain(error: client.AcrError, recommendations: Sequence[str] = ()) -> tuple[azclierror.AzCLIError, ExitCode]:
    """az's error for one of the client's, and the exit code of a command that ends with it.

    `recommendations` say what to type next; without them, what generally helps is said.
    """
    kind, recommendation = next((az, text) for ours, az, text in _EXPLANATIONS if isinstance(error, ours))
    message = f"({error.code}) {error.message}" if error.code and error.code not in error.message else error.message
    advice = list(recommendations) or _recommend(error) or [_BY_CODE.get(error.code) or recommendation]
    if error.correlation_id:
        advice.append(f"Correlation ID, for a support request: {error.correlation_id}")
    explained = kind(message, [text for text in advice if text])
    if isinstance(error, client.NotFoundError):
        return explained, ExitCode.NOT_FOUND
    if isinstance(error, client.OperationTimeoutError):
        return explained, ExitCode.TIMED_OUT
    return explained, ExitCode.FAILED


def _recommend(error: client.AcrError) -> list[str]:
    if isinstance(error, client.RegistryNotFoundError):
        switch = "Is it in another subscription? List yours with `az account list -o table`, choose one with"
        group = "Is the resource group right? Without -g the registry is looked for in the whole subscription."
        return [
            *([group] if error.resource_group else []),
            "List the registries of this subscription with: az acr list -o table",
            f"{switch} `az account set -s SUBSCRIPTION` or --subscription.",
        ]
    if isinstance(error, TaskNotFoundError):
        return [f"List the registry's tasks with: az acr task list -r {error.registry} -o table"]
    if isinstance(error, client.PoolNotFoundError):
        return [f"List the registry's agent pools with: az acr agentpool list -r {error.registry} -o table"]
    return []
