"""The autoscaler of replays knows what `activity_of` says of the service's records; and what replays leave out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from autoscaling.histories import ORIGIN, SHAPES, Shape, history
from autoscaling.rivals import FunctionApp, Keda

from azext_acrpool.pool import Pool
from azext_acrpool.scaling.activity import Activity, activity_of
from azext_acrpool.scaling.run_record import RunRecord
from azext_acrpool.scaling.simulation import Autoscaler, Evaluator, PolicyAutoscaler, ServiceModel, Wish, replay
from azext_acrpool.scaling.simulation.agents import SimulatedPool

UNTIL = 1.5 * 86400.0


class Compared(PolicyAutoscaler):
    """Finds out in both ways."""

    compared = 0

    def decide(self, pool: SimulatedPool, seen: float) -> Wish:
        if len(pool.ended) % 9 == 0:
            modified = ORIGIN + timedelta(seconds=pool.modified)
            asked = Pool("pool", "registry", "S2", pool.count, modified=modified)
            expected = activity_of(asked, records(pool), ORIGIN + timedelta(seconds=seen))
            assert flat(self.activity(pool, seen)) == pytest.approx(flat(expected), abs=1e-5)
            self.compared += 1
        return super().decide(pool, seen)


def flat(activity: Activity) -> list[Any]:
    """Numbers to compare."""
    known = [
        activity.queued,
        activity.growth or -1.0,
        *activity.durations,
        *sorted(age or 0.0 for age in activity.running),
    ]
    busy = (activity.last_busy - ORIGIN).total_seconds() if activity.last_busy else -1.0
    return [(activity.seen - ORIGIN).total_seconds(), busy, len(activity.durations), *known]


def records(pool: SimulatedPool) -> list[RunRecord]:
    """All runs so far, as the service lists them."""
    return [record(pool, run) for run in range(pool.arrived)]


def record(pool: SimulatedPool, run: int) -> RunRecord:
    times = [
        None if time is None else ORIGIN + timedelta(seconds=time)
        for time in (pool.runs[run].created, pool.starts[run], pool.ends[run])
    ]
    return RunRecord(str(run), "pool", "", times[1] is None, times[2] is None, "", *times)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_activity_is_that_of_the_records(shape: Shape) -> None:
    played = history(shape, 3)
    runs = [run for run in played.runs if run.created < UNTIL]
    autoscaler = Compared(shape.policy, ORIGIN)
    replay(runs, autoscaler, [Evaluator(lost=0.3)], ServiceModel(played.growth), until=UNTIL)
    assert autoscaler.compared > 10


EVALUATORS = [Evaluator(phase=7.0, lost=0.3, seed=1), Evaluator(phase=31.0, lost=0.3, seed=2)]


@pytest.mark.parametrize("latency", [0.0, 2.0])
@pytest.mark.parametrize("name", ["acrpool", "KEDA", "function app"])
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_evaluations_that_are_left_out_would_have_changed_nothing(shape: Shape, name: str, latency: float) -> None:
    played = history(shape, 4)
    runs = [run for run in played.runs if run.created < UNTIL]
    service = ServiceModel(played.growth, latency=latency, quota=8)

    def autoscaler() -> Autoscaler:
        if name == "acrpool":
            return PolicyAutoscaler(shape.policy, ORIGIN)
        return Keda(shape.policy.max_count, [(8 * 3600.0, 18 * 3600.0, 1)]) if name == "KEDA" else FunctionApp()

    leaving_out = replay(runs, autoscaler(), EVALUATORS, service, until=UNTIL)
    ticking = replay(runs, autoscaler(), EVALUATORS, service, until=UNTIL, every_tick=True)
    assert leaving_out.evaluations < ticking.evaluations
    assert leaving_out.changes == ticking.changes
    assert leaving_out.waits == ticking.waits
    assert leaving_out.instance_seconds == ticking.instance_seconds


def test_clocks_that_are_a_minute_apart_interrupt_no_run_where_the_service_does_not_tell_the_time() -> None:
    (shape,) = (shape for shape in SHAPES if shape.name == "matrix builds")
    played = history(shape, 5)
    runs = [run for run in played.runs if run.created < UNTIL]
    evaluators = [Evaluator(phase=7.0, clock_offset=30.0), Evaluator(phase=31.0, clock_offset=-30.0)]
    service = ServiceModel(played.growth, tells_time=False)
    done = replay(runs, PolicyAutoscaler(shape.policy, ORIGIN), evaluators, service, until=UNTIL)
    assert sum(change.after < change.before for change in done.changes) > 3
    assert (done.interrupted, done.flaps(shape.policy.idle_time.total_seconds() - 60)) == (0, 0)
    assert done.bounds_broken(lambda _: (0, shape.policy.max_count)) == 0
