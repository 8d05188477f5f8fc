"""How long somebody waits at most."""

from __future__ import annotations

import math

import pytest

from azext_acrpool.clock import NO_DEADLINE, Deadline
from azext_acrpool.testing import JumpingClock


@pytest.mark.parametrize(("seconds", "slept", "left"), [(10, 4, 6), (10, 10, 0), (10, 99, 0), (0, 1, 0), (-5, 1, 0)])
def test_a_deadline_comes_nearer_and_is_never_negative(seconds: float, slept: float, left: float) -> None:
    clock = JumpingClock()
    deadline = Deadline(clock, seconds)
    clock.sleep(slept)
    assert deadline.left == pytest.approx(left, abs=0.001)
    assert deadline.seconds == seconds


def test_no_deadline_never_comes() -> None:
    assert NO_DEADLINE.left == math.inf
