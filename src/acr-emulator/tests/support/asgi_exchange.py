"""Requests that go straight into an ASGI application, without a network."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from acr_emulator.wire.connection import CONNECTION_EXTENSION, Connection
from starlette.types import ASGIApp, Message

__all__ = ["CuttableConnection", "Reply", "exchange"]


@dataclass(frozen=True)
class Reply:
    """What came back; header names are in lower case. `status` is 0 without a reply; `cut` is "reset" or "close"."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    cut: str = ""

    @property
    def body(self) -> Any:
        return json.loads(self.content)


class CuttableConnection(Connection):
    """Remembers how it was cut."""

    def __init__(self) -> None:
        self.cut = ""
        self.gone = asyncio.Event()

    def reset(self) -> None:
        self.cut = "reset"
        self.gone.set()

    def close(self) -> None:
        self.cut = "close"
        self.gone.set()


async def exchange(
    application: ASGIApp, method: str, target: str, *, headers: Mapping[str, str], content: bytes = b""
) -> Reply:
    """What the application answers. `target` is path and query, `content` the body; headers without a value are none.

    For the event loop of the application.
    """
    parts = urlsplit(target)
    connection = CuttableConnection()
    incoming: list[Message] = [{"type": "http.request", "body": content, "more_body": False}]
    outgoing: list[Message] = []

    async def receive() -> Message:
        if incoming:
            return incoming.pop()
        await connection.gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        outgoing.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "https",
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items() if value],
        "server": ("127.0.0.1", 4443),
        "client": ("127.0.0.1", 50000),
        "extensions": {CONNECTION_EXTENSION: connection},
    }
    await application(scope, receive, send)
    if not outgoing:
        return Reply(0, {}, b"", connection.cut)
    received = {name.decode().lower(): value.decode() for name, value in outgoing[0]["headers"]}
    body = b"".join(message.get("body", b"") for message in outgoing[1:])
    return Reply(outgoing[0]["status"], received, body, connection.cut)
