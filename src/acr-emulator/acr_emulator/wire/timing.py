"""A slower network: latency before each request, and a limit on upload bandwidth."""

from __future__ import annotations

from datetime import datetime, timedelta

from starlette.types import ASGIApp, Receive, Scope, Send

from ..clock import EmulatorClock

__all__ = ["Latency", "Uplink"]


class Latency:
    """ASGI middleware: waits `seconds` before a request is looked at; control requests are not delayed."""

    def __init__(self, app: ASGIApp, clock: EmulatorClock, seconds: float) -> None:
        self._app = app
        self._clock = clock
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._seconds > 0 and not scope["path"].startswith("/_emulator/"):
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
