"""Runs that were, ready to be replayed."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from azext_acrpool.scaling.run_record import RunRecord
from azext_acrpool.scaling.simulation import SimulatedRun, recorded_runs, recorded_waits

START = datetime(2026, 3, 9, 8, tzinfo=timezone.utc)
END = START + timedelta(hours=1)


def record(
    created: float, started: float | None, finished: float | None, pool: str = "mypool", name: str = ""
) -> RunRecord:
    """A run by its times in seconds."""
    times = [None if time is None else START + timedelta(seconds=time) for time in (created, started, finished)]
    status = "Queued" if started is None else "Running" if finished is None else "Succeeded"
    run_id = name or f"{created} {started} {finished}"
    return RunRecord(run_id, pool, status, started is None, finished is None, "", *times)


def found(*records: RunRecord) -> list[SimulatedRun]:
    """What is replayed of them."""
    return recorded_runs("MyPool", records, START, END)


def test_a_run_keeps_its_agent_for_as_long_as_it_did() -> None:
    assert found(record(60, 100, 400), record(30, 40, 50)) == [SimulatedRun(30.0, 10.0), SimulatedRun(60.0, 300.0)]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(record(-1, 100, 400), id="before"),
        pytest.param(record(3600, 3700, 3800), id="after"),
        pytest.param(record(60, 100, 400, pool="other"), id="another pool's"),
        pytest.param(RunRecord("ca1", "mypool", "Canceled", False, False, "", START, None, END), id="never begun"),
    ],
)
def test_others_do_not_count(other: RunRecord) -> None:
    assert found(other) == []


@pytest.mark.parametrize(
    ("going_on", "seconds"),
    [
        pytest.param(record(60, 600, None), 3000.0, id="for longer than most already"),
        pytest.param(record(60, 3550, None), 300.0, id="for less than most"),
        pytest.param(record(60, None, None), 300.0, id="not yet"),
    ],
)
def test_of_a_run_without_an_end_something_is_assumed(going_on: RunRecord, seconds: float) -> None:
    assert found(record(0, 0, 300), going_on)[1].duration == seconds


def test_a_run_that_is_listed_twice_counts_once() -> None:
    assert found(record(60, None, None, name="ca1"), record(60, 100, 400, name="ca1")) == [SimulatedRun(60.0, 300.0)]


def test_waits_are_those_of_runs_that_have_had_an_agent() -> None:
    records = [record(60, 100, 400), record(60, None, None), record(60, 50, None)]
    assert recorded_waits("mypool", records, START, END) == [40.0, 0.0]
