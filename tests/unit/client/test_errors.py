"""From replies and azure-core's exceptions to the errors that callers catch; nothing secret in them."""

from __future__ import annotations

import json
import re

import pytest
from azure.core import exceptions as core

from azext_acrpool.client import errors
from azext_acrpool.client.errors import AcrError, error_from_response, translate


def test_the_tree_in_the_docstring_is_that_of_the_classes() -> None:
    drawn: dict[str, str] = {}
    above: list[str] = []
    for indent, name in re.findall(r"^    ([│├└─ ]*)(\w+Error)\b", errors.__doc__ or "", re.MULTILINE):
        depth = len(indent) // 4
        drawn[name] = above[depth - 1] if depth else "Exception"
        above[depth:] = [name]
    classes = [found for found in vars(errors).values() if isinstance(found, type) and issubclass(found, AcrError)]
    assert drawn == {found.__name__: found.__bases__[0].__name__ for found in classes}


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.BadRequestError),
        (401, errors.UnauthorizedError),
        (403, errors.ForbiddenError),
        (404, errors.NotFoundError),
        (408, errors.ServiceFailureError),
        (409, errors.ConflictError),
        (412, errors.ConflictError),
        (422, errors.BadRequestError),
        (429, errors.ThrottledError),
        (500, errors.ServiceFailureError),
        (503, errors.ServiceFailureError),
    ],
)
def test_status_decides_the_class(status: int, kind: type[AcrError]) -> None:
    assert type(error_from_response(status, {}, "")) is kind


def test_envelope_is_read() -> None:
    body = {
        "error": {
            "code": "InvalidInputValue",
            "message": "Some properties are invalid.",
            "details": [{"message": "The supported values are (2)"}, {"message": "Some properties are invalid."}],
        }
    }
    headers = {"X-Ms-Correlation-Request-Id": "abc", "Retry-After": "7"}
    error = error_from_response(400, headers, json.dumps(body))
    assert error.message == "Some properties are invalid.\nThe supported values are (2)"
    assert (error.code, error.status, error.correlation_id, error.retry_after) == ("InvalidInputValue", 400, "abc", 7)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"code": "X", "message": "without an envelope"}', "without an envelope"),
        ('{"error": "just text"}', "just text"),
        ("plain text", "plain text"),
        ("<html>a proxy's page</html>", "The service answered with HTTP status 502 and gave no reason."),
        ("[]", "The service answered with HTTP status 502 and gave no reason."),
        ("", "The service answered with HTTP status 502 and gave no reason."),
        ('{"error": {"message": "see https://x.blob/a?sv=1&sig=s%3D now"}}', "see https://x.blob/a now"),
    ],
)
def test_message_of_odd_bodies(text: str, message: str) -> None:
    assert error_from_response(502, {}, text).message == message


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (core.ServiceRequestError("refused"), errors.ConnectionLostError),
        (core.ServiceRequestTimeoutError("slow"), errors.ConnectionLostError),
        (core.ServiceResponseError("reset"), errors.ConnectionLostError),
        (core.IncompleteReadError("cut"), errors.ConnectionLostError),
        (core.ClientAuthenticationError("no token"), errors.UnauthorizedError),
        (core.DecodeError("not JSON"), errors.InvalidReplyError),
        (core.AzureError("something"), AcrError),
    ],
)
def test_azure_core_errors_without_a_reply(raised: Exception, kind: type[AcrError]) -> None:
    assert type(translate(raised)) is kind


def test_own_errors_pass() -> None:
    error = errors.PoolNotFoundError("p", "r")
    assert translate(error) is error


def test_lost_connection_does_not_show_the_signature() -> None:
    raised = core.ServiceRequestError("Max retries exceeded with url: /c/b?sig=SECRET (Caused by x)")
    assert translate(raised).message == "Max retries exceeded with url: /c/b (Caused by x)"
