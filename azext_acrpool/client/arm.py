"""One way to Azure Resource Manager: one connection, one token, one place where errors are translated.

Every request is bounded: in time, by what it may take and by how long somebody waits at all; in size, by what a reply
may hold. None follows a redirect, and none leaves the cloud's ARM host and its regional endpoints.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar
from urllib.parse import quote, urlencode

from ..aside import do_within
from ..clock import NO_DEADLINE, Clock, Deadline, SystemClock
from ..hosts import is_arm_host, named_host
from ..web import parse_http_date, parse_retry_after, redact, requests_unlogged
from ..wording import format_bytes, format_duration
from .errors import (
    ForeignHostError,
    InvalidReplyError,
    OperationTimeoutError,
    RequestAbandonedError,
    error_from_response,
    token_errors_translated,
    translated_errors,
)
from .patience import REQUEST_BUDGET, ask_again
from .replies import known_moment, parse_json, read_json

if TYPE_CHECKING:
    from datetime import datetime

    from azure.core.credentials import TokenCredential
    from azure.mgmt.containerregistrytasks import ContainerRegistryTasksMgmtClient
    from azure.mgmt.containerregistrytasks.models import RunRequest, Task, TaskUpdateParameters

__all__ = [
    "DEFAULT_OPTIONS",
    "GREATEST_INTEGER",
    "LOOK_OPTIONS",
    "NAME_IN_ID",
    "REGISTRIES_API_VERSION",
    "RESOURCES_API_VERSION",
    "SECRET_OPTIONS",
    "TASKS_API_VERSION",
    "ArmClient",
    "ArmResponse",
    "RequestOptions",
    "as_json",
    "with_query",
]

T = TypeVar("T")

# Agent pools, tasks and runs: the SDK's own default.
TASKS_API_VERSION = "2025-03-01-preview"
# The first stable version whose registries have `roleAssignmentMode`.
REGISTRIES_API_VERSION = "2025-11-01"
RESOURCES_API_VERSION = "2024-11-01"


@dataclass(frozen=True)
class ArmResponse:
    """A reply with an HTTP status below 400. Header names are in lower case; `body` is the JSON, None if empty."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def retry_after(self) -> float | None:
        """Seconds that the service asks to wait, None if it does not say."""
        return parse_retry_after(self.headers)

    @property
    def sent(self) -> datetime | None:
        """When the service sent it, by the service's own clock (whole seconds), None if it does not say.

        Nor does it with a time at the ends of the calendar.
        """
        return known_moment(parse_http_date(self.headers.get("date", "")))


@dataclass(frozen=True)
class RequestOptions:
    """How one request is sent.

    `retry`: whether it is sent again after transient errors, for some seconds; only for what does no more harm twice
    than once. `timeout`: seconds from the beginning to the end of the reply, the login included. `log_body`: whether
    `--debug` may log the bodies.
    """

    retry: bool = True
    timeout: float = 60.0
    log_body: bool = True

    def as_keywords(self) -> dict[str, Any]:
        """The keywords that azure-core's pipeline understands."""
        return {
            # azure-core would wait for as long as a reply asks it to, and fail on a Retry-After that it cannot read.
            "retry_total": 0,
            "permit_redirects": False,
            "stream": True,
            "connection_timeout": self.timeout,
            "read_timeout": self.timeout,
            "logging_enable": self.log_body,
        }


DEFAULT_OPTIONS = RequestOptions()
# One look at something that is looked at again and again: whoever does so waits between failures, on its own clock.
LOOK_OPTIONS = RequestOptions(retry=False, timeout=15.0)
# A request or reply whose body holds a secret.
SECRET_OPTIONS = RequestOptions(retry=False, log_body=False)

# Bytes, unpacked. Pages of 1,000 runs or registries have some megabytes.
_LARGEST_REPLY = 32_000_000
# A list of 100,000 items has a thousand pages of a hundred, the smallest that ARM makes.
_MOST_PAGES = 1_000

