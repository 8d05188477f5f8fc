"""One way to Azure Resource Manager: one connection, one token, one place where errors are translated."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from ..web import parse_http_date, parse_retry_after, redact
from .errors import InvalidReplyError, error_from_response, translated_errors

if TYPE_CHECKING:
    from datetime import datetime

    from azure.core.credentials import TokenCredential
    from azure.mgmt.containerregistrytasks import ContainerRegistryTasksMgmtClient
    from azure.mgmt.containerregistrytasks.models import RunRequest, Task, TaskUpdateParameters

__all__ = [
    "DEFAULT_OPTIONS",
    "LOOK_OPTIONS",
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
        """When the service sent it, by the service's own clock (whole seconds), None if it does not say."""
        return parse_http_date(self.headers.get("date", ""))


@dataclass(frozen=True)
class RequestOptions:
    """How one request is sent.

    `retry`: whether azure-core may send it again by itself. `idempotent`: whether it may do so after a lost reply too,
    which it does of its own accord for GET, PUT and DELETE, but not for POST and PATCH. `timeout`: seconds to wait for
    a connection, and for each piece of the reply; None is azure-core's own (300). `log_body`: whether `--debug` may
    log the bodies.
    """

    retry: bool = True
    idempotent: bool = False
    timeout: float | None = None
    log_body: bool = True

    def as_keywords(self) -> dict[str, Any]:
        """The keywords that azure-core's pipeline understands."""
        keywords: dict[str, Any] = {}
        if not self.retry:
            keywords["retry_total"] = 0
        if self.idempotent:
            keywords["retry_on_methods"] = ("GET", "PUT", "DELETE", "PATCH", "POST")
        if self.timeout is not None:
            keywords["connection_timeout"] = keywords["read_timeout"] = self.timeout
        if not self.log_body:
            keywords["logging_enable"] = False
        return keywords


DEFAULT_OPTIONS = RequestOptions()
# One look at something that is looked at again and again: whoever does so waits between failures, on its own clock.
LOOK_OPTIONS = RequestOptions(retry=False, timeout=15.0)
# A request or reply whose body holds a secret. azure-core must not send it again: az's logging policy honours
# `logging_enable=False` for the first sending only.
SECRET_OPTIONS = RequestOptions(retry=False, timeout=60.0, log_body=False)


class ArmClient:
    """Wraps one `ContainerRegistryTasksMgmtClient`, so that every request shares its connection and its token.

    `sdk` is that client, for its typed operations (wrap their use in `errors.translated_errors()`); `send`,
    `get_json` and `list_json` are for everything that it has no operation for. All raise `AcrError`s.
    """

    def __init__(self, sdk: ContainerRegistryTasksMgmtClient, subscription_id: str) -> None:
        self.sdk = sdk
        self.subscription_id = subscription_id

    @classmethod
    def from_credential(
        cls,
        credential: TokenCredential,
        subscription_id: str,
        *,
        base_url: str = "https://management.azure.com",
        **client_options: Any,
    ) -> ArmClient:
        """For use as a library, without `az`. `client_options` go to the SDK's client as they are."""
        from azure.mgmt.containerregistrytasks import ContainerRegistryTasksMgmtClient

        client_options.setdefault("credential_scopes", [base_url.rstrip("/") + "/.default"])
        sdk = ContainerRegistryTasksMgmtClient(credential, subscription_id, base_url, **client_options)
        return cls(sdk, subscription_id)

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
        from azure.core.rest import HttpRequest

        # The SDK's client treats the URL as a format template.
        request = HttpRequest(method, url.replace("{", "{{").replace("}", "}}"), json=body)
        with translated_errors():
            response = self.sdk.send_request(request, **options.as_keywords())
            text = response.text()
        headers = {name.lower(): value for name, value in response.headers.items()}
        if response.status_code >= 400:
            raise error_from_response(response.status_code, headers, text)
        return ArmResponse(response.status_code, headers, _parse(text, url))

    def get_json(
        self, path: str, params: Mapping[str, str] | None = None, *, api_version: str = TASKS_API_VERSION
    ) -> dict[str, Any]:
        """GET `path` and return the JSON object that it answers with."""
        return _as_object(self.send("GET", with_query(path, params, api_version)).body, path)

    def list_json(
        self, path: str, params: Mapping[str, str] | None = None, *, api_version: str = TASKS_API_VERSION
    ) -> Iterator[dict[str, Any]]:
        """The items of a list, page after page."""
        for page in self.list_pages(with_query(path, params, api_version)):
            yield from page.body.get("value") or ()

    def list_pages(self, url: str, *, options: RequestOptions = DEFAULT_OPTIONS) -> Iterator[ArmResponse]:
        """The pages of a list, whose first is at `url`; the body of each is a JSON object."""
        seen: set[str] = set()
        while url and url not in seen:
            seen.add(url)
            page = self.send("GET", url, options=options)
            body = _as_object(page.body, redact(url))
            yield page
            url = body.get("nextLink") or ""


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


def _parse(text: str, url: str) -> Any:
    if not text.strip():
        return None
    try:
        return json.loads(text)
    except ValueError as error:
        raise InvalidReplyError(f"The reply to a request for {redact(url)} is not JSON.") from error


def _as_object(body: Any, path: str) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise InvalidReplyError(f"The reply to a request for {path} is not a JSON object.")
    return body
