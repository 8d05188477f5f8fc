"""How long the runs of a pool would wait for the instances that it has."""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Sequence
from math import inf, isinf

__all__ = ["Drain"]


class Drain:
    """What a pool's runs took lately, in seconds, as what to expect of the others.

    The longer a run has run, the longer it will be: it is expected to take the median of those that took longer than
    it has. Of one that is older than all of them nothing is known.
    """

    def __init__(self, durations: Sequence[float]) -> None:
        self._durations = sorted(durations)

    def wait(self, count: int, running: Sequence[float | None], queued: int) -> float | None:
        """Seconds until the last of the `queued` runs has one of `count` agents; None if that is not known.

        Each agent does one run at a time. `running` are the ages of the runs that have one, in seconds, None for
        unknown.
        """
        # Of more runs than agents, the agents that are to go may be those that are free first.
        free = sorted(map(self._rest, running))[-count:] if count else []
        # In this order it is a heap already.
        free = [0.0] * (count - len(free)) + free
        last = 0.0 if count else inf
        for _ in range(queued):
            if not free:
                break
            last = free[0]
            heapq.heapreplace(free, last + self._rest(0.0))
        return None if isinf(last) and queued else last

    def holds_for(self, running: Sequence[float | None]) -> float:
        """For how many seconds the runs are expected to end when they are now, as long as they run; may be infinite."""
        return min((self._next_longer(age) - age for age in running if age is not None), default=inf)

    def _rest(self, age: float | None) -> float:
        """How many seconds more a run of this age takes."""
        if age is None:
            return inf
        longer = self._longer(age)
        return self._median_from(longer) - age

    def _longer(self, age: float) -> int:
        return bisect_right(self._durations, age)

    def _median_from(self, first: int) -> float:
        """The median of the durations from `first` on, of two in the middle the longer."""
        if first == len(self._durations):
            return inf
        return self._durations[(first + len(self._durations)) // 2]

    def _next_longer(self, age: float) -> float:
        longer = self._longer(age)
        return self._durations[longer] if longer < len(self._durations) else inf
