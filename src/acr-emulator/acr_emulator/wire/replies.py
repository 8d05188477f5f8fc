"""A reply that is held back as a whole, to be changed before it is sent."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

__all__ = ["WholeReply", "content_of", "gzipped_blanks", "no_answer", "send_error"]

_WITHOUT_BODY = (204, 304)
_BLANKS = b" " * (1024 * 1024)


class WholeReply:
    """Status, headers (names in lower case) and the whole body of a reply."""

    def __init__(self, status: int = 0) -> None:
        self.status = status
        self.headers: dict[str, str] = {}
        self.content = b""

    async def take(self, message: Message) -> None:
        """What an application sends: takes it in."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {
                name.decode("latin-1").lower(): value.decode("latin-1") for name, value in message["headers"]
            }
        else:
            self.content += message.get("body", b"")

    def set_headers(self, headers: Mapping[str, str]) -> None:
        """Add headers, in the place of those of the same name."""
        self.headers.update({name.lower(): value for name, value in headers.items()})

    def set_content(self, content: bytes) -> None:
        """Replace the body. Content-Length follows; without this it stays, as that of a HEAD's reply has to.

        A reply whose status allows no body stays without one.
        """
        if self.status in _WITHOUT_BODY:
            return
        self.content = content
        self.headers["content-length"] = str(len(content))

    def set_members(self, members: Mapping[str, Any]) -> None:
        """Set members of a JSON body by their paths; a body that is not JSON stays as it is."""
        if not members:
            return
        try:
            body = json.loads(self.content)
        except ValueError:
            return
        for path, value in members.items():
            body = _with_member(body, path.split("."), value)
        self.set_content(json.dumps(body).encode())

    def start(self) -> Message:
        """The message that begins the reply."""
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in self.headers.items()]
        return {"type": "http.response.start", "status": self.status, "headers": raw}

    @staticmethod
    def part(content: bytes, *, more: bool) -> Message:
        """The message that brings a part of the body."""
        return {"type": "http.response.body", "body": content, "more_body": more}

    async def send(self, send: Send) -> None:
        """Send it all."""
        await send(self.start())
        await send(self.part(self.content, more=False))


def content_of(body: Any) -> bytes:
    """The bytes of a body: none for None, a text as it is, anything else as JSON."""
    if body is None:
        return b""
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


async def send_error(send: Send, status: int, code: str, message: str) -> None:
    """Send a refusal in ARM's form, which az and the SDKs show."""
    reply = WholeReply(status)
    reply.set_headers({"content-type": "application/json; charset=utf-8"})
    reply.set_content(content_of({"error": {"code": code, "message": message}}))
    await reply.send(send)


class _NoAnswer(Response):
    """Sends nothing."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Leave the request without an answer."""


async def no_answer(request: Request, error: Exception) -> Response:
    """What becomes of a request whose client has gone away before the emulator had all of it."""
    return _NoAnswer()


def gzipped_blanks(content: bytes, size: int) -> bytes:
    """`content` and `size` blanks after it, compressed: JSON stays JSON, a thousand times larger than what was sent."""
    whole, rest = divmod(size, len(_BLANKS))
    # gzip's format allows several parts in a row, so that the same one will do again and again.
    return gzip.compress(content) + gzip.compress(_BLANKS) * whole + gzip.compress(_BLANKS[:rest])


def _with_member(body: Any, path: list[str], value: Any) -> Any:
    """`body` with the member at `path` set; what is missing on the way there, or is no object or list, is made one."""
    if not path:
        return value
    name, rest = path[0], path[1:]
    if isinstance(body, list) and name.isdecimal() and int(name) < len(body):
        position = int(name)
        return [*body[:position], _with_member(body[position], rest, value), *body[position + 1 :]]
    members = body if isinstance(body, dict) else {}
    return {**members, name: _with_member(members.get(name), rest, value)}
