"""What could be had at best by somebody who knows all runs and all growth times ahead.

It is a bound and not a plan: no autoscaler pays less without making a run wait that need not. What it is held to:

- Nobody waits whom the policy's maximum does not make wait. So runs start as they would on a pool that always has the
  maximum, and each instance is there from when that takes it until the pool is idle: the service takes away any
  instance, so there are never fewer while a run is active.
- Growing takes as long as for all, and is paid for: instances are asked for at the last moment.
- Whether an instance is kept over a time in which it is not needed, or given up and asked for again, is decided for
  each by itself, by what costs less. Giving up costs the time of that operation, as for all.
- The minimum of the policy's schedules is kept.

What it is let off: a pool that is changing takes no other change, and a run that comes then has to be known of before.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from azext_acrpool.scaling.simulation import SimulatedRun

from .histories import GrowthTimes

__all__ = ["Bound", "clairvoyant"]


@dataclass(frozen=True)
class Bound:
    """The least that is paid, in seconds of instances, and the waits that the maximum alone makes."""

    instance_seconds: float
    waits: tuple[float, ...]


def clairvoyant(
    runs: Sequence[SimulatedRun],
    growth: GrowthTimes,
    maximum: int,
    minimums: Sequence[tuple[float, float, int]],
    *,
    shrinking: float,
    until: float,
) -> Bound:
    """The bound for `runs`. `minimums` are times (from, until) and the number of instances kept then."""
    starts = _starts_with_all(runs, maximum)
    spans = [
        (start, min(until, start + run.duration)) for start, run in zip(starts, runs, strict=True) if start < until
    ]
    busy = list(_busy_periods(spans))
    needs: list[list[tuple[float, float]]] = [[] for _ in range(maximum)]
    for end, reached in busy:
        for level, since in enumerate(reached):
            needs[level].append((since, end))
    for begin, end, count in minimums:
        held = max([end, *(over for over, reached in busy if reached[0] < end <= over)])
        for level in range(count):
            needs[level].append((begin, min(until, held)))
    paid = sum(_paid(sorted(level), growth, shrinking, until) for level in needs)
    return Bound(paid, tuple(start - run.created for start, run in zip(starts, runs, strict=True)))


def _starts_with_all(runs: Sequence[SimulatedRun], maximum: int) -> list[float]:
    """When each run is taken if there are always as many agents as there may be."""
    free = [0.0] * maximum
    starts = []
    for run in runs:
        start = max(run.created, free[0])
        heapq.heapreplace(free, start + run.duration)
        starts.append(start)
    return starts


def _busy_periods(spans: Sequence[tuple[float, float]]) -> Iterator[tuple[float, list[float]]]:
    """The ends of the times in which something runs, each with when the first, second .. instance was taken in it."""
    ends: list[float] = []
    reached: list[float] = []
    last = 0.0
    for start, end in spans:
        while ends and ends[0] <= start:
            last = heapq.heappop(ends)
        # An agent that is free at the moment at which the next run comes has not been idle.
        if not ends and reached and last < start:
            yield last, reached
            reached = []
        heapq.heappush(ends, end)
        if len(ends) > len(reached):
            reached.append(start)
    if reached:
        yield max(ends), reached


def _paid(needs: Sequence[tuple[float, float]], growth: GrowthTimes, shrinking: float, until: float) -> float:
    """What one instance costs that is needed at these times."""
    paid, there_until = 0.0, None
    for begin, end in needs:
        if there_until is None:
            paid += growth.last_call(begin)
        elif begin > there_until:
            paid += min(begin - there_until, shrinking + growth.last_call(begin))
        paid += max(0.0, end - max(begin, there_until or 0.0))
        there_until = max(end, there_until or 0.0)
    return paid + (min(shrinking, until - there_until) if there_until is not None else 0.0)
