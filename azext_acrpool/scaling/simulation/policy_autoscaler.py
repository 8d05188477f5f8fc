"""The rules of a policy as an autoscaler of a replay: the same that evaluations of a real pool go by."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from dataclasses import replace
from datetime import datetime, timedelta

from ...pool import Pool
from ..activity import NEWEST_DURATIONS, Activity
from ..growth import growth_shown, took_new_instance
from ..policy import Policy
from ..rules import Action, decide
from .agents import SimulatedPool
from .autoscaler import Wish

__all__ = ["PolicyAutoscaler"]

# Far more than show how long growing takes, so that some are left where others of them were odd.
_SEEN = 100


class PolicyAutoscaler:
    """Evaluates `policy` for a pool whose replay begins at `origin`, a time with a time zone.

    `like` is the pool whose name, registry, tier and tags it has, `fitting` the count that the vCPU quota has room for.
    """

    looks_again = True

    def __init__(
        self, policy: Policy, origin: datetime, *, like: Pool | None = None, fitting: int | None = None
    ) -> None:
        self._policy, self._origin, self._fitting = policy, origin, fitting
        self._like = replace(like or Pool("pool", "registry", "S2", 0), state="Succeeded", modified=origin)
        self._known_as = self._like
        self._known_key = (self._like.count, False, 0.0)
        self._durations: tuple[float, ...] = ()
        self._last_busy: datetime | None = None
        self._ended = self._began = 0
        # When those runs started and were created that show how long growing takes.
        self._seen: deque[tuple[datetime, datetime]] = deque(maxlen=_SEEN)
        self._shown = 0
        self._growth: float | None = None
        self._growth_key = (0, 0.0)

    def decide(self, pool: SimulatedPool, seen: float) -> Wish:
        """What the policy asks for at `seen`."""
        decision = decide(self._as_pool(pool), self._policy, self.activity(pool, seen), fitting=self._fitting)
        until = None if decision.until is None else (decision.until - self._origin).total_seconds()
        return Wish(None if decision.action is Action.NONE else decision.count, until)

    def activity(self, pool: SimulatedPool, seen: float) -> Activity:
        """What `activity_of` says of records of the pool's runs, found from what has happened since the last time."""
        self._note_ended(pool)
        self._note_begun(pool)
        return Activity(
            seen=self._at(seen),
            queued=len(pool.waiting),
            running=tuple(max(0.0, seen - start) for start in pool.running.values()),
            last_busy=self._last_busy,
            durations=self._durations,
            growth=self._growth_of(pool),
        )

    def _growth_of(self, pool: SimulatedPool) -> float | None:
        key = (self._shown, pool.modified)
        if key != self._growth_key:
            self._growth, self._growth_key = growth_shown(self._seen, self._at(pool.modified)), key
        return self._growth

    def _at(self, time: float) -> datetime:
        return self._origin + timedelta(seconds=time)

    def _as_pool(self, pool: SimulatedPool) -> Pool:
        key = (pool.count, pool.is_changing, pool.modified)
        if key != self._known_key:
            state = "Updating" if pool.is_changing else "Succeeded"
            self._known_as = replace(self._like, count=pool.count, state=state, modified=self._at(pool.modified))
            self._known_key = key
        return self._known_as

    def _note_ended(self, pool: SimulatedPool) -> None:
        if self._ended == len(pool.ended):
            return
        newest = pool.ended[: -NEWEST_DURATIONS - 1 : -1]
        self._durations = tuple((pool.ends[run] or 0.0) - (pool.starts[run] or 0.0) for run in newest)
        self._last_busy = self._at(pool.ends[newest[0]] or 0.0)
        self._ended = len(pool.ended)

    def _note_begun(self, pool: SimulatedPool) -> None:
        if self._began == len(pool.began):
            return
        for run in pool.began[self._began :]:
            started = pool.starts[run]
            if started is None or started - pool.runs[run].created < 1.0:
                continue
            last = bisect_right(pool.ended, started, key=lambda ended: pool.ends[ended] or 0.0)
            ends = [self._at(pool.ends[pool.ended[last - 1]] or 0.0)] if last else []
            created = self._at(pool.runs[run].created)
            if took_new_instance(created, self._at(started), ends):
                self._seen.append((self._at(started), created))
                self._shown += 1
        self._began = len(pool.began)
