"""How long a pool took to get an instance more, as its runs show it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from scaling_strategies import NOON

from azext_acrpool.pool import Pool
from azext_acrpool.scaling.activity import activity_of
from azext_acrpool.scaling.growth import measured_growth
from azext_acrpool.scaling.run_record import RunRecord


def at(seconds: float | None) -> datetime | None:
    return None if seconds is None else NOON + timedelta(seconds=seconds)


def run(created: float | None, started: float | None = None, finished: float | None = None) -> RunRecord:
    """A run whose times are so many seconds after noon."""
    return RunRecord(
        f"c{created}",
        "mypool",
        "",
        False,
        finished is None,
        created=at(created),
        started=at(started),
        finished=at(finished),
    )


@pytest.mark.parametrize(
    ("runs", "modified", "growth"),
    [
        ([], None, None),
        # From 0: asked for when it was queued, or when somebody noticed.
        ([run(0, 340)], None, 340),
        ([run(0, 340)], 60, 280),
        ([run(0, 340)], -60, 340),
        ([run(0, 340)], 400, 340),
        # An agent was free.
        ([run(0, 4, 90), run(200, 203)], None, None),
        # One became free: at once, or after it had cleaned up.
        ([run(0, 4, 400), run(10, 405, 800), run(20, 845)], None, None),
        # From 1 to 2, while the first one goes on.
        ([run(0, 4), run(10, 370)], 30, 340),
        # Two at once.
        ([run(0, 4), run(10, 370), run(20, 372)], 30, 341),
        # It waits, and one that ended long ago had its agent taken away.
        ([run(-900, -890, -500), run(0, 345)], None, 345),
        # As another run ends, nobody knows which agent took it: not this time.
        ([run(0, 4, 365), run(10, 370)], 30, None),
        # The one that ends as this one starts ends later, by its own agent.
        ([run(0, 4, 371), run(10, 370)], 30, 340),
        ([run(0, 4, 370), run(10, 370)], 30, None),
        ([run(0, 4, 310), run(10, 370)], 30, None),
        ([run(0, 4, 309), run(10, 370)], 30, 340),
        # Too soon, too long.
        ([run(0, 30)], None, None),
        ([run(0, 31)], None, 31),
        ([run(0, 100)], 70, 30),
        ([run(0, 100)], 71, None),
        ([run(0, 340)], 320, None),
        ([run(0, 3601)], None, None),
        ([run(0, 3600)], None, 3600),
        # Times that are missing or contradict each other.
        ([run(None, 340), run(0), run(500, 400)], None, None),
        # The last five.
        ([run(number * 5000, number * 5000 + 300 + number * 10) for number in range(9)], None, 360),
    ],
)
def test_growth(runs: list[RunRecord], modified: float | None, growth: float | None) -> None:
    assert measured_growth(runs, at(modified)) == growth


def test_it_is_that_of_the_pool() -> None:
    pool = Pool("mypool", "myregistry", "S1", 1, modified=at(60))
    other = RunRecord("d1", "other", "", False, False, created=at(0), started=at(335), finished=at(339))
    assert activity_of(pool, [run(0, 340), other], NOON + timedelta(hours=1)).growth == 280
