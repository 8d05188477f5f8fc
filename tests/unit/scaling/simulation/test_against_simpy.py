"""The same runs and rules in another model: simpy's, in which every evaluation ticks and reads records of all runs."""

from __future__ import annotations

import pytest
from autoscaling.histories import ORIGIN, SHAPES, Shape, history
from simpy_pool import SimpyPool

from azext_acrpool.scaling.simulation import Evaluator, PolicyAutoscaler, ServiceModel, replay

# A workday until the afternoon, and the night before it.
UNTIL = 15 * 3600.0
EVALUATORS = (Evaluator(phase=7.0, lost=0.3, seed=1), Evaluator(phase=31.0, lost=0.3, seed=2))


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_waits_changes_and_costs_are_those_of_another_model(shape: Shape) -> None:
    played = history(shape, 1)
    runs = [run for run in played.runs if run.created < UNTIL]
    service = ServiceModel(growth=played.growth)
    oracle = SimpyPool(shape.policy, service, ORIGIN)
    oracle.play(runs, EVALUATORS, UNTIL)
    done = replay(runs, PolicyAutoscaler(shape.policy, ORIGIN), EVALUATORS, service, until=UNTIL)
    assert oracle.changes
    assert [(change.before, change.after) for change in done.changes] == [change[1:] for change in oracle.changes]
    assert [change.time for change in done.changes] == pytest.approx([change[0] for change in oracle.changes], abs=1e-6)
    assert done.waits == pytest.approx(oracle.waits(UNTIL), abs=1e-6)
    assert done.instance_seconds == pytest.approx(oracle.instance_seconds(UNTIL))
