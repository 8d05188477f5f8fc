"""How a command that fails ends: exit code, message, what to type next."""

from __future__ import annotations

import pytest
from azure.cli.core import azclierror
from azure.core.exceptions import ServiceRequestError

from azext_acrpool.client import errors
from azext_acrpool.client.errors import RunNotFoundError, TaskNotFoundError, TaskRunNotFoundError
from azext_acrpool.client.registries import RegistryId
from azext_acrpool.commands.console.errors import (
    CommandError,
    ExitCode,
    InterruptedCommandError,
    UsageError,
    as_command_error,
    explain,
    recommend_after_failure,
)

REGISTRIES = "List the registries of this subscription with: az acr list -o table"
SUBSCRIPTIONS = (
    "Is it in another subscription? List yours with `az account list -o table`, choose one with"
    " `az account set -s SUBSCRIPTION` or --subscription."
)
POOLS = "List the registry's agent pools with: az acr agentpool list -r r -o table"
TASKS = "List the registry's tasks with: az acr task list -r r -o table"
RUNS = "List the newest runs with: az acr task list-runs -r r -o table"
ROLE = (
    "Agent pools, builds and tasks need the role 'Container Registry Tasks Contributor' on the registry. See who has"
    " which with: az role assignment list --include-inherited --scope REGISTRY_ID -o table"
)
FOREIGN = (
    "A proxy or a name server may have answered in Azure's place, or az may be set up for another cloud."
    " See where it is set up to go with: az cloud show"
)
PROXY = "A proxy may have answered. Check it, then try again."
QUOTA = "Ask for fewer instances or a smaller tier, or have the registry's quota raised."
SUPPORT = "Ask for it with a support request: https://aka.ms/acr/support/create-ticket"
STATUS = "Try again. If it goes on: https://status.azure.com"
BUSY = "Something else is being done to it. Try again later."

CASES: list[tuple[errors.AcrError, type[azclierror.AzCLIError], int, list[str]]] = [
    (errors.RegistryNotFoundError("r", "s"), azclierror.ResourceNotFoundError, 3, [REGISTRIES, SUBSCRIPTIONS]),
    (
        errors.RegistryNotFoundError("r", "s", missing="subscription"),
        azclierror.ResourceNotFoundError,
        3,
        [SUBSCRIPTIONS],
    ),
    (errors.PoolNotFoundError("p", "r"), azclierror.ResourceNotFoundError, 3, [POOLS]),
    (TaskNotFoundError("t", "r"), azclierror.ResourceNotFoundError, 3, [TASKS]),
    (RunNotFoundError("cf1", "r"), azclierror.ResourceNotFoundError, 3, [RUNS]),
    (
        TaskRunNotFoundError("t", "r"),
        azclierror.ResourceNotFoundError,
        3,
        ["List the task runs with: az acr taskrun list -r r -o table"],
    ),
    (
        errors.NotFoundError("x"),
        azclierror.ResourceNotFoundError,
        3,
        ["Check the name, the resource group and: az account show"],
    ),
    (errors.ForbiddenError("x"), azclierror.ForbiddenError, 1, [ROLE]),
    (
        errors.ForbiddenError(
            "You may not perform action 'Microsoft.ContainerRegistry/registries/agentPools/write' over scope"
            " '/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/r/agentPools/p' or"
            " the scope is invalid."
        ),
        azclierror.ForbiddenError,
        1,
        [
            ROLE.replace(
                "REGISTRY_ID", "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/r"
            )
        ],
    ),
    (errors.UnauthorizedError("x"), azclierror.UnauthorizedError, 1, ["Log in again with: az login"]),
    (errors.ConflictError("x"), azclierror.AzureResponseError, 1, [BUSY]),
    (
        errors.ThrottledError("x"),
        azclierror.AzureResponseError,
        1,
        ["Too many requests at once. Try again in a minute."],
    ),
    (errors.ServiceFailureError("x"), azclierror.AzureInternalError, 1, [STATUS]),
    (
        errors.ConnectionLostError("x"),
        azclierror.AzureConnectionError,
        1,
        ["Check the network and any proxy, then try again."],
    ),
    (errors.InvalidReplyError("x"), azclierror.AzureResponseError, 1, [PROXY]),
    (errors.ForeignHostError("x", "which is not ours"), azclierror.AzureResponseError, 1, [FOREIGN]),
    (errors.OperationFailedError("x"), azclierror.AzureResponseError, 1, []),
    (errors.OperationTimeoutError("x"), azclierror.AzureResponseError, 124, []),
    (errors.BadRequestError("x", code="TasksOperationsNotAllowed"), azclierror.BadRequestError, 1, [SUPPORT]),
    (errors.BadRequestError("x", code="QuotaExceeded"), azclierror.BadRequestError, 1, [QUOTA]),
    (errors.AcrError("x"), azclierror.AzureResponseError, 1, []),
]


