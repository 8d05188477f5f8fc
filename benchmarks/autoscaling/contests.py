"""One history under each contestant's rules, and the sums of many."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from azext_acrpool.pool import DEFAULT_VCPU_QUOTA, TIERS
from azext_acrpool.scaling.policy import Policy
from azext_acrpool.scaling.simulation import (
    Autoscaler,
    Evaluator,
    PolicyAutoscaler,
    Replay,
    ServiceModel,
    SimulatedRun,
    replay,
)

from .clairvoyant import clairvoyant
from .histories import ORIGIN, SECONDS, History, Shape, history
from .rivals import FunctionApp, Keda

__all__ = [
    "CLAIRVOYANT",
    "CONTESTANTS",
    "INTERVAL",
    "OURS",
    "OWN",
    "RIVALS",
    "THRIFTIER",
    "THRIFTY",
    "Contest",
    "Sums",
    "contest",
    "with_a_gap",
]

CLAIRVOYANT, OURS, KEDA, FUNCTION_APP = "clairvoyant", "acrpool", "KEDA", "function app"
# The same rules with policies that wait for more runs before they grow, and not for long before they shrink, to be set
# beside autoscalers that cost less because they let runs wait. The function app grows at as many runs an instance as
# the second, and knows no hours with a minimum, so that the second has none either.
THRIFTY, THRIFTIER = "acrpool, per=3 idle=1m", "acrpool, per=5 idle=1m"
CONTESTANTS = (CLAIRVOYANT, OURS, THRIFTY, KEDA, THRIFTIER, FUNCTION_APP)
OWN, RIVALS = (OURS, THRIFTY, THRIFTIER), (KEDA, FUNCTION_APP)
# `autoscale run --loop` evaluates as often if it is not told otherwise.
INTERVAL = 60.0
# Deleting a pool took 1 to 3 minutes; what scaling in takes is not recorded. Nobody is late for it but who pays.
SHRINKING = 120.0
# Two evaluators, whose timers and clocks are not each other's, each of which loses three of ten evaluations. They go by
# the service's time, as evaluations of real pools do, whatever their clocks say.
LOST = 0.3
CLOCKS_APART = 60.0


@dataclass
class Sums:
    """What a contestant comes to, over as many histories as were added. `waits` counts them by whole seconds, up."""

    histories: int = 0
    waits: Counter[int] = field(default_factory=Counter)
    instance_seconds: float = 0.0
    worked_seconds: float = 0.0
    interrupted: int = 0
    unfinished: int = 0
    bounds_broken: int = 0
    flaps: int = 0
    outs: int = 0
    ins: int = 0
    surprised: int = 0
    went_back: int = 0
    evaluations: int = 0

    def add(self, other: Sums) -> None:
        """Add what another history came to."""
        for name, value in vars(other).items():
            if name == "waits":
                self.waits.update(value)
            else:
                setattr(self, name, getattr(self, name) + value)

    def wait(self, percent: float) -> float:
        """The wait that `percent` of the runs do not exceed, in seconds."""
        least = math.ceil(sum(self.waits.values()) * percent / 100)
        seen = 0
        for wait, count in sorted(self.waits.items()):
            seen += count
            if seen >= least:
                return float(wait)
        return 0.0

    @property
    def hours(self) -> float:
        """Hours of instances, of one history."""
        return self.instance_seconds / 3600 / max(1, self.histories)


@dataclass(frozen=True)
class Contest:
    """What each contestant came to on one history, and how long growing took there."""

    of: dict[str, Sums]
    growth: Sequence[float]


def contest(shape: Shape, seed: int) -> Contest:
    """One history under all rules."""
    played = history(shape, seed)
    minimums = list(_minimums(shape.policy))
    thrifty = replace(shape, policy=replace(shape.policy, runs_per_instance=3, idle_minutes=1))
    thriftier = replace(shape, policy=replace(shape.policy, runs_per_instance=5, idle_minutes=1, schedules=()))
    return Contest(
        {
            CLAIRVOYANT: _clairvoyant(shape, played, minimums),
            OURS: _ours(shape, played, seed),
            THRIFTY: _ours(thrifty, played, seed),
            THRIFTIER: _ours(thriftier, played, seed),
            KEDA: _rival(shape, played, Keda(shape.policy.max_count, minimums), Keda.INTERVAL),
            FUNCTION_APP: _rival(shape, played, FunctionApp(), FunctionApp.INTERVAL),
        },
        played.growth.times,
    )


def with_a_gap(shape: Shape, seed: int, latency: float) -> Sums:
    """What our rules come to if the service takes a change `latency` seconds after the look that it rests on."""
    return _ours(shape, history(shape, seed), seed, latency)


def _minimums(policy: Policy) -> Iterator[tuple[float, float, int]]:
    """When the policy has a minimum, and which: the seconds from and until."""
    now, end = ORIGIN, ORIGIN + timedelta(seconds=SECONDS)
    while now < end:
        then = min(policy.next_change(now) or end, end)
        minimum = policy.bounds_at(now).minimum
        if minimum:
            yield _seconds(now), _seconds(then), minimum
        now = then


def _seconds(time: datetime) -> float:
    return (time - ORIGIN).total_seconds()


def _clairvoyant(shape: Shape, played: History, minimums: Sequence[tuple[float, float, int]]) -> Sums:
    bound = clairvoyant(
        played.runs, played.growth, shape.policy.max_count, minimums, shrinking=SHRINKING, until=SECONDS
    )
    return Sums(1, _counted(bound.waits), instance_seconds=bound.instance_seconds, worked_seconds=_worked(played.runs))


def _ours(shape: Shape, played: History, seed: int, latency: float = 0.0) -> Sums:
    evaluators = [
        Evaluator(phase=7.0, interval=INTERVAL, lost=LOST, seed=2 * seed, clock_offset=CLOCKS_APART / 2),
        Evaluator(phase=31.0, interval=INTERVAL, lost=LOST, seed=2 * seed + 1, clock_offset=-CLOCKS_APART / 2),
    ]
    autoscaler = PolicyAutoscaler(shape.policy, ORIGIN)
    return _played(shape, played, autoscaler, evaluators, _service(shape, played, latency))


def _rival(shape: Shape, played: History, autoscaler: Autoscaler, interval: float) -> Sums:
    return _played(shape, played, autoscaler, [Evaluator(interval=interval)], _service(shape, played, 0.0))


def _service(shape: Shape, played: History, latency: float) -> ServiceModel:
    quota = DEFAULT_VCPU_QUOTA[False] // TIERS[shape.tier].vcpus
    return ServiceModel(growth=played.growth, shrinking=SHRINKING, latency=latency, quota=quota)


def _played(
    shape: Shape, played: History, autoscaler: Autoscaler, evaluators: Sequence[Evaluator], service: ServiceModel
) -> Sums:
    done = replay(played.runs, autoscaler, evaluators, service, until=SECONDS)
    return _sums(shape.policy, played, done)


def _sums(policy: Policy, played: History, done: Replay) -> Sums:
    return Sums(
        1,
        _counted(done.waits),
        done.instance_seconds,
        _worked(played.runs),
        done.interrupted,
        done.unfinished,
        done.bounds_broken(_bounds_of(policy)),
        done.flaps(policy.idle_time.total_seconds()),
        sum(change.after > change.before for change in done.changes),
        sum(change.after < change.before for change in done.changes),
        done.surprised,
        done.went_back,
        done.evaluations,
    )


def _bounds_of(policy: Policy) -> Callable[[float], tuple[int, int]]:
    def bounds_at(time: float) -> tuple[int, int]:
        bounds = policy.bounds_at(ORIGIN + timedelta(seconds=time))
        return bounds.minimum, bounds.maximum

    return bounds_at


def _counted(waits: Sequence[float]) -> Counter[int]:
    return Counter(math.ceil(wait) for wait in waits)


def _worked(runs: Sequence[SimulatedRun]) -> float:
    return sum(run.duration for run in runs)
