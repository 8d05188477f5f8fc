"""Five shapes of histories: when runs are queued in 30 days, and for how long each keeps an agent.

None of the numbers is of a real registry; each is what its shape is known by, and has its reason beside it. All
contestants get the same runs and the same growth times. The 30 days begin on a Monday, and clocks in Europe are put
forward in them.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from azext_acrpool.scaling.policy import Policy
from azext_acrpool.scaling.simulation import SimulatedRun

__all__ = ["DAYS", "ORIGIN", "SECONDS", "SHAPES", "GrowthTimes", "History", "Shape", "history"]

ORIGIN = datetime(2026, 3, 9, tzinfo=timezone.utc)
DAYS = 30
SECONDS = DAYS * 86400.0
_OFFICE = ZoneInfo("Europe/Berlin")
_MINUTE, _HOUR = 60.0, 3600.0
# Durations of builds are spread like this about their median: one of twenty takes three times as long. None is longer
# than `az acr build` lets a run take if it is not told otherwise.
_SPREAD = 0.7
_LONGEST = _HOUR


class GrowthTimes:
    """How long a pool takes to grow, by when it is asked to: 5 to 13 minutes, half of the times less than 7.

    Recorded were 5 m 37 s for a scaling, 5 m 40 s to 12 m 45 s for creations. It is drawn for each 10 minutes, so that
    whoever asks at a time is told the same.
    """

    SLOT = 600.0

    def __init__(self, seed: str) -> None:
        chance = random.Random(f"growth {seed}")
        self.times = [
            min(13 * _MINUTE, max(5 * _MINUTE, chance.lognormvariate(math.log(7 * _MINUTE), 0.3)))
            for _ in range(int(SECONDS / self.SLOT) + 2)
        ]

    def __call__(self, time: float) -> float:
        return self.times[int(time / self.SLOT)]

    def last_call(self, needed: float) -> float:
        """How long before `needed` instances have to be asked for, at the latest."""
        least = math.inf
        for slot in range(max(0, int((needed - 13 * _MINUTE) / self.SLOT)), int(needed / self.SLOT) + 1):
            asked = min(needed - self.times[slot], (slot + 1) * self.SLOT)
            if asked >= slot * self.SLOT:
                least = min(least, needed - asked)
        return least if least < math.inf else self.times[0]


@dataclass(frozen=True)
class History:
    """Runs, the earliest first, and how long the pool takes to grow."""

    runs: list[SimulatedRun]
    growth: GrowthTimes


@dataclass(frozen=True)
class Shape:
    """`policy` is what somebody who knows this shape would set; `arrivals` yields (time, median of the duration)."""

    name: str
    tier: str
    policy: Policy
    arrivals: Callable[[random.Random], Iterator[tuple[float, float]]]


def history(shape: Shape, seed: int) -> History:
    """The history number `seed` of a shape, the same each time."""
    chance = random.Random(f"{shape.name} {seed}")
    runs = [
        SimulatedRun(time, min(_LONGEST, chance.lognormvariate(math.log(median), _SPREAD)))
        for time, median in sorted(shape.arrivals(chance))
        # The last hours are left for the runs to end in.
        if 0 <= time < SECONDS - 6 * _HOUR
    ]
    return History(runs, GrowthTimes(f"{shape.name} {seed}"))


def _at(day: int, hour: float) -> float:
    """Seconds since the origin of an hour of the office's clock."""
    date = (ORIGIN + timedelta(days=day)).date()
    midnight = datetime(date.year, date.month, date.day, tzinfo=_OFFICE)
    wall = midnight + timedelta(hours=hour)
    return (wall.astimezone(timezone.utc) - ORIGIN).total_seconds()


def _workdays() -> Iterator[int]:
    return (day for day in range(DAYS) if day % 7 < 5)


def _poisson(chance: random.Random, begin: float, end: float, per_hour: float) -> Iterator[float]:
    time = begin + chance.expovariate(per_hour / _HOUR)
    while time < end:
        yield time
        time += chance.expovariate(per_hour / _HOUR)


def _office_hours(chance: random.Random) -> Iterator[tuple[float, float]]:
    """A team of ten: seven builds an hour, half as many at noon, and some before eight and after six."""
    for day in _workdays():
        for begin, end, per_hour in ((7, 8, 1), (8, 12, 7), (12, 13, 3.5), (13, 18, 7), (18, 20, 1)):
            for time in _poisson(chance, _at(day, begin), _at(day, end), per_hour):
                yield time, 4 * _MINUTE


def _bursts(chance: random.Random) -> Iterator[tuple[float, float]]:
    """A bot that updates dependencies, or a base image: 15 to 40 builds in three minutes, three times a workday."""
    for day in range(DAYS):
        for begin in _poisson(chance, _at(day, 7), _at(day, 19), 3 / 12 if day % 7 < 5 else 1 / 12):
            for _ in range(chance.randint(15, 40)):
                yield begin + chance.uniform(0, 3 * _MINUTE), 6 * _MINUTE


def _matrix_builds(chance: random.Random) -> Iterator[tuple[float, float]]:
    """Two pushes an hour, each of which queues 6 to 12 builds at once."""
    for day in _workdays():
        for begin in _poisson(chance, _at(day, 9), _at(day, 18), 2):
            for number in range(chance.randint(6, 12)):
                yield begin + number, 6 * _MINUTE


def _nightly(chance: random.Random) -> Iterator[tuple[float, float]]:
    """All images at two in the morning, 40 to 80 within ten minutes, and three builds on a workday."""
    for day in range(DAYS):
        for _ in range(chance.randint(40, 80)):
            yield _at(day, 2) + chance.uniform(0, 10 * _MINUTE), 8 * _MINUTE
        if day % 7 < 5:
            for time in _poisson(chance, _at(day, 9), _at(day, 17), 3 / 8):
                yield time, 4 * _MINUTE


def _steady(chance: random.Random) -> Iterator[tuple[float, float]]:
    """Teams all around the world: by day and night as much as keeps 70 % of four agents busy."""
    mean = 8 * _MINUTE * math.exp(_SPREAD**2 / 2)
    for time in _poisson(chance, 0.0, SECONDS, 0.7 * 4 * _HOUR / mean):
        yield time, 8 * _MINUTE


# The default quota of 16 vCPUs has room for 4 instances of S2 and for 8 of S1. Nothing follows a burst, so that a pool
# for bursts need not be kept for as long as others; the other idle times are the default.
SHAPES = (
    Shape(
        "office hours",
        "S2",
        Policy.parse("v1; max=4; min=0; at=Mon-Fri 07:30-18:00 Europe/Berlin min=1"),
        _office_hours,
    ),
    Shape("bursts", "S1", Policy.parse("v1; max=8; min=0; idle=10m"), _bursts),
    Shape("matrix builds", "S1", Policy.parse("v1; max=8; min=0"), _matrix_builds),
    Shape("nightly", "S1", Policy.parse("v1; max=8; min=0"), _nightly),
    Shape("steady", "S2", Policy.parse("v1; max=4; min=0"), _steady),
)