# One name in a resource ID, as a regular expression: no name in Azure has what ends a path or cannot stand in one.
NAME_IN_ID = r"[^/?#%\\\s\x00-\x20\x7f-\x9f\ud800-\udfff]+"
# Numbers are kept in 32 bits (service's specification: int32).
GREATEST_INTEGER = 2**31 - 1
# Below the ARM endpoint; two slashes would begin the name of a host.
_PATH = re.compile(r"/(?![/\\])")

_LOGGER = logging.getLogger(__name__)


class _List(TypedDict):
    value: list[dict[str, Any]]


class _Page(_List, total=False):
    nextLink: str


class ArmClient:
    """Wraps one `ContainerRegistryTasksMgmtClient`, so that every request shares its connection and its token.

    `send`, `get_json` and `list_json` raise `AcrError`s. `clock` is what is waited by; `tell` hears of waits that take
    long.
    """

    def __init__(
        self,
        sdk: ContainerRegistryTasksMgmtClient,
        subscription_id: str,
        base_url: str,
        *,
        clock: Clock | None = None,
        tell: Callable[[str], None] = lambda _: None,
        deadline: Deadline = NO_DEADLINE,
    ) -> None:
        self.subscription_id = subscription_id
        self._sdk = sdk
        self._base_url = base_url
        self._clock = clock or SystemClock()
        self._tell = tell
        self._deadline = deadline

    @classmethod
    def from_credential(
        cls,
        credential: TokenCredential,
        subscription_id: str,
        *,
        base_url: str = "https://management.azure.com",
        clock: Clock | None = None,
        **client_options: Any,
    ) -> ArmClient:
        """For use as a library, without `az`. `client_options` go to the SDK's client as they are."""
        from azure.mgmt.containerregistrytasks import ContainerRegistryTasksMgmtClient

        client_options.setdefault("credential_scopes", [base_url.rstrip("/") + "/.default"])
        sdk = ContainerRegistryTasksMgmtClient(credential, subscription_id, base_url, **client_options)
        return cls(sdk, subscription_id, base_url, clock=clock)

    def until(self, deadline: Deadline) -> ArmClient:
        """The same client for somebody who waits no longer than that: then OperationTimeoutError is raised."""
        return ArmClient(
            self._sdk, self.subscription_id, self._base_url, clock=self._clock, tell=self._tell, deadline=deadline
        )

    def send(
        self,
        method: str,
        url: str,
        *,
        body: Any = None,
        options: RequestOptions = DEFAULT_OPTIONS,
    ) -> ArmResponse:
        """Send one request and read the whole reply.

        `url` is absolute, or a path below the cloud's ARM endpoint; either is sent exactly as given, query included
        (a signed URL must not be encoded anew). `body` is sent as JSON unless None.
        """
        return self.ask(method, url, lambda reply: reply, body=body, options=options)

    def ask(
        self,
        method: str,
        url: str,
        read: Callable[[ArmResponse], T],
        *,
        body: Any = None,
        options: RequestOptions = DEFAULT_OPTIONS,
    ) -> T:
        """What `read` makes of the reply; a reply in which it finds an InvalidReplyError is asked for again, too."""
        if not (_PATH.match(url) or is_arm_host(url, self._base_url)):
            raise ForeignHostError(named_host(url), "which is not that of Azure Resource Manager")

        def ask() -> T:
            return read(self._send_in_time(method, url, body, options))

        if not options.retry:
            return ask()
        return ask_again(ask, REQUEST_BUDGET, self._clock, deadline=self._deadline, tell=self._tell)

    def _send_in_time(self, method: str, url: str, body: Any, options: RequestOptions) -> ArmResponse:
        left = self._deadline.left
        if not left:
            raise OperationTimeoutError("The service has not answered within the time that was given to it.")
        seconds = min(options.timeout, left)
        # In a thread that can be left: the login has connections of its own, which cannot be broken off from here.
        try:
            return do_within(seconds, lambda: self._exchange(method, url, body, options))
        except TimeoutError:
            raise RequestAbandonedError(f"No answer within {format_duration(seconds)}.") from None

    def _exchange(self, method: str, url: str, body: Any, options: RequestOptions) -> ArmResponse:
        from azure.core.rest import HttpRequest

        # The SDK's client treats the URL as a format template.
        request = HttpRequest(method, url.replace("{", "{{").replace("}", "}}"), json=body)
        with translated_errors(), nullcontext() if options.log_body else requests_unlogged():
            with token_errors_translated():
                response = self._sdk.send_request(request, **options.as_keywords())
            text = _read_text(response, redact(url))
        if options.log_body:
            _LOGGER.debug("Response content: %s", text)
        headers = {name.lower(): value for name, value in response.headers.items()}
        if response.status_code >= 400:
            raise error_from_response(response.status_code, headers, text)
        if response.status_code >= 300:
            location = headers.get("location")
            where = f"to the host '{named_host(location)}'" if location else "elsewhere"
            raise InvalidReplyError(
                f"The reply to a request for {redact(url)} leads {where} (HTTP status {response.status_code}). "
                "It is not followed: ARM answers by itself."
            )
        return ArmResponse(response.status_code, headers, parse_json(text, redact(url)))

    def get_json(
        self, path: str, params: Mapping[str, str] | None = None, *, api_version: str = TASKS_API_VERSION
    ) -> dict[str, Any]:
        """GET `path` and return the JSON object that it answers with."""
        body = self.send("GET", with_query(path, params, api_version)).body
        return read_json(dict[str, Any], body, path)

    def list_json(
        self, path: str, params: Mapping[str, str] | None = None, *, api_version: str = TASKS_API_VERSION
    ) -> Iterator[dict[str, Any]]:
        """The items of a list, page after page."""
        for page in self.list_pages(with_query(path, params, api_version)):
            yield from page.body["value"]

    def list_pages(self, url: str, *, options: RequestOptions = DEFAULT_OPTIONS) -> Iterator[ArmResponse]:
        """The pages of a list, whose first is at `url`; the body of each is an object whose `value` is a list.

        Raises InvalidReplyError if the list does not end.
        """
        what, seen = redact(url), set[str]()
        while url:
            if url in seen or len(seen) == _MOST_PAGES:
                raise InvalidReplyError(f"The list at {what} does not end: page {len(seen)} leads on.")
            seen.add(url)
            page = self.send("GET", url, options=options)
            body = read_json(_Page, page.body, what)
            yield page
            url = body.get("nextLink") or ""


