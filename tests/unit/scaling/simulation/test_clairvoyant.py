"""The bound that nobody does better than, on histories that are small enough to find it by hand."""

from __future__ import annotations

import random

import pytest
from autoscaling.clairvoyant import clairvoyant
from autoscaling.histories import GrowthTimes

from azext_acrpool.scaling.simulation import Evaluator, ServiceModel, SimulatedRun, replay

UNTIL = 86400.0


class Growth(GrowthTimes):
    """Always 300 s."""

    def __init__(self) -> None:
        super().__init__("")
        self.times = [300.0] * len(self.times)


def paid(
    *runs: tuple[float, float], maximum: int = 2, minimums: tuple[tuple[float, float, int], ...] = ()
) -> tuple[float, tuple[float, ...]]:
    """What is paid for runs (created, duration), and what they wait."""
    simulated = [SimulatedRun(*run) for run in runs]
    bound = clairvoyant(simulated, Growth(), maximum, minimums, shrinking=100.0, until=UNTIL)
    return bound.instance_seconds, bound.waits


def test_an_instance_is_there_when_the_run_comes_and_goes_when_it_ends() -> None:
    assert paid((1000.0, 60.0)) == (300 + 60 + 100, (0.0,))


@pytest.mark.parametrize(("gap", "cost"), [(399.0, 399.0), (401.0, 400.0)])
def test_an_instance_stays_where_that_costs_less_than_to_have_it_again(gap: float, cost: float) -> None:
    assert paid((1000.0, 60.0), (1060.0 + gap, 60.0))[0] == 300 + 60 + cost + 60 + 100


def test_no_instance_goes_while_a_run_is_active() -> None:
    assert paid((1000.0, 600.0), (1100.0, 60.0))[0] == (300 + 600 + 100) + (300 + 500 + 100)


def test_the_maximum_makes_runs_wait() -> None:
    assert paid((1000.0, 60.0), (1000.0, 60.0), maximum=1) == (300 + 120 + 100, (0.0, 60.0))


def test_the_minimum_is_kept() -> None:
    assert paid(minimums=((1000.0, 5000.0, 1),))[0] == 300 + 4000 + 100


def test_an_instance_of_the_minimum_stays_for_the_run_that_it_has() -> None:
    assert paid((4900.0, 600.0), minimums=((1000.0, 5000.0, 1),))[0] == 300 + 4500 + 100


@pytest.mark.parametrize("seed", range(20))
def test_a_pool_that_always_has_its_maximum_costs_more_and_lets_wait_as_long(seed: int) -> None:
    chance = random.Random(seed)
    created = sorted(chance.uniform(1000, UNTIL - 9000) for _ in range(60))
    runs = [SimulatedRun(time, chance.uniform(10, 2000)) for time in created]
    bound = clairvoyant(runs, Growth(), 3, (), shrinking=100.0, until=UNTIL)
    always = replay(runs, None, [Evaluator()], ServiceModel(300.0), until=UNTIL, count=3)
    assert bound.waits == pytest.approx(always.waits)
    assert sum(run.duration for run in runs) < bound.instance_seconds < always.instance_seconds
