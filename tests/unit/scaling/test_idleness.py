"""For how long a pool had nothing to do."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from azext_acrpool.scaling.idleness import longest_idle
from azext_acrpool.scaling.run_record import RunRecord

START = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
END = START + timedelta(minutes=100)


def run(created: int | None, finished: int | None, *, pool: str = "mypool", is_active: bool = False) -> RunRecord:
    """A run whose times are minutes after the start."""
    times = [None if minutes is None else START + timedelta(minutes=minutes) for minutes in (created, finished)]
    return RunRecord(
        "cf1", pool, "", is_queued=False, is_active=is_active, created=times[0], started=times[0], finished=times[1]
    )


@pytest.mark.parametrize(
    ("runs", "minutes"),
    [
        ([], 100),
        ([run(10, 20)], 80),
        ([run(70, 90)], 70),
        ([run(60, 90), run(10, 20)], 40),
        ([run(10, 50), run(20, 30), run(40, 80)], 20),
        ([run(-30, 20), run(90, 130)], 70),
        ([run(-30, -10), run(120, 130)], 100),
        ([run(30, None, is_active=True)], 30),
        ([run(30, None)], 30),
        ([run(None, 40)], 60),
        ([run(50, 40)], 50),
        ([run(0, 100)], 0),
        ([run(0, 100, pool="other")], 100),
        ([run(0, 100, pool="MyPool")], 0),
    ],
    ids=[
        "no runs",
        "late",
        "early",
        "between two",
        "overlapping",
        "at both edges",
        "outside",
        "goes on",
        "end not known",
        "begin not known",
        "clocks disagree",
        "all the time",
        "of another pool",
        "in any case",
    ],
)
def test_longest_idle(runs: list[RunRecord], minutes: int) -> None:
    assert longest_idle("mypool", runs, START, END) == timedelta(minutes=minutes)
