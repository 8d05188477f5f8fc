"""How much of an upload is under way at a time, and how long that may take: by the rate at which it is taken.

What goes into a connection says little: a proxy, a VPN or this machine's own buffers swallow megabytes at once and pass
them on for minutes. So the rate is that of what the storage account has acknowledged, and what is under way is what it
takes within a fixed time at that rate. While the rate is not known, little is under way, and patience is long.
"""

from __future__ import annotations

import threading
from collections import deque

from ...clock import Clock

__all__ = ["Pace"]

# Seconds. What is under way is sent in this time, if the rate stays what it is.
_AHEAD_SECONDS = 10.0
# Seconds. How far back the rate is looked at: a link that slows down is noticed within this time.
_LOOK_BACK_SECONDS = 30.0
# Seconds without a sign of life, beyond what the link takes for what is under way.
_SILENCE_SECONDS = 120.0
# A slower link than it was is waited for, up to so many times as long as is to be expected.
_LENIENCY = 4
# Bytes under way while no rate is known, and bytes per second that they are waited for: a link slower than that is not
# one that images are built over.
_BYTES_AT_FIRST = 4 << 20
_RATE_AT_FIRST = 32 << 10
# Bytes per second. Slower, a block would take longer than its URL is good for.
_SLOWEST_RATE = 1 << 10
_LOOK_AROUND_SECONDS = 0.1


class Pace:
    """What may be sent, and how long its reply may take. For all threads of an upload."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._under_way = 0
        self._acknowledged = 0
        # When, and what was acknowledged by then. The first is where the look back ends.
        self._marks: deque[tuple[float, int]] = deque()

    def block_bytes(self, connections: int, *, least: int, most: int) -> int:
        """How large the next block is, so that `connections` of them are no more than may be under way."""
        with self._changed:
            rate = self._rate()
        return most if rate is None else max(min(least, most), min(most, int(rate * _AHEAD_SECONDS / connections)))

    def begin(self, size: int) -> bool:
        """Whether a request with so many bytes may be sent; it counts as under way then, until `end`.

        Waits a moment for there to be room. One at a time may always be sent.
        """
        with self._changed:
            if not self._marks:
                self._marks.append((self._clock.monotonic(), 0))
            if not self._has_room(size):
                self._changed.wait(_LOOK_AROUND_SECONDS)
            if not self._has_room(size):
                return False
            self._under_way += size
            return True

    def _has_room(self, size: int) -> bool:
        rate = self._rate()
        room = _BYTES_AT_FIRST if rate is None else rate * _AHEAD_SECONDS
        return not self._under_way or self._under_way + size <= room

    def end(self, size: int, *, acknowledged: bool) -> None:
        """A request with so many bytes is over."""
        with self._changed:
            self._under_way -= size
            self._changed.notify_all()
            if not acknowledged:
                return
            now = self._clock.monotonic()
            self._acknowledged += size
            self._marks.append((now, self._acknowledged))
            while len(self._marks) > 2 and self._marks[1][0] < now - _LOOK_BACK_SECONDS:
                self._marks.popleft()

    def patience(self) -> float:
        """Seconds that the reply to a request, which has begun, may take."""
        with self._changed:
            rate = self._rate()
            slowest = _RATE_AT_FIRST if rate is None else max(rate / _LENIENCY, _SLOWEST_RATE)
            return _SILENCE_SECONDS + self._under_way / slowest

    def _rate(self) -> float | None:
        """Bytes per second that are acknowledged; None while nothing is."""
        if not self._acknowledged:
            return None
        since, before = self._marks[0]
        seconds = self._clock.monotonic() - since
        return (self._acknowledged - before) / seconds if seconds > 0 else None
