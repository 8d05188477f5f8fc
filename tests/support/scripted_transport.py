"""An azure-core transport that answers requests from a list."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from io import BytesIO, IOBase
from typing import Any

from azure.core.pipeline.transport import HttpTransport
from azure.core.rest import HttpRequest
from azure.core.rest._requests_basic import RestRequestsTransportResponse
from requests import Response
from urllib3 import HTTPResponse


@dataclass
class Reply:
    """A reply. A body of text, of bytes or a stream of them is sent as it is, any other as JSON."""

    status: int
    body: Any = ""
    headers: dict[str, str] = field(default_factory=dict)

    def as_response(self, request: HttpRequest) -> Any:
        response = Response()
        response.status_code = self.status
        response.headers.update({"Content-Type": "application/json", **self.headers})
        encoding = {"Content-Encoding": self.headers.get("Content-Encoding", "identity")}
        response.raw = HTTPResponse(self._stream(), encoding, status=self.status, preload_content=False)
        kind: Any = RestRequestsTransportResponse
        return kind(request=request, internal_response=response)

    def _stream(self) -> IOBase:
        if isinstance(self.body, IOBase):
            return self.body
        if isinstance(self.body, bytes):
            return BytesIO(self.body)
        return BytesIO((self.body if isinstance(self.body, str) else json.dumps(self.body)).encode())


# What a request comes to: a reply, an exception, or whatever a function makes of the request.
Answer = Reply | Exception | Callable[[HttpRequest], Reply]


def give(answer: Answer, request: HttpRequest) -> Any:
    """The response to the request; an exception is raised."""
    if isinstance(answer, Exception):
        raise answer
    return (answer if isinstance(answer, Reply) else answer(request)).as_response(request)


class ScriptedTransport(HttpTransport[HttpRequest, Any]):
    """Gives the answers in order, and keeps the requests."""

    def __init__(self, replies: Iterable[Answer]) -> None:
        self._replies = list(replies)
        self.requests: list[HttpRequest] = []

    def send(self, request: HttpRequest, **options: Any) -> Any:
        self.requests.append(request)
        assert self._replies, f"an unexpected request: {request.method} {request.url}"
        return give(self._replies.pop(0), request)

    def open(self) -> None: ...

    def sleep(self, duration: float) -> None:
        """What azure-core waits by between its tries: no time."""

    def close(self) -> None: ...

    def __exit__(self, *error: object) -> None: ...
