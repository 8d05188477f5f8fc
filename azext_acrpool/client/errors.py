"""What can go wrong when talking to Azure, one class for each thing a caller may want to treat apart.

    AcrError
    ├── BadRequestError            400 and other 4xx: the service does not accept what was asked
    ├── UnauthorizedError          401, or no token could be had
    ├── ForbiddenError             403
    ├── NotFoundError              404
    │   ├── RegistryNotFoundError
    │   ├── PoolNotFoundError
    │   ├── TaskNotFoundError
    │   ├── RunNotFoundError
    │   └── TaskRunNotFoundError
    ├── ConflictError              409, 412: the resource is in a state that forbids it
    ├── TransientError             asking again later may work
    │   ├── ThrottledError         429
    │   ├── ServiceFailureError    408, 5xx
    │   ├── ConnectionLostError    no reply: refused, reset, timed out, cut short
    │   │   ├── RequestNotSentError    no connection, so that nothing was asked
    │   │   └── RequestAbandonedError  no reply in time; the request may still be on its way
    │   └── InvalidReplyError      a reply that is not what the service's protocol says
    ├── ForeignHostError           a reply names a host to go on with that has no business with it
    ├── RunUnconfirmedError        whether a run was queued is not known
    ├── ChangeUnconfirmedError     whether something was changed is not known
    └── OperationError             about a long operation
        ├── OperationFailedError   the service ended it as Failed or Canceled
        ├── OperationTimeoutError  the caller's time limit passed; the operation goes on
        └── OperationLostError     its state could not be read any more; the operation may go on

No message holds the query of a URL: that is where signatures are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..web import parse_retry_after, redact
from ..wording import format_duration

if TYPE_CHECKING:
    from azure.core.exceptions import AzureError

__all__ = [
    "AcrError",
    "BadRequestError",
    "ChangeUnconfirmedError",
    "ConflictError",
    "ConnectionLostError",
    "ForbiddenError",
    "ForeignHostError",
    "InvalidReplyError",
    "NotFoundError",
    "OperationError",
    "OperationFailedError",
    "OperationLostError",
    "OperationTimeoutError",
    "PoolNotFoundError",
    "RegistryNotFoundError",
    "RequestAbandonedError",
    "RequestNotSentError",
    "RunNotFoundError",
    "RunUnconfirmedError",
    "ServiceFailureError",
    "TaskNotFoundError",
    "TaskRunNotFoundError",
    "ThrottledError",
    "TransientError",
    "UnauthorizedError",
    "error_from_response",
    "token_errors_translated",
    "translate",
    "translated_errors",
]

CORRELATION_HEADER = "x-ms-correlation-request-id"
# Details of details, which nobody has seen to go on.
_DEEPEST_DETAIL = 10


class AcrError(Exception):
    """Base of all errors of the client layer.

    `code` is the service's error code, `status` the HTTP status if there was a reply, `correlation_id` what Azure's
    support asks for, `retry_after` how many seconds the service wants to be left alone. Each is empty when unknown.
    `after_doubt`: an earlier try of the same request failed in a way that does not tell whether it was carried out.
    """

    after_doubt = False

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        status: int | None = None,
        correlation_id: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status
        self.correlation_id = correlation_id
        self.retry_after = retry_after

    @property
    def leaves_doubt(self) -> bool:
        """Whether the request may have been carried out, at this or at an earlier try, although it failed."""
        is_doubtful = isinstance(self, TransientError) and not isinstance(self, (ThrottledError, RequestNotSentError))
        return is_doubtful or self.after_doubt

    @property
    def particulars(self) -> dict[str, Any]:
        """Code, status and correlation ID, as keywords for an error that is raised because of this one."""
        return {"code": self.code, "status": self.status, "correlation_id": self.correlation_id}


class BadRequestError(AcrError):
    """The service does not accept what was asked."""


class UnauthorizedError(AcrError):
    """The service does not know who is asking."""


class ForbiddenError(AcrError):
    """The caller may not do this."""


class NotFoundError(AcrError):
    """There is no such thing."""


class RegistryNotFoundError(NotFoundError):
    """There is no such registry, or what it should be in is not there.

    `missing` is "registry", "group" (its resource group) or "subscription".
    """

    def __init__(
        self,
        registry: str,
        subscription_id: str,
        resource_group: str | None = None,
        *,
        missing: str = "registry",
        correlation_id: str = "",
    ) -> None:
        self.registry = registry
        self.subscription_id = subscription_id
        self.resource_group = resource_group
        self.missing = missing
        message = self.describe(f"'{registry}'", f"'{resource_group}'")
        super().__init__(message, status=404, correlation_id=correlation_id)

    def describe(self, registry: str, group: str) -> str:
        """The message, with the names of registry and resource group as the caller would have them."""
        subscription = f"subscription '{self.subscription_id}'"
        if self.missing == "subscription":
            return f"Could not find {subscription}."
        if self.missing == "group":
            return f"Could not find a resource group named {group} in {subscription}."
        place = f"resource group {group} of " if self.resource_group else ""
        return f"Could not find a registry named {registry} in {place}{subscription}."


class PoolNotFoundError(NotFoundError):
    """There is no such agent pool in the registry; `waited` are the seconds in which nobody created it either."""

    def __init__(self, pool: str, registry: str, *, waited: float | None = None, correlation_id: str = "") -> None:
        ever = "" if waited is None else f", and none was created within {format_duration(waited)}"
        super().__init__(
            f"Could not find an agent pool named '{pool}' in registry '{registry}'{ever}.",
            status=404,
            correlation_id=correlation_id,
        )
        self.pool = pool
        self.registry = registry


class TaskNotFoundError(NotFoundError):
    """There is no such task in the registry."""

    def __init__(self, task: str, registry: str, *, correlation_id: str = "") -> None:
        super().__init__(
            f"Could not find a task named '{task}' in registry '{registry}'.", status=404, correlation_id=correlation_id
        )
        self.task = task
        self.registry = registry


class RunNotFoundError(NotFoundError):
    """There is no such run in the registry."""

    def __init__(self, run_id: str, registry: str, *, correlation_id: str = "") -> None:
        super().__init__(
            f"Could not find a run with the ID '{run_id}' in registry '{registry}'.",
            status=404,
            correlation_id=correlation_id,
        )
        self.run_id = run_id
        self.registry = registry


class TaskRunNotFoundError(NotFoundError):
    """There is no such task run in the registry."""

    def __init__(self, task_run: str, registry: str, *, correlation_id: str = "") -> None:
        super().__init__(
            f"Could not find a task run named '{task_run}' in registry '{registry}'.",
            status=404,
            correlation_id=correlation_id,
        )
        self.task_run = task_run
        self.registry = registry


class ConflictError(AcrError):
    """The resource is in a state that forbids what was asked."""


class TransientError(AcrError):
    """Asking again later may work."""


class ThrottledError(TransientError):
    """Too many requests."""


class ServiceFailureError(TransientError):
    """The service failed."""


class ConnectionLostError(TransientError):
    """There was no reply. Whether the request was carried out is unknown."""


class RequestNotSentError(ConnectionLostError):
    """There was no connection. The request was not carried out."""


class RequestAbandonedError(ConnectionLostError):
    """Nobody waits for the reply any more. The request may still be sent, or be carried out."""


class InvalidReplyError(TransientError):
    """The reply is not what the service's protocol says; something between here and Azure may have sent it."""


