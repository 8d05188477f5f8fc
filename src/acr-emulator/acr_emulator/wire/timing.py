"""Time on the wire, by the emulator's clock: latency, a limit on upload bandwidth, the Date of replies."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import format_datetime

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..clock import EmulatorClock
from .scopes import is_for_azure

__all__ = ["Latency", "ServiceDate", "Uplink"]


class Latency:
    """ASGI middleware: waits `seconds` before a request for Azure is looked at."""

    def __init__(self, app: ASGIApp, clock: EmulatorClock, seconds: float) -> None:
        self._app = app
        self._clock = clock
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._seconds > 0 and is_for_azure(scope):
            await self._clock.sleep(self._seconds)
        await self._app(scope, receive, send)


class Uplink:
    """One line that all uploads share, however many connections they use."""

    def __init__(self, clock: EmulatorClock, megabits_per_second: float) -> None:
        self._clock = clock
        self._bytes_per_second = megabits_per_second * 1_000_000 / 8
        self._free_at: datetime | None = None

    async def __call__(self, size: int) -> None:
        """Return when `size` more bytes have gone through."""
        now = self._clock.now()
        start = now if self._free_at is None else max(self._free_at, now)
        self._free_at = start + timedelta(seconds=size / self._bytes_per_second)
        await self._clock.sleep_until(self._free_at)


class ServiceDate:
    """ASGI middleware: adds the Date header, from which callers reckon how long a run has waited."""

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
