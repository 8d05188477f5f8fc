"""The clock that everything which waits is given, so that tests need not wait."""

from __future__ import annotations

import math
import time
from datetime import datetime, timezone
from typing import Protocol

__all__ = ["NO_DEADLINE", "Clock", "Deadline", "SystemClock"]


class Clock(Protocol):
    """What waiting code may ask of time."""

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes back."""

    def now(self) -> datetime:
        """The wall clock's time, with a time zone."""

    def sleep(self, seconds: float) -> None:
        """Return after `seconds`."""


class SystemClock:
    """This machine's clock."""

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes back."""
        return time.monotonic()

    def now(self) -> datetime:
        """The wall clock's time in UTC."""
        return datetime.now(timezone.utc)

    def sleep(self, seconds: float) -> None:
        """Return after `seconds`."""
        time.sleep(seconds)


class Deadline:
    """How long somebody waits at most, whatever is waited for: `seconds` from now by `clock`."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self.seconds = seconds
        self._clock = clock
        self._end = clock.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds until then, never negative."""
        return max(0.0, self._end - self._clock.monotonic())


class _NoDeadline(Deadline):
    """Nobody has said how long."""

    def __init__(self) -> None:
        super().__init__(SystemClock(), math.inf)

    @property
    def left(self) -> float:
        return math.inf


NO_DEADLINE = _NoDeadline()
