"""Waiting ends, whatever the clock's readings are rounded to."""

from __future__ import annotations

from datetime import datetime, timezone

from hypothesis import given
from hypothesis import strategies as st

from azext_acrpool.client.operations.patience import Watch


class RoundingClock:
    """Moves only by sleeping, and rounds as floats do: a tiny sleep long after the start does not move it."""

    def __init__(self, time: float) -> None:
        self.time = time

    def monotonic(self) -> float:
        return self.time

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=timezone.utc)

    def sleep(self, seconds: float) -> None:
        before = self.time
        self.time += seconds
        assert self.time > before, "this would go on for ever"


@given(start=st.floats(0, 1e7), pauses=st.lists(st.floats(0.01, 20), min_size=1, max_size=20))
def test_pauses_end_on_any_clock(start: float, pauses: list[float]) -> None:
    clock = RoundingClock(start)
    watch = Watch(clock, "the create of a pool", "done")
    for pause in pauses:
        watch.pause(pause)
    assert abs(clock.time - start - sum(pauses)) < 0.001
