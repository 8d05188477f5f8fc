"""When a log that grows at a steady beat grows next. Pure: times are seconds on one monotonic clock."""

from collections import deque
from dataclasses import dataclass
from itertools import combinations
from typing import Final

__all__ = ["BeatForecast", "Window"]

_BEATS_KEPT: Final = 6
_BEATS_NEEDED: Final = 3
# How much a beat may be off, from a scheduler's and the network's irregularity.
_SLACK: Final = 0.05


@dataclass(frozen=True)
class Window:
    """A stretch of time in which something happens, ``earliest`` to ``latest``."""

    earliest: float
    latest: float


class BeatForecast:
    """Learns the beat of a log that prints a line every so many seconds, as much of what waits or counts does.

    Each growth is known to have happened between two looks; if one period explains all of the last growths, the next
    growth is foretold, the more exactly the more of them were seen. A log without a beat has no forecast.
    """

    def __init__(self, shortest_period: float) -> None:
        """Beats faster than ``shortest_period`` seconds are not worth foretelling."""
        self._shortest = shortest_period
        self._seen: deque[Window] = deque(maxlen=_BEATS_KEPT)
        self._next: Window | None = None

    @property
    def next_growth(self) -> Window | None:
        """When the log grows next; None when that cannot be told."""
        return self._next

    def grew(self, after: float, by: float) -> None:
        """The log grew between two looks; what was foretold narrows that down."""
        happened = Window(after - _SLACK, by)
        if self._next is not None:
            happened = _overlap(happened, self._next) or happened
        self._seen.append(happened)
        self._next = self._foretell()

    def missed(self, now: float) -> None:
        """By ``now`` the log has not grown: a forecast that has passed is worth nothing."""
        if self._next is not None and now > self._next.latest:
            self._next = None
            self._seen.clear()

    def _foretell(self) -> Window | None:
        if len(self._seen) < _BEATS_NEEDED:
            return None
        numbered = list(enumerate(self._seen))
        shortest, longest = 0.0, float("inf")
        for (first, a), (second, b) in combinations(numbered, 2):
            beats = second - first
            shortest = max(shortest, (b.earliest - a.latest) / beats)
            longest = min(longest, (b.latest - a.earliest) / beats)
        if shortest > longest or shortest < self._shortest:
            return None
        ahead = [(len(numbered) - index, seen) for index, seen in numbered]
        earliest = max(seen.earliest + beats * shortest for beats, seen in ahead)
        latest = min(seen.latest + beats * longest for beats, seen in ahead)
        return Window(earliest, latest + _SLACK) if earliest <= latest else None


def _overlap(a: Window, b: Window) -> Window | None:
    earliest, latest = max(a.earliest, b.earliest), min(a.latest, b.latest)
    return Window(earliest, latest) if earliest <= latest else None
