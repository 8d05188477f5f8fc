"""The rules on a few histories of each shape, 30 days each: what `benchmarks/autoscale.py` finds of a thousand."""

from __future__ import annotations

import pytest
from autoscaling.contests import CLAIRVOYANT, CONTESTANTS, OURS, Sums, contest, with_a_gap
from autoscaling.goals import missed
from autoscaling.histories import SHAPES, Shape

# The last shape has as many runs as all others together.
HISTORIES = {"steady": 1}


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_goals_are_reached(shape: Shape) -> None:
    of = {name: Sums() for name in CONTESTANTS}
    growth: list[float] = []
    for seed in range(HISTORIES.get(shape.name, 2)):
        done = contest(shape, seed)
        growth += done.growth
        for name, sums in done.of.items():
            of[name].add(sums)
    assert sum(of[OURS].waits.values()) == sum(of[CLAIRVOYANT].waits.values()) > 2000
    assert list(missed(of, growth)) == []


def test_a_run_that_comes_between_the_look_and_the_scaling_in_is_gone_back_for() -> None:
    (matrix,) = (shape for shape in SHAPES if shape.name == "matrix builds")
    # So long a gap that some do.
    done = with_a_gap(matrix, 0, latency=45.0)
    assert done.interrupted > 0
    assert done.went_back > 0
    assert (done.bounds_broken, done.unfinished) == (0, 0)