class ForeignHostError(AcrError):
    """A reply names a host to go on with to which nothing may be sent; nothing was. Asking again gives the same reply.

    `host` is for a message (hosts.named_host); `why` goes on after its name ("which is not ..").
    """

    def __init__(self, host: str, why: str) -> None:
        super().__init__(f"The service named the host '{host}', {why}; nothing was sent there.")
        self.host = host


class RunUnconfirmedError(AcrError):
    """The reply to scheduleRun was lost, and nothing that the service keeps tells which run it queued, if any.

    `candidates` are the IDs of the runs that it may have queued.
    """

    def __init__(self, message: str, candidates: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.candidates = tuple(candidates)


class ChangeUnconfirmedError(AcrError):
    """A change was sent, but neither its reply nor what is there now tells whether it was carried out.

    `task` of `registry` is what was to be changed, "" if it was none.
    """

    def __init__(self, message: str, *, registry: str = "", task: str = "", **details: Any) -> None:
        super().__init__(message, **details)
        self.registry = registry
        self.task = task


class OperationError(AcrError):
    """Base of the errors about a long operation."""


class OperationFailedError(OperationError):
    """The service ended the operation as Failed or Canceled."""


class OperationTimeoutError(OperationError):
    """The caller's time limit passed. The operation goes on at the service."""


class OperationLostError(OperationError):
    """The operation's state could not be read for too long. It may go on at the service.

    `reason` is the last error's message.
    """

    def __init__(self, message: str, *, reason: str = "", **details: Any) -> None:
        super().__init__(message, **details)
        self.reason = reason


_BY_STATUS: dict[int, type[AcrError]] = {
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    408: ServiceFailureError,
    409: ConflictError,
    412: ConflictError,
    429: ThrottledError,
}


def error_from_response(status: int, headers: Mapping[str, str], text: str) -> AcrError:
    """The error for a reply with an HTTP status of 400 or more.

    `text` is the body; ARM's envelope `{"error": {"code", "message", "details"}}` is read if it is there. Only a 404
    with that says that something is not there: any other may come from whatever stands between here and ARM.
    """
    kind = _BY_STATUS.get(status) or (ServiceFailureError if status >= 500 else BadRequestError)
    code, message, is_enveloped = _read_envelope(text)
    if kind is NotFoundError and not is_enveloped:
        kind, message = ServiceFailureError, "The service answered with HTTP status 404, but not as ARM does."
    found = {name.lower(): value for name, value in headers.items()}
    return kind(
        redact(message) or f"The service answered with HTTP status {status} and gave no reason.",
        code=code,
        status=status,
        correlation_id=found.get(CORRELATION_HEADER, ""),
        retry_after=parse_retry_after(headers),
    )


def _read_envelope(text: str) -> tuple[str, str, bool]:
    """Code, message, and whether they stand where ARM's do: nothing else has a code in an `error`."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        # A proxy's HTML page tells a user nothing; a short plain sentence may.
        plain = text.strip()
        return "", plain if plain and len(plain) <= 500 and not plain.startswith("<") else "", False
    if not isinstance(body, dict):
        return "", "", False
    error = body.get("error", body)
    if not isinstance(error, dict):
        return "", error if isinstance(error, str) else "", False
    code = error.get("code")
    code = code if isinstance(code, str) else ""
    return code, "\n".join(_messages(error)), error is not body and bool(code)


def _messages(error: Mapping[str, Any], depth: int = 0) -> list[str]:
    messages = [str(error["message"]).strip()] if error.get("message") else []
    details = error.get("details")
    for detail in details if isinstance(details, list) and depth < _DEEPEST_DETAIL else []:
        if isinstance(detail, dict):
            messages.extend(message for message in _messages(detail, depth + 1) if message not in messages)
    return messages


def translate(error: Exception) -> AcrError:
    """The error of this tree for one of azure-core's. An AcrError comes back as it is."""
    from azure.core import exceptions as core

    if isinstance(error, AcrError):
        return error
    message = _as_sentence(redact(str(getattr(error, "message", "") or error)))
    if isinstance(error, (core.ServiceRequestError, core.ServiceResponseError, core.IncompleteReadError)):
        return RequestNotSentError(message) if _was_not_sent(error) else ConnectionLostError(message)
    response = getattr(error, "response", None)
    if response is not None and int(response.status_code) >= 400:
        try:
            text = response.text()
        except (core.AzureError, UnicodeError, ValueError, OSError):
            text = ""
        return error_from_response(int(response.status_code), response.headers, text)
    if isinstance(error, core.DecodeError):
        return InvalidReplyError(f"The reply could not be read: {message}")
    if isinstance(error, core.ClientAuthenticationError):
        return UnauthorizedError(message)
    return AcrError(message)


def _was_not_sent(error: AzureError) -> bool:
    from azure.core.exceptions import ServiceRequestError
    from requests.exceptions import SSLError

    # azure-core takes whatever breaks in TLS for a request that was not sent, also while the reply is read.
    return isinstance(error, ServiceRequestError) and not isinstance(error.inner_exception, SSLError)


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turn errors of azure-core, and of the HTTP libraries below it, that are raised inside into this module's."""
    from azure.core.exceptions import AzureError
    from requests import RequestException
    from urllib3.exceptions import HTTPError

    try:
        yield
    except AzureError as error:
        raise translate(error) from error
    except (RequestException, HTTPError) as error:
        # azure-core lets some through that come up while a body is read.
        raise ConnectionLostError(f"The reply could not be read to its end ({type(error).__name__}).") from error


@contextmanager
def token_errors_translated() -> Iterator[None]:
    """Turn what a login raises that got an odd answer from the token service into this module's errors.

    Credentials promise azure-core's errors, but az's and MSAL's let others through: for a connection that breaks, a
    body that is not JSON, a member that is missing or of another type.
    """
    try:
        yield
    except OSError as error:
        raise ConnectionLostError(
            f"No token could be had: no answer from the login service ({_name(error)})."
        ) from error
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidReplyError(
            f"No token could be had: the login service's answer could not be read ({_name(error)})."
        ) from error


# What an exception of the HTTP libraries looks like that was made of others: the texts among their names and brackets.
_QUOTED = re.compile(r"'([^']+)'|\"([^\"]+)\"")


def _as_sentence(message: str) -> str:
    """The texts of an error that shows as a tuple of errors, for a person; any other message as it is.

    >>> _as_sentence("('Connection aborted.', RemoteDisconnected('Remote end closed connection'))")
    'Connection aborted. Remote end closed connection'
    """
    if not message.startswith("("):
        return message
    return " ".join(single or double for single, double in _QUOTED.findall(message)) or message


def _name(error: Exception) -> str:
    return type(error).__name__
