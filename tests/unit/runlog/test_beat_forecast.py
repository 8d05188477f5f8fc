"""Foretelling the next line of a log that has a beat."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azext_acrpool.runlog.forecast import BeatForecast


def seen(times: list[float], looks_every: float, *, shortest: float = 2.0) -> BeatForecast:
    """A forecast after these growths were found by looks at a fixed interval."""
    forecast = BeatForecast(shortest)
    for time in times:
        by = looks_every * (int(time / looks_every) + 1)
        forecast.grew(by - looks_every, by)
    return forecast


@pytest.mark.parametrize("period", [2.5, 5.0, 10.0, 30.0, 61.7])
def test_a_steady_beat_is_foretold(period: float) -> None:
    window = seen([7.0 + period * n for n in range(6)], 0.9).next_growth
    assert window is not None
    assert window.earliest <= 7.0 + period * 6 <= window.latest
    assert window.latest - window.earliest < 2.0


@pytest.mark.parametrize(
    "times",
    [
        [],
        [5.0, 10.0],
        [5.0, 6.0, 14.0, 15.0, 31.0],
        [0.5, 1.0, 1.5, 2.0, 2.5, 3.0],
    ],
    ids=["nothing", "too little", "no beat", "too fast to matter"],
)
def test_what_has_no_beat_has_no_forecast(times: list[float]) -> None:
    assert seen(times, 0.3).next_growth is None


def test_a_forecast_that_did_not_come_true_is_dropped() -> None:
    forecast = seen([5.0, 10.0, 15.0], 0.9)
    assert forecast.next_growth is not None
    forecast.missed(forecast.next_growth.latest + 0.1)
    assert forecast.next_growth is None


def test_a_look_before_its_time_changes_nothing() -> None:
    forecast = seen([5.0, 10.0, 15.0], 0.9)
    before = forecast.next_growth
    forecast.missed(17.0)
    assert forecast.next_growth == before


@given(
    period=st.floats(2.5, 60.0),
    phase=st.floats(0.0, 60.0),
    interval=st.floats(0.2, 1.2),
    count=st.integers(3, 12),
)
def test_the_next_beat_is_always_in_the_window(period: float, phase: float, interval: float, count: int) -> None:
    window = seen([phase + period * n for n in range(count)], interval).next_growth
    assert window is None or window.earliest - 0.01 <= phase + period * count <= window.latest + 0.01
