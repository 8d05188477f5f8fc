"""What goes into a replay, and what comes out of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = [
    "Change",
    "Evaluator",
    "Replay",
    "ServiceModel",
    "SimulatedRun",
    "percentile",
]


@dataclass(frozen=True)
class SimulatedRun:
    """A run that is queued at `created` and keeps an agent for `duration` seconds."""

    created: float
    duration: float


@dataclass(frozen=True)
class ServiceModel:
    """How the service treats changes of a pool.

    `growth` is how many seconds it takes to get instances more, `shrinking` to have fewer, either as a number or by the
    time at which they are asked for. Meanwhile the pool is changing: it refuses other changes, and the agents that it
    has and keeps go on taking runs. `latency` are the seconds from reading a pool and its runs to the service's taking
    the change, and from there to looking again. `quota` is the most instances that it grants, None for any number.
    `tells_time`: its replies say what time it is; else those who evaluate go by their own clocks.
    """

    growth: float | Callable[[float], float]
    shrinking: float | Callable[[float], float] = 120.0
    latency: float = 0.0
    quota: int | None = None
    tells_time: bool = True

    def seconds_for(self, before: int, after: int, now: float) -> float:
        """How long a change takes that is asked for at `now`."""
        duration = self.growth if after >= before else self.shrinking
        return duration(now) if callable(duration) else duration


@dataclass(frozen=True)
class Evaluator:
    """Somebody who evaluates at `phase`, and every `interval` seconds after it.

    `lost` is the share of evaluations that do not happen, drawn by `seed`; `clock_offset` is how many seconds its own
    clock is ahead of the service's.
    """

    phase: float = 0.0
    interval: float = 60.0
    lost: float = 0.0
    seed: int = 0
    clock_offset: float = 0.0

    def number_at(self, time: float) -> int:
        """The number of the first evaluation that is not before `time`."""
        number = max(0, int((time - self.phase) // self.interval))
        while self.phase + number * self.interval < time:
            number += 1
        return number

    def time_of(self, number: int) -> float:
        """When evaluation `number` is due."""
        return self.phase + number * self.interval

    def is_lost(self, number: int) -> bool:
        """Whether evaluation `number` does not happen: the same for all that replay these runs, in any order."""
        return self.lost > 0 and _scattered(self.seed * 0x1F123BB5 + number) < self.lost


@dataclass(frozen=True)
class Change:
    """A change that the service accepted at `time`: from `before` instances to `after`."""

    time: float
    before: int
    after: int


@dataclass(frozen=True)
class Replay:
    """What came of it.

    `waits` are seconds from a run's being queued until the agent took it that brought it to its end, in the order in
    which the runs came; of those without such an agent, until the replay's end. `instance_seconds` are what is paid:
    instances count from the asking for them until the end of the change that takes them away. `interrupted`: how often
    an agent went away under a run, which was queued again then. `unfinished`: runs that had no end by then. `refused`
    are counts that the service did not accept, because the pool was changing or there is no such number. `evaluations`
    were made; those are left out that could not have come to anything else than the one before. `went_back`: how often
    it was grown again at once because a run had come just when it was scaled in; `surprised`: runs that an agent had
    taken between the look and the scaling in.
    """

    waits: tuple[float, ...]
    instance_seconds: float
    changes: tuple[Change, ...]
    interrupted: int
    unfinished: int
    refused: tuple[Change, ...]
    evaluations: int
    went_back: int
    surprised: int

    def percentile(self, percent: float) -> float:
        """The wait that `percent` of the runs do not exceed, in seconds; 0 if there are no runs."""
        return percentile(self.waits, percent)

    def flaps(self, idle_seconds: float) -> int:
        """How often instances that had been asked for were given up within the idle time."""
        flaps, asked_at = 0, -math.inf
        for change in self.changes:
            if change.after > change.before:
                asked_at = change.time
            flaps += change.after < change.before and change.time - asked_at < idle_seconds
        return flaps

    def bounds_broken(self, bounds_at: Callable[[float], tuple[int, int]]) -> int:
        """How often a count was asked for that is less than the minimum or more than the maximum of then."""
        broken = 0
        for change in (*self.changes, *self.refused):
            minimum, maximum = bounds_at(change.time)
            broken += not min(minimum, change.before) <= change.after <= maximum and change.after != change.before
        return broken


def percentile(values: Sequence[float], percent: float) -> float:
    """The least of `values` that `percent` of them do not exceed, 0 of none."""
    if not values:
        return 0.0
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def _scattered(number: int) -> float:
    """A number in [0, 1) that looks like chance: splitmix64 (Steele, Lea, Flood: Fast splittable generators, 2014)."""
    mixed = (number * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
    return (mixed ^ (mixed >> 31)) / 2**64