@pytest.mark.parametrize(("error", "kind", "code", "recommended"), CASES)
def test_every_error_has_a_class_a_code_and_a_way_on(
    error: errors.AcrError, kind: type[azclierror.AzCLIError], code: int, recommended: list[str]
) -> None:
    ending = explain(error)
    assert type(ending.error) is kind
    assert (ending.exit_code, ending.error.recommendations) == (code, recommended)


def test_what_is_recommended_for_the_case_comes_instead_of_what_generally_helps() -> None:
    ending = explain(errors.ConflictError("x", correlation_id="corr-1"), ["Do this."])
    assert ending.error.recommendations == ["Do this.", "Correlation ID, for a support request: corr-1"]


@pytest.mark.parametrize(
    ("count", "mend"),
    [
        (0, "Repeat what was broken off with: az acr agentpool update -r r -n p --count 0"),
        (
            None,
            "What was broken off can be asked for again. See what the pool has with: az acr agentpool show -r r -n p",
        ),
    ],
)
def test_a_change_that_was_broken_off_is_repeated_as_it_was(count: int | None, mend: str) -> None:
    error = errors.OperationFailedError("x", code="Canceled")
    assert recommend_after_failure(RegistryId("s", "g", "r"), "p", error, count)[1] == mend


def test_code_and_correlation_id_are_told() -> None:
    ending = explain(errors.BadRequestError("Wrong.", code="InvalidInputValue", correlation_id="corr-1"))
    assert ending.error.error_msg == "(InvalidInputValue) Wrong."
    assert ending.error.recommendations == [
        "Check what was typed: the command's --help says what fits.",
        "Correlation ID, for a support request: corr-1",
    ]


@pytest.mark.parametrize(
    ("raised", "kind", "code"),
    [
        (errors.PoolNotFoundError("p", "r"), azclierror.ResourceNotFoundError, 3),
        (ServiceRequestError("refused"), azclierror.AzureConnectionError, 1),
        (UsageError("x"), azclierror.InvalidArgumentValueError, 2),
        *(
            (CommandError(kind("x"), ExitCode.USAGE), kind, 2)
            for kind in (
                azclierror.RequiredArgumentMissingError,
                azclierror.MutuallyExclusiveArgumentError,
                azclierror.ArgumentUsageError,
            )
        ),
        (CommandError(azclierror.ValidationError("x")), azclierror.ValidationError, 1),
        (KeyboardInterrupt(), azclierror.ManualInterrupt, 130),
        (InterruptedCommandError("It goes on.", "az ..."), azclierror.ManualInterrupt, 130),
    ],
)
def test_what_a_command_raises_becomes_az_error_and_its_exit_code(
    raised: BaseException, kind: type[azclierror.AzCLIError], code: int
) -> None:
    ending = as_command_error(raised)
    assert ending is not None
    assert (type(ending.error), ending.exit_code) == (kind, code)


@pytest.mark.parametrize(
    "raised",
    [
        azclierror.AuthenticationError("x"),
        azclierror.ValidationError("x"),
        azclierror.InvalidArgumentValueError("x"),
        ValueError(),
        SystemExit(7),
    ],
)
def test_what_is_not_ours_is_left_to_az(raised: BaseException) -> None:
    assert as_command_error(raised) is None


def test_usage_error() -> None:
    ending = UsageError("Wrong.", "Do this.")
    assert (ending.error.error_msg, ending.error.recommendations) == ("Wrong.", ["Do this."])
    assert ending.exit_code == ExitCode.USAGE


@pytest.mark.parametrize(
    ("raised", "message", "recommended"),
    [
        (KeyboardInterrupt(), "Interrupted.", []),
        (InterruptedCommandError("It goes on.", "az ..."), "It goes on.", ["az ..."]),
    ],
)
def test_an_interruption_says_what_goes_on(raised: KeyboardInterrupt, message: str, recommended: list[str]) -> None:
    ending = as_command_error(raised)
    assert ending is not None
    assert (ending.error.error_msg, ending.error.recommendations) == (message, recommended)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (PermissionError(13, "Permission denied", "a\x1bb"), "'a\\x1bb' cannot be used: Permission denied."),
        (OSError(28, "No space left on device"), None),
    ],
)
def test_the_system_refuses_a_file(error: OSError, message: str | None) -> None:
    ending = as_command_error(error)
    assert (ending and (str(ending), ending.exit_code)) == (message and (message, ExitCode.FAILED))
