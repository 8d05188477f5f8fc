"""Recordings of what the client layer and Azure said to each other, with nothing secret or personal in them."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from vcr.request import Request

SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
RESOURCE_GROUP = "myresourcegroup"
REGISTRY = "myregistry"
ARM = "https://management.azure.com"

# Queries whose values sign something; `se`, when a signature expires, is read by the client and no secret.
SIGNATURES = frozenset({"sig", "t", "c", "s", "h", "skoid", "sktid", "skt", "ske", "sks", "skv"})
SCRUBBED = "scrubbed"
KEPT_RESPONSE_HEADERS = frozenset(
    {"azure-asyncoperation", "content-range", "content-type", "date", "location", "retry-after", "x-ms-error-code"}
)
KEPT_HEADER_PREFIX = "x-ms-meta-"
KEPT_REQUEST_HEADERS = frozenset({"content-type", "range", "x-ms-blob-type", "x-ms-range"})
URL = re.compile(r"https?://[^\s\"'<>\\]+")
# Where tokens come from; no recording has them.
TOKEN_PATHS = ("/msi/token", "/oauth2/", "/metadata/identity")


def scrub_url(url: str) -> str:
    """url without the values that sign it."""
    parts = urlsplit(url)
    query = [(key, SCRUBBED if key in SIGNATURES else value) for key, value in parse_qsl(parts.query, True)]
    return urlunsplit(parts._replace(query=urlencode(query, safe="$'/:")))


@dataclass(frozen=True)
class Scrubber:
    """Makes a recording independent of where it was made; replacements are (text there, text in the recording)."""

    replacements: Mapping[str, str] = field(default_factory=dict)

    def replaced(self, text: str) -> str:
        """text with what the replacements name replaced."""
        for found, wanted in self.replacements.items():
            text = re.sub(re.escape(found), wanted, text, flags=re.IGNORECASE)
        return text

    def text(self, text: str) -> str:
        """text without names of persons, places and signatures."""
        text = self.replaced(text)
        text = re.sub(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", "user@example.com", text)
        return URL.sub(lambda match: scrub_url(match[0]), text)

    def request(self, request: Any) -> Any:
        """What vcrpy records of a request; None: nothing."""
        if any(path in request.uri for path in TOKEN_PATHS):
            return None
        headers = {name: value for name, value in request.headers.items() if name.lower() in KEPT_REQUEST_HEADERS}
        return Request(request.method, scrub_url(self.replaced(request.uri)), self._request_body(request), headers)

    def _request_body(self, request: Any) -> Any:
        if not request.body:
            return None
        if "x-ms-blob-type" in {name.lower() for name in request.headers}:
            return b"a build context"
        body = json.loads(request.body)
        for argument in body.get("arguments", ()) if isinstance(body, dict) else ():
            if argument.get("isSecret"):
                argument["value"] = SCRUBBED
        return self.text(json.dumps(body)).encode()

    def response(self, response: dict[str, Any]) -> dict[str, Any]:
        """What vcrpy records of a response."""
        response = copy.deepcopy(response)
        response["headers"] = {
            name: [self.text(value) for value in values]
            for name, values in response["headers"].items()
            if name.lower() in KEPT_RESPONSE_HEADERS or name.lower().startswith(KEPT_HEADER_PREFIX)
        }
        body = response["body"].get("string") or b""
        response["body"]["string"] = self.text(body.decode()).encode()
        return response


def same_request(recorded: Any, asked: Any) -> None:
    """Whether two requests are the same for a replay: method, path and query, but for signatures and api-version."""

    def essence(request: Any) -> tuple[str, str, list[tuple[str, str]]]:
        parts = urlsplit(request.uri)
        query = sorted(
            (key, value) for key, value in parse_qsl(parts.query, True) if key not in {*SIGNATURES, "api-version"}
        )
        return request.method, parts.path.lower(), query

    assert essence(recorded) == essence(asked)
