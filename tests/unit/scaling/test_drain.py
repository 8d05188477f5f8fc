"""How long the runs of a pool would wait for the instances that it has."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azext_acrpool.scaling.drain import Drain

MINUTES = (60.0, 120.0, 300.0)


@pytest.mark.parametrize(
    ("durations", "count", "running", "queued", "wait"),
    [
        (MINUTES, 2, (), 2, 0),
        ((), 2, (), 2, 0),
        (MINUTES, 2, (), 0, 0),
        # The median of all is 120 s: it has 90 more to run.
        (MINUTES, 1, (30,), 1, 90),
        (MINUTES, 1, (30,), 2, 210),
        (MINUTES, 1, (30,), 3, 330),
        (MINUTES, 2, (30, 110), 1, 90),
        (MINUTES, 2, (30, 110), 2, 190),
        # Of those that take longer than 60 s, the longer of the two; of those longer than 120 s, the one.
        (MINUTES, 1, (60,), 1, 240),
        (MINUTES, 1, (200,), 1, 100),
        # Longer than any: who knows.
        (MINUTES, 1, (300,), 1, None),
        (MINUTES, 2, (300, 30), 1, 90),
        (MINUTES, 2, (300, 30), 2, 210),
        (MINUTES, 2, (None, 30), 1, 90),
        (MINUTES, 1, (None,), 1, None),
        ((), 1, (10,), 1, None),
        ((), 1, (), 2, None),
        # No agent at all.
        (MINUTES, 0, (), 1, None),
        (MINUTES, 0, (30,), 1, None),
        # More runs than agents: one of them is to go, and with it perhaps the agent that is free first.
        (MINUTES, 1, (30, 110), 1, 190),
    ],
)
def test_waiting(
    durations: tuple[float, ...], count: int, running: tuple[float | None, ...], queued: int, wait: float | None
) -> None:
    assert Drain(durations).wait(count, running, queued) == wait


@pytest.mark.parametrize(
    ("running", "seconds"),
    [((), inf), ((None,), inf), ((30,), 30), ((60,), 60), ((30, 115), 5), ((300, 400), inf), ((200, None), 100)],
)
def test_how_long_expectations_hold(running: tuple[float | None, ...], seconds: float) -> None:
    assert Drain(MINUTES).holds_for(running) == seconds


_seconds = st.integers(0, 900).map(float)


@given(
    st.lists(_seconds, min_size=1, max_size=8),
    st.integers(1, 4),
    st.lists(_seconds, max_size=4),
    st.integers(1, 9),
    st.integers(0, 899),
)
def test_time_passes(durations: list[float], count: int, running: list[float], queued: int, passed: int) -> None:
    drain = Drain(durations)
    if passed >= drain.holds_for(running):
        return
    now, later = drain.wait(count, running, queued), drain.wait(count, [age + passed for age in running], queued)
    if len(running) < count:
        # Free agents take a run each at once.
        assert later is None or now is None or later <= now
    else:
        assert later == (None if now is None else now - passed)


@given(st.lists(_seconds, max_size=8), st.integers(1, 4), st.lists(_seconds, max_size=4), st.integers(1, 9))
def test_more_agents_never_take_longer(durations: list[float], count: int, running: list[float], queued: int) -> None:
    drain = Drain(durations)
    fewer = drain.wait(count, running, queued)
    more = drain.wait(count + 1, running, queued)
    assert fewer is None or (more is not None and more <= fewer)
