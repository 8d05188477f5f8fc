"""The Date header, by the emulator's clock: callers reckon with it how long a run has waited."""

from __future__ import annotations

from email.utils import format_datetime

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..clock import EmulatorClock

__all__ = ["ServiceDate"]


class ServiceDate:
    """ASGI middleware: adds the header where the application has not."""

    def __init__(self, app: ASGIApp, clock: EmulatorClock) -> None:
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("date", format_datetime(self._clock.now(), usegmt=True))
            await send(message)

        await self._app(scope, receive, send_dated if scope["type"] == "http" else send)
