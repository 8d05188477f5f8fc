"""When the log and the status are looked at next: pure, so that each rule can be seen by itself."""

from __future__ import annotations

import pytest

from azext_acrpool.runlog.schedule import PollingSchedule


def test_both_are_due_at_once_at_the_start() -> None:
    schedule = PollingSchedule()
    assert (schedule.log_due(5.0), schedule.status_due()) == (5.0, 0.0)


@pytest.mark.parametrize(
    ("log_grew_at", "now", "log_due", "status_due"),
    [(None, 100.0, 101.8, 102.1), (100.0, 100.0, 100.98, 102.55), (85.0, 100.0, 101.3, 102.55)],
    ids=["no log yet", "lines flow", "silent for a while"],
)
def test_the_next_looks_are_soon_enough(
    log_grew_at: float | None, now: float, log_due: float, status_due: float
) -> None:
    schedule = PollingSchedule()
    if log_grew_at is not None:
        schedule.log_looked(log_grew_at, got_bytes=True)
    schedule.log_looked(now, got_bytes=log_grew_at == now)
    schedule.status_looked(now)
    assert schedule.log_due(now) == pytest.approx(log_due)
    assert schedule.status_due() == pytest.approx(status_due)


def test_the_status_of_a_run_whose_log_grows_is_asked_once_a_minute() -> None:
    schedule = PollingSchedule()
    schedule.status_looked(100.0)
    for second in range(101, 160):
        schedule.log_looked(float(second), got_bytes=True)
    assert schedule.status_due() == 160.0


def test_a_complete_log_makes_the_status_due_at_once() -> None:
    schedule = PollingSchedule()
    schedule.status_looked(100.0)
    schedule.log_completed()
    assert schedule.status_due() == 0.0
    schedule.status_looked(101.0)
    assert schedule.status_due() == 102.0


@pytest.mark.parametrize("source", ["log", "status"])
def test_a_source_that_fails_is_left_alone_for_a_growing_while_or_as_it_asks_within_bounds(source: str) -> None:
    schedule = PollingSchedule()
    failed = schedule.log_failed if source == "log" else schedule.status_failed
    assert [failed(100.0) for _ in range(6)] == [1, 2, 4, 8, 10, 10]
    assert failed(100.0, 30.0) == 30
    assert failed(100.0, 3600.0) == 60
    due = schedule.log_due(100.0) if source == "log" else schedule.status_due()
    assert due == 160.0
