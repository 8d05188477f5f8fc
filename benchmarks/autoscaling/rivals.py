"""The rules of two other autoscalers, from what is written of them. Both are given the benefit of every doubt.

None of their evaluations is lost, and none is late. If an instance has to go, those without a run go first: nothing
promises that. A run whose agent went is queued again at once, by nobody's hand.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import deque
from collections.abc import Sequence

from azext_acrpool.scaling.simulation import Wish
from azext_acrpool.scaling.simulation.agents import SimulatedPool

__all__ = ["FunctionApp", "Keda"]


class Keda:
    """KEDA with its defaults, for a scaler that reports what `listQueueStatus` does: how many runs are queued.

    https://keda.sh/docs/latest/reference/scaledobject-spec/: it polls each 30 seconds; to 0 goes KEDA itself, when
    nothing was queued for a cooldown of 300 seconds; between 1 and the maximum goes the HPA of Kubernetes, one instance
    for each queued run, fewer only to what was the most wanted in the last 300 seconds (its default stabilization of
    scaling down). A policy's hours with a minimum are given to it as triggers of its cron scaler. A run that goes on is
    no reason for it to keep an agent: of what is not queued any more it does not know.
    """

    INTERVAL = 30.0
    COOLDOWN = 300.0
    looks_again = False

    def __init__(self, maximum: int, minimums: Sequence[tuple[float, float, int]]) -> None:
        self._maximum = maximum
        self._minimums = sorted([(begin, count) for begin, _, count in minimums] + [(end, 0) for _, end, _ in minimums])
        self._wanted: deque[tuple[float, int]] = deque()
        self._active_until = -math.inf
        self._was_active = False

    def decide(self, pool: SimulatedPool, seen: float) -> Wish:
        """What it asks for."""
        position = bisect_right(self._minimums, (seen, math.inf))
        minimum = self._minimums[position - 1][1] if position else 0
        later = [self._minimums[position][0]] if position < len(self._minimums) else []
        queued = len(pool.waiting)
        is_active = queued > 0 or minimum > 0
        if is_active or self._was_active:
            # What was so at the last poll was so until this one.
            self._active_until = seen
        self._was_active = is_active
        wanted = max(1, minimum, min(queued, self._maximum))
        self._note(seen, wanted)
        if pool.is_changing:
            return Wish(None, min(later, default=None))
        if not is_active:
            return self._without_demand(pool.count, seen, later)
        return self._scaled(pool.count, seen, wanted, later)

    def _note(self, seen: float, wanted: int) -> None:
        """Remember what is wanted from now on, and what was wanted within the window."""
        while len(self._wanted) > 1 and self._wanted[1][0] <= seen - self.COOLDOWN:
            self._wanted.popleft()
        if not self._wanted or self._wanted[-1][1] != wanted:
            self._wanted.append((seen, wanted))

    def _without_demand(self, count: int, seen: float, later: list[float]) -> Wish:
        idle_at = self._active_until + self.COOLDOWN
        if count == 0 or seen >= idle_at:
            return Wish(0 if count else None, min(later, default=None))
        return self._scaled(count, seen, 1, [*later, idle_at])

    def _scaled(self, count: int, seen: float, wanted: int, later: list[float]) -> Wish:
        if wanted > count:
            return Wish(wanted)
        most = max(wanted for _, wanted in self._wanted)
        if most < count:
            return Wish(most)
        expiring = [time + self.COOLDOWN for time, _ in list(self._wanted)[1:]]
        return Wish(None, min((time for time in (*later, *expiring) if time > seen), default=None))


class FunctionApp:
    """The public function app of which the issue about autoscaling knows, as its source has it (Hi-Fi/acr-agent-pool).

    Each minute: one instance more if runs are queued and there is none, or more than five for each; one fewer if no run
    is active and both the end of the newest run and the pool's last change are five minutes ago. It knows no minimum
    and no maximum, asks for -1 of a pool that has none, and does not look whether the pool is changing before it asks
    for more. A newest run without an end keeps it from scaling in (what is not a number is not less than another). Of
    its asking for -1, only the first time in a row counts here.
    """

    INTERVAL = 60.0
    _PER_AGENT = 5
    _COOLDOWN = 300.0
    looks_again = False

    def __init__(self) -> None:
        self._asked_below_zero_at = -1.0

    def decide(self, pool: SimulatedPool, seen: float) -> Wish:
        """What it asks for."""
        queued = len(pool.waiting)
        if pool.is_changing:
            # Whatever it asks for is refused.
            return Wish()
        if (queued and not pool.count) or queued > self._PER_AGENT * pool.count:
            return Wish(pool.count + 1)
        newest_end = pool.ends[pool.arrived - 1] if pool.arrived else None
        if pool.running or newest_end is None:
            return Wish()
        cool_at = max(newest_end, pool.modified) + self._COOLDOWN
        if seen <= cool_at:
            return Wish(None, cool_at + 1e-3)
        if pool.count == 0:
            if self._asked_below_zero_at == pool.modified:
                return Wish()
            self._asked_below_zero_at = pool.modified
        return Wish(pool.count - 1)