def _read_text(response: Any, what: str) -> str:
    """The body of a reply, of bounded size, also when it comes packed."""
    received = bytearray()
    for piece in response.iter_bytes():
        received += piece
        if len(received) > _LARGEST_REPLY:
            response.close()
            raise InvalidReplyError(
                f"The reply to a request for {what} is larger than {format_bytes(_LARGEST_REPLY)}, and was not read on."
            )
    try:
        return received.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidReplyError(f"The reply to a request for {what} is not text in UTF-8.") from None


def with_query(path: str, params: Mapping[str, str] | None = None, api_version: str = TASKS_API_VERSION) -> str:
    """`path` with `params` and the api-version as its query.

    >>> with_query("/providers/x", {"$filter": "name eq 'a b'"}, "2024-11-01")
    "/providers/x?$filter=name%20eq%20'a%20b'&api-version=2024-11-01"
    """
    query = {**(params or {}), "api-version": api_version}
    return path + "?" + urlencode(query, quote_via=quote, safe="$'")


def as_json(model: RunRequest | Task | TaskUpdateParameters) -> dict[str, Any]:
    """The body that the SDK itself would send for one of its models, its marker for an explicit null included."""
    from azure.core.serialization import NULL

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: plain(item) for name, item in value.items()}
        if isinstance(value, list):
            return [plain(item) for item in value]
        return None if value is NULL else value

    body: dict[str, Any] = plain(model.as_dict(exclude_readonly=True))
    return body
