"""Bounds what a request may make the emulator hold in memory."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .replies import send_error

__all__ = ["LARGEST_BODY", "BodyLimit"]

LARGEST_BODY = 4 * 1024 * 1024
"""Bytes: ARM's own limit (its documentation, "Request limits")."""


class BodyLimit:
    """ASGI middleware: a body of more than `largest` bytes gets 413, told beforehand or not.

    Requests below `streamed_path` are let through: whoever answers them does not hold their bodies.
    """

    def __init__(self, app: ASGIApp, streamed_path: str, largest: int = LARGEST_BODY) -> None:
        self._app = app
        self._streamed_path = streamed_path
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(self._streamed_path + "/"):
            await self._app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "0")
        if length.isdecimal() and int(length[:20]) > self._largest:
            await self._refuse(send)
            return
        taken, answered = 0, False

        async def receive_within() -> Message:
            nonlocal taken
            message = await receive() if taken <= self._largest else {"type": "http.disconnect"}
            taken += len(message.get("body", b""))
            # To the application it is as if the client had gone: it stops, and answers nothing.
            return message if taken <= self._largest else {"type": "http.disconnect"}

        async def send_within(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        await self._app(scope, receive_within, send_within)
        if taken > self._largest and not answered:
            await self._refuse(send)

    async def _refuse(self, send: Send) -> None:
        await send_error(send, 413, "RequestContentTooLarge", f"The request content exceeds {self._largest} bytes.")
