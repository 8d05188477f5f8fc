"""The emulator's clock: real time plus whatever tests and users have added to it.

All that lasts (pool operations, log lines, timers, timeouts, latency) asks this clock, so `advance` makes an hour pass
at once, and every event of that hour happens in its order and at its own time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

__all__ = ["ClockLimitError", "EmulatorClock", "TooManyEventsError", "format_time"]

LONGEST_TIMER = 3600.0
LAST_MOMENT = datetime(3000, 1, 1, tzinfo=timezone.utc)
MOST_EVENTS = 20_000
"""Wake-ups in one leap, so that a timer of every minute and a leap of a year do not keep everything busy for hours."""

QUIET_ROUNDS = 25
"""Turns of the event loop without work in threads after which all that a wake-up caused is taken to have happened."""


class ClockLimitError(ValueError):
    """The clock was to go further than it can."""


class TooManyEventsError(RuntimeError):
    """More happened in a leap than one leap may bring; the clock stands where it stopped."""


@dataclass(eq=False)
class _Sleeper:
    moment: datetime
    woken: asyncio.Future[None]


class EmulatorClock:
    """Time as the emulator sees it; all of it runs in one event loop.

    `start` is the time at which the clock begins (default: now). `monotonic` gives elapsed real seconds; a constant
    function stops real time, so that only `advance` moves the clock.
    """

    def __init__(self, start: datetime | None = None, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._epoch = (start or datetime.now(timezone.utc)) - timedelta(seconds=monotonic())
        self._sleepers: list[_Sleeper] = []
        self._busy = 0
        self._advancing = asyncio.Lock()

    def now(self) -> datetime:
        """The emulator's time, aware, in UTC."""
        return self._epoch + timedelta(seconds=self._monotonic())

    async def sleep(self, seconds: float) -> None:
        """Return when `seconds` have passed on this clock."""
        await self.sleep_until(self.now() + timedelta(seconds=seconds))

    async def sleep_until(self, moment: datetime) -> None:
        """Return when this clock shows `moment` or later."""
        loop = asyncio.get_running_loop()
        while (remaining := (moment - self.now()).total_seconds()) > 0:
            sleeper = _Sleeper(moment, loop.create_future())
            timer = loop.call_later(min(remaining, LONGEST_TIMER), _wake, sleeper)
            self._sleepers.append(sleeper)
            try:
                await sleeper.woken
            finally:
                timer.cancel()
                self._sleepers.remove(sleeper)

    async def advance(self, seconds: float) -> None:
        """Let `seconds` pass at once. Whoever sleeps on this clock wakes in order, at the moment it waits for.

        Raises ClockLimitError before anything has happened, or TooManyEventsError on the way.
        """
        async with self._advancing:
            if seconds > (LAST_MOMENT - self.now()).total_seconds():
                raise ClockLimitError(f"the clock goes no further than {LAST_MOMENT:%Y-%m-%d}")
            target = self.now() + timedelta(seconds=seconds)
            for _ in range(MOST_EVENTS):
                await self._settle()
                due = min((sleeper.moment for sleeper in self._sleepers), default=target)
                if due >= target:
                    break
                self._move_to(due)
            else:
                message = f"stopped at {format_time(self.now())} after {MOST_EVENTS} events; advance again to go on"
                raise TooManyEventsError(message)
            self._move_to(target)
            await self._settle()

    @contextmanager
    def working(self) -> Iterator[None]:
        """Marks work done in a thread: `advance` waits for it, since its result belongs to the current moment."""
        self._busy += 1
        try:
            yield
        finally:
            self._busy -= 1

    def _move_to(self, moment: datetime) -> None:
        self._epoch += max(moment - self.now(), timedelta(0))
        now = self.now()
        for sleeper in self._sleepers:
            if sleeper.moment <= now:
                _wake(sleeper)

    async def _settle(self) -> None:
        quiet = 0
        while quiet < QUIET_ROUNDS:
            await asyncio.sleep(0.001 if self._busy else 0)
            quiet = 0 if self._busy else quiet + 1


def _wake(sleeper: _Sleeper) -> None:
    if not sleeper.woken.done():
        sleeper.woken.set_result(None)


def format_time(moment: datetime, suffix: str = "+00:00") -> str:
    """A time as the service prints it: a fraction without trailing zeros, e.g. 2022-06-04T05:03:16.51914+00:00."""
    moment = moment.astimezone(timezone.utc)
    fraction = f".{moment.microsecond:06d}".rstrip("0").rstrip(".")
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + fraction + suffix
