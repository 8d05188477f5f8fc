"""Replaying runs on a pool that an autoscaler changes: discrete events, in the order of their times."""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Sequence
from enum import IntEnum

from .agents import SimulatedPool
from .autoscaler import Autoscaler, Wish
from .model import Change, Evaluator, Replay, ServiceModel, SimulatedRun

__all__ = ["replay"]


class _Event(IntEnum):
    """What happens, in the order in which it counts where two happen at once: an evaluation sees what was before."""

    END = 0
    CHANGED = 1
    ARRIVAL = 2
    ACCEPT = 3
    LOOK_AGAIN = 4
    EVALUATION = 5


def replay(
    runs: Sequence[SimulatedRun],
    autoscaler: Autoscaler | None,
    evaluators: Sequence[Evaluator],
    service: ServiceModel,
    *,
    until: float,
    count: int = 0,
    every_tick: bool = False,
) -> Replay:
    """What becomes of `runs`, the earliest first, on a pool of `count` instances that `autoscaler` changes.

    The replay begins at 0 and ends at `until`. Only those evaluations are made that can come to something else than the
    one before, unless `every_tick`. Without an autoscaler the pool stays as it is.
    """
    return _Replaying(runs, autoscaler, evaluators, service, count, every_tick).result(until)


class _Replaying:
    def __init__(
        self,
        runs: Sequence[SimulatedRun],
        autoscaler: Autoscaler | None,
        evaluators: Sequence[Evaluator],
        service: ServiceModel,
        count: int,
        every_tick: bool,
    ) -> None:
        self._runs, self._autoscaler, self._service = runs, autoscaler, service
        self._evaluators = evaluators if autoscaler else ()
        # Without the service's time, each goes by a clock of its own: what one has seen says nothing of the others.
        self._every_tick = every_tick or not service.tells_time
        self._events: list[tuple[float, int, int, tuple[int, int]]] = []
        self._order = itertools.count()
        self._pool = SimulatedPool(runs, service, count, self._begin)
        self._last: tuple[float, int, int] = (-math.inf, 0, 0)
        self._next: tuple[float, int, int] | None = None
        # That evaluation is the first one that is not before this time.
        self._looks_from = 0.0
        self._goes_back = False
        self._refused: list[Change] = []
        self._evaluations = self._went_back = self._surprised = 0

    def result(self, until: float) -> Replay:
        if self._runs:
            self._push(self._runs[0].created, _Event.ARRIVAL, (0, 0))
        self._look_at(0.0)
        handle = (self._end, self._changed, self._arrive, self._accept, self._look_again, self._evaluate)
        events, pool = self._events, self._pool
        while events and events[0][0] < until:
            pool.now, kind, _, what = heapq.heappop(events)
            handle[kind](what)
        pool.now = until
        return self._summary()

    def _summary(self) -> Replay:
        pool = self._pool
        return Replay(
            waits=tuple(
                (pool.now if start is None else start) - run.created
                for run, start in zip(self._runs, pool.starts, strict=True)
                if run.created < pool.now
            ),
            instance_seconds=pool.paid_until_now(),
            changes=tuple(pool.changes),
            interrupted=pool.interrupted,
            unfinished=pool.active,
            refused=tuple(self._refused),
            evaluations=self._evaluations,
            went_back=self._went_back,
            surprised=self._surprised,
        )

    def _push(self, time: float, event: _Event, what: tuple[int, int] = (0, 0)) -> None:
        heapq.heappush(self._events, (time, event, next(self._order), what))

    # What happens to runs.

    def _begin(self, run: int, end: float, attempt: int) -> None:
        self._push(end, _Event.END, (run, attempt))

    def _end(self, what: tuple[int, int]) -> None:
        run, attempt = what
        if self._pool.attempts[run] == attempt:
            self._pool.end(run)
            self._look_at(self._pool.now)

    def _arrive(self, what: tuple[int, int]) -> None:
        run, _ = what
        self._pool.queue(run)
        if run + 1 < len(self._runs):
            self._push(self._runs[run + 1].created, _Event.ARRIVAL, (run + 1, 0))
        self._look_at(self._pool.now)

    # What happens to the pool.

    def _ask_for(self, count: int) -> None:
        if self._service.latency:
            self._push(self._pool.now + self._service.latency, _Event.ACCEPT, (count, 0))
        else:
            self._accept((count, 0))

    def _accept(self, what: tuple[int, int]) -> None:
        count, _ = what
        pool, quota = self._pool, self._service.quota
        if pool.is_changing or count < 0 or (quota is not None and count > quota):
            self._refused.append(Change(pool.now, pool.count, count))
            return
        if count < pool.count:
            looked = pool.now - self._service.latency
            self._surprised += sum(start > looked for start in pool.running.values())
            if self._service.latency and self._autoscaler is not None and self._autoscaler.looks_again:
                self._push(pool.now + self._service.latency, _Event.LOOK_AGAIN)
        self._push(pool.change(count), _Event.CHANGED)
        self._look_at(pool.now)

    def _changed(self, _: tuple[int, int]) -> None:
        self._pool.finish_change()
        self._look_at(self._pool.now)
        if self._goes_back:
            self._goes_back = False
            wish = self._decide(0.0)
            if wish.count is not None and wish.count > self._pool.count:
                self._went_back += 1
                self._ask_for(wish.count)

    def _look_again(self, _: tuple[int, int]) -> None:
        self._goes_back = self._pool.is_changing and self._pool.active > 0

    # Evaluations.

    def _decide(self, clock_offset: float) -> Wish:
        if self._autoscaler is None:
            return Wish()
        self._evaluations += 1
        offset = 0.0 if self._service.tells_time else clock_offset
        return self._autoscaler.decide(self._pool, self._pool.now + offset)

    def _look_at(self, time: float) -> None:
        """Something is otherwise from `time` on: the next evaluation that is not before it has to be made."""
        if self._next is not None and self._looks_from <= time:
            return
        due = self._first_due(time)
        if due is not None and (self._next is None or due < self._next):
            self._next, self._looks_from = due, time
            self._push(due[0], _Event.EVALUATION, due[1:])

    def _first_due(self, time: float) -> tuple[float, int, int] | None:
        best = None
        for index, evaluator in enumerate(self._evaluators):
            number = evaluator.number_at(time)
            due = (evaluator.time_of(number), index, number)
            if due <= self._last:
                due = (evaluator.time_of(number + 1), index, number + 1)
            if best is None or due < best:
                best = due
        return best

    def _evaluate(self, what: tuple[int, int]) -> None:
        index, number = what
        due = (self._pool.now, index, number)
        if due != self._next:
            return
        self._last, self._next = due, None
        evaluator = self._evaluators[index]
        if evaluator.is_lost(number):
            self._look_at(self._pool.now)
            return
        wish = self._decide(evaluator.clock_offset)
        if wish.count is not None and wish.count != self._pool.count:
            self._ask_for(wish.count)
            self._look_at(self._pool.now)
        elif self._every_tick:
            self._look_at(self._pool.now)
        elif wish.until is not None:
            self._look_at(wish.until)
