"""An azure-core transport that answers requests from a list."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from azure.core.pipeline.transport import HttpTransport
from azure.core.rest import HttpRequest
from azure.core.rest._requests_basic import RestRequestsTransportResponse
from requests import Response
from urllib3 import HTTPResponse


@dataclass
class Reply:
    """A reply; a body that is no string is sent as JSON."""

    status: int
    body: Any = ""
    headers: dict[str, str] = field(default_factory=dict)

    def as_response(self, request: HttpRequest) -> Any:
        response = Response()
        response.status_code = self.status
        response.headers.update({"Content-Type": "application/json", **self.headers})
        content = self.body if isinstance(self.body, str) else json.dumps(self.body)
        response.raw = HTTPResponse(BytesIO(content.encode()), status=self.status, preload_content=False)
        kind: Any = RestRequestsTransportResponse
        return kind(request=request, internal_response=response)


class ScriptedTransport(HttpTransport[HttpRequest, Any]):
    """Gives the replies in order, raises those that are exceptions, and keeps the requests."""

    def __init__(self, replies: Iterable[Reply | Exception | Callable[[HttpRequest], Reply]]) -> None:
        self._replies = list(replies)
        self.requests: list[HttpRequest] = []

    def send(self, request: HttpRequest, **options: Any) -> Any:
        self.requests.append(request)
        assert self._replies, f"an unexpected request: {request.method} {request.url}"
        reply = self._replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return (reply if isinstance(reply, Reply) else reply(request)).as_response(request)

    def open(self) -> None: ...

    def close(self) -> None: ...

    def __exit__(self, *error: object) -> None: ...
