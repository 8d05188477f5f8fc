"""What the runs of a registry say about one of its pools."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
from scaling_strategies import NOON

from azext_acrpool.pool import Pool
from azext_acrpool.scaling.activity import Activity, activity_of
from azext_acrpool.scaling.run_record import RunRecord

POOL = Pool("mypool", "myregistry", "S1", 1, modified=NOON - timedelta(hours=2))


def ago(seconds: float | None) -> datetime | None:
    return None if seconds is None else NOON - timedelta(seconds=seconds)


def run(
    run_id: str,
    status: str,
    created: float | None = None,
    started: float | None = None,
    finished: float | None = None,
    *,
    pool: str = "mypool",
) -> RunRecord:
    """A run whose times are so many seconds ago."""
    return RunRecord(
        run_id,
        pool,
        status,
        is_queued=status == "Queued",
        is_active=status in {"Queued", "Started", "Running"},
        created=ago(created),
        started=ago(started),
        finished=ago(finished),
    )


@pytest.mark.parametrize(
    ("runs", "activity"),
    [
        ([], Activity(NOON)),
        (
            [
                run("c1", "Queued", 5),
                run("c2", "Started", 20, 3),
                run("c3", "Running", 90, 60),
                run("c4", "Running", 90),
            ],
            Activity(NOON, queued=1, running=(3, 60, None)),
        ),
        # Names have no case; other pools and shared agents do not count.
        (
            [run("c1", "Queued", pool="MyPool"), run("c2", "Queued", pool=""), run("c3", "Queued", pool="my")],
            Activity(NOON, queued=1),
        ),
        # Of two readings of a run the later one counts.
        (
            [
                run("c1", "Queued", 50),
                run("c2", "Running", 60, 50),
                run("C1", "Running", 50, 1),
                run("c2", "Succeeded", 60, 50, 2),
            ],
            Activity(NOON, running=(1,), last_busy=ago(2), durations=(48,)),
        ),
        # The newest end comes first. What was cancelled in the queue was wanted as well, and took no time.
        (
            [
                run("c1", "Failed", 900, 890, 800),
                run("c2", "Canceled", 700, None, 60),
                run("c3", "Succeeded", 990, 980, 700),
            ],
            Activity(NOON, last_busy=ago(60), durations=(280, 90)),
        ),
        # Clocks that disagree.
        (
            [run("c1", "Running", 0, -5), run("c2", "Succeeded", 80, 70, 71)],
            Activity(NOON, running=(0,), last_busy=ago(71), durations=(0,)),
        ),
        # Times that are missing.
        (
            [
                run("c1", "Succeeded", 80, 70),
                run("c2", "Error", 60),
                run("c3", "Canceled"),
                run("", "Queued"),
                run("", "Queued"),
            ],
            Activity(NOON, queued=2, last_busy=ago(60)),
        ),
    ],
)
def test_what_runs_say(runs: list[RunRecord], activity: Activity) -> None:
    assert activity_of(POOL, runs, NOON) == activity


def test_how_far_back_they_are_known_is_handed_on() -> None:
    assert activity_of(POOL, [], NOON, known_since=ago(600)) == Activity(NOON, known_since=ago(600))


def test_durations_are_those_of_the_newest_runs_in_any_order() -> None:
    runs = [run(f"c{number}", "Succeeded", 20_000, number * 100 + number, number * 100) for number in range(80)]
    random.Random(7).shuffle(runs)
    assert activity_of(POOL, runs, NOON).durations == tuple(range(50))
