"""When the next look at an operation comes: late enough to be polite, early enough to be of use."""

from __future__ import annotations

from itertools import accumulate, repeat, takewhile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azext_acrpool.client.polling import delay_until_next_look, pause_after_failure

SECONDS = st.floats(0, 7200)
ASKED = st.none() | st.floats(0, 10_000)


@given(SECONDS, ASKED)
def test_an_end_is_noticed_in_time(elapsed: float, asked: float | None) -> None:
    time_for_requests = 0.0 if asked and elapsed >= 60 else 0.75
    assert 1.0 <= delay_until_next_look(elapsed, asked) <= (3.0 if elapsed < 60 else 10.0) - time_for_requests


@given(SECONDS, SECONDS)
def test_delays_grow(one: float, other: float) -> None:
    earlier, later = sorted((one, other))
    assert delay_until_next_look(earlier) <= delay_until_next_look(later)


@pytest.mark.parametrize(
    ("elapsed", "asked", "delay"),
    [
        *((0, None, 1), (6, None, 1.5), (59, None, 1.9), (100, None, 5), (600, None, 9.25)),
        *((0, 0.0, 1), (0, 1.5, 1.5), (0, 10.0, 1.9), (300, 1.0, 1), (300, 10.0, 10), (300, 3600.0, 10)),
    ],
)
def test_delay(elapsed: float, asked: float | None, delay: float) -> None:
    assert delay_until_next_look(elapsed, asked) == delay


def test_ten_minutes_take_about_a_hundred_looks() -> None:
    times = accumulate(repeat(0.0), lambda elapsed, _: elapsed + delay_until_next_look(elapsed))
    assert 60 < len(list(takewhile(lambda elapsed: elapsed < 600, times))) < 110


@pytest.mark.parametrize(
    ("failures", "asked", "pause"),
    [(1, None, 1), (2, None, 2), (5, None, 10), (9, None, 10), (1, 45.0, 45), (4, 1.0, 8)],
)
def test_pause_after_failure(failures: int, asked: float | None, pause: float) -> None:
    assert pause_after_failure(failures, asked) == pause
