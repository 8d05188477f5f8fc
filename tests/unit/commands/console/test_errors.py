"""How a command that fails ends: exit code, message, what to type next."""

from __future__ import annotations

import inspect
import logging

import pytest
from azure.cli.core import azclierror
from azure.core.exceptions import ServiceRequestError

from azext_acrpool.client import errors
from azext_acrpool.commands.console.errors import ExitCode, InterruptedCommandError, explain, fail_usage, reports_errors

CASES = [
    (errors.RegistryNotFoundError("r", "s"), azclierror.ResourceNotFoundError, 3, "az account set"),
    (errors.RegistryNotFoundError("r", "s", "g"), azclierror.ResourceNotFoundError, 3, "Without -g"),
    (errors.PoolNotFoundError("p", "r"), azclierror.ResourceNotFoundError, 3, "az acr agentpool list -r r"),
    (errors.NotFoundError("x"), azclierror.ResourceNotFoundError, 3, "az account show"),
    (errors.ForbiddenError("x"), azclierror.ForbiddenError, 1, "Container Registry Tasks Contributor"),
    (errors.UnauthorizedError("x"), azclierror.UnauthorizedError, 1, "az login"),
    (errors.ConflictError("x"), azclierror.AzureResponseError, 1, "Try again later"),
    (errors.ThrottledError("x"), azclierror.AzureResponseError, 1, "Try again"),
    (errors.ServiceFailureError("x"), azclierror.AzureInternalError, 1, "Try again"),
    (errors.ConnectionLostError("x"), azclierror.AzureConnectionError, 1, "proxy"),
    (errors.InvalidReplyError("x"), azclierror.AzureResponseError, 1, "proxy"),
    (errors.OperationFailedError("x"), azclierror.AzureResponseError, 1, None),
    (errors.OperationTimeoutError("x"), azclierror.AzureResponseError, 124, None),
    (errors.BadRequestError("x", code="TasksOperationsNotAllowed"), azclierror.BadRequestError, 1, "support"),
    (errors.AcrError("x"), azclierror.AzureResponseError, 1, None),
]


@pytest.mark.parametrize(("error", "kind", "code", "told"), CASES)
def test_every_error_has_a_class_a_code_and_a_way_on(
    error: errors.AcrError, kind: type[azclierror.AzCLIError], code: int, told: str | None
) -> None:
    explained, exit_code = explain(error)
    assert type(explained) is kind
    assert exit_code == code
    recommended = "\n".join(explained.recommendations)
    assert (told in recommended) if told else not recommended


def test_code_and_correlation_id_are_told() -> None:
    explained, _ = explain(errors.BadRequestError("Wrong.", code="InvalidInputValue", correlation_id="corr-1"))
    assert explained.error_msg == "(InvalidInputValue) Wrong."
    assert "corr-1" in explained.recommendations[-1]


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (errors.PoolNotFoundError("p", "r"), 3),
        (ServiceRequestError("refused"), 1),
        (azclierror.InvalidArgumentValueError("x"), 2),
        (azclierror.RequiredArgumentMissingError("x"), 2),
        (azclierror.MutuallyExclusiveArgumentError("x"), 2),
        (azclierror.ArgumentUsageError("x"), 2),
        (KeyboardInterrupt(), 130),
        (InterruptedCommandError("It goes on.", "az ..."), 130),
    ],
)
def test_what_a_command_raises_becomes_its_exit_code(
    raised: BaseException, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    @reports_errors
    def command() -> None:
        raise raised

    with pytest.raises(SystemExit) as ended:
        command()
    assert ended.value.code == code
    # az's own data collection logs it a second time.
    printed = [record for record in caplog.records if record.name == "cli.azure.cli.core.azclierror"]
    assert len([record for record in printed if record.levelno == logging.ERROR]) == 1


@pytest.mark.parametrize("raised", [azclierror.AuthenticationError("x"), azclierror.ValidationError("x"), ValueError()])
def test_what_is_not_ours_is_left_to_az(raised: Exception) -> None:
    @reports_errors
    def command() -> None:
        raise raised

    with pytest.raises(type(raised)):
        command()


def test_success_is_passed_through_and_the_signature_stays_readable_for_az() -> None:
    @reports_errors
    def command(cmd: object, registry_name: str, count: int = 1) -> int:
        return count

    assert command(None, "r", count=2) == 2
    assert list(inspect.signature(command).parameters) == ["cmd", "registry_name", "count"]


def test_usage_error(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        fail_usage("Wrong.", "Do this.")
    assert ended.value.code == ExitCode.USAGE
    assert "Wrong." in caplog.text
    assert capsys.readouterr() == ("", "Do this.\n")
