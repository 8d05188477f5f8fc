"""From replies and azure-core's exceptions to the errors that callers catch; nothing secret in them."""

from __future__ import annotations

import json
import re

import pytest
import requests
import urllib3
from azure.core import exceptions as core
from hypothesis import given
from hypothesis import strategies as st

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
        (404, errors.ServiceFailureError),
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


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('{"error": {"code": "ResourceNotFound", "message": "no"}}', errors.NotFoundError),
        ('{"error": {"code": "ResourceNotFound"}}', errors.NotFoundError),
        ('{"error": {"message": "no"}}', errors.ServiceFailureError),
        ('{"error": {"code": "", "message": "no"}}', errors.ServiceFailureError),
        ('{"error": {"code": 404, "message": "no"}}', errors.ServiceFailureError),
        ('{"error": "Not Found"}', errors.ServiceFailureError),
        ('{"error": ["code"]}', errors.ServiceFailureError),
        ('{"code": "ResourceNotFound", "message": "no"}', errors.ServiceFailureError),
        ("{}", errors.ServiceFailureError),
        ("[]", errors.ServiceFailureError),
        ("null", errors.ServiceFailureError),
        ("Not Found", errors.ServiceFailureError),
        ("<html>404 Not Found</html>", errors.ServiceFailureError),
        ('{"error": {"code": "ResourceNo', errors.ServiceFailureError),
        ("[" * 100_000, errors.ServiceFailureError),
        ("", errors.ServiceFailureError),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else value.__name__,
)
def test_only_arms_own_envelope_makes_a_404_say_that_something_is_not_there(text: str, kind: type[AcrError]) -> None:
    assert type(error_from_response(404, {}, text)) is kind


def test_a_404_that_is_not_arms_says_so() -> None:
    error = error_from_response(404, {}, "<html>404 Not Found</html>")
    assert error.message == "The service answered with HTTP status 404, but not as ARM does."
    assert error.status == 404


# What is here like JSON of the right outer and of any inner type.
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(st.sampled_from(["error", "code", "message", "details", "x"]), children, max_size=4)
    ),
    max_leaves=12,
)


@given(body=st.text() | JSON.map(json.dumps), status=st.integers(400, 599))
def test_any_body_of_a_refusal_is_an_error_with_a_message(body: str, status: int) -> None:
    error = error_from_response(status, {}, body)
    assert isinstance(error.code, str)
    assert error.message
    assert error.status == status


def test_details_are_read_to_a_depth_that_is_enough() -> None:
    error: dict[str, object] = {"message": "innermost"}
    for level in range(100):
        error = {"message": f"level {level}", "details": [error]}
    lines = error_from_response(400, {}, json.dumps({"error": error})).message.splitlines()
    assert lines == [f"level {level}" for level in range(99, 88, -1)]


def login_answers_oddly(error: Exception) -> AcrError:
    with pytest.raises(AcrError) as raised, errors.translated_errors(), errors.token_errors_translated():
        raise error
    return raised.value


@pytest.mark.parametrize(
    ("raised", "kind", "message"),
    [
        (
            ConnectionResetError(),
            errors.ConnectionLostError,
            "No token could be had: no answer from the login service (ConnectionResetError).",
        ),
        (
            requests.exceptions.ConnectionError("https://login.example/?secret=1"),
            errors.ConnectionLostError,
            "No token could be had: no answer from the login service (ConnectionError).",
        ),
        (
            TimeoutError(),
            errors.ConnectionLostError,
            "No token could be had: no answer from the login service (TimeoutError).",
        ),
        *(
            (
                error,
                errors.InvalidReplyError,
                f"No token could be had: the login service's answer could not be read ({type(error).__name__}).",
            )
            for error in (
                json.JSONDecodeError("no", "x", 0),
                KeyError("access_token"),
                IndexError(),
                TypeError("'int' object is not iterable"),
                AttributeError("'list' object has no attribute 'get'"),
                RecursionError(),
                UnicodeDecodeError("utf-8", b"x", 0, 1, "no"),
            )
        ),
        (core.ClientAuthenticationError("Log in."), errors.UnauthorizedError, "Log in."),
        (core.ServiceRequestError("refused"), errors.RequestNotSentError, "refused"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_whatever_a_login_raises_is_one_of_our_errors(raised: Exception, kind: type[AcrError], message: str) -> None:
    error = login_answers_oddly(raised)
    assert type(error) is kind
    assert error.message == message


@pytest.mark.parametrize(
    "raised", [requests.exceptions.ChunkedEncodingError("cut"), urllib3.exceptions.ProtocolError("cut")]
)
def test_what_the_http_libraries_let_through_is_a_lost_connection(raised: Exception) -> None:
    with pytest.raises(errors.ConnectionLostError) as lost, errors.translated_errors():
        raise raised
    assert lost.value.message == f"The reply could not be read to its end ({type(raised).__name__})."


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
        (core.ServiceRequestError("refused"), errors.RequestNotSentError),
        (core.ServiceRequestTimeoutError("slow"), errors.RequestNotSentError),
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
