"""When it is said that an upload stands still, and how often."""

from __future__ import annotations

import pytest

from azext_acrpool.context.send.stall import StallWatch
from azext_acrpool.testing import JumpingClock

Look = tuple[float, int, int, str]


@pytest.mark.parametrize(
    ("looks", "told"),
    [
        ([(14.0, 0, 0, "")], []),
        ([(15.0, 0, 0, "")], ["Nothing could be uploaded for 15 s, still trying."]),
        ([(15.0, 0, 0, ""), (90.0, 0, 0, "")], ["Nothing could be uploaded for 15 s, still trying."]),
        ([(80.0, 0, 0, "HTTP 503")], ["Nothing could be uploaded for 1 min 20 s, still trying: HTTP 503"]),
        ([(14.0, 0, 5, ""), (28.0, 0, 6, ""), (42.0, 1, 6, ""), (56.0, 1, 6, "")], []),
        # What had to be taken back is sent again: it is no progress.
        (
            [(10.0, 0, 500, ""), (20.0, 0, 0, "HTTP 500"), (25.5, 0, 500, "HTTP 500")],
            ["Nothing could be uploaded for 15 s, still trying: HTTP 500"],
        ),
        (
            [(16.0, 0, 0, ""), (17.0, 0, 1, ""), (33.5, 0, 1, "")],
            ["Nothing could be uploaded for 16 s, still trying."] * 2,
        ),
    ],
)
def test_what_is_told(looks: list[Look], told: list[str]) -> None:
    clock, heard = JumpingClock(), list[str]()
    stall = StallWatch(clock, heard.append)
    for time, finished, sent_bytes, trouble in looks:
        clock.time = time
        stall.look(finished, sent_bytes, trouble)
    assert heard == told


def test_time_without_anything_to_upload_does_not_count() -> None:
    clock, heard = JumpingClock(), list[str]()
    stall = StallWatch(clock, heard.append)
    clock.time = 100.0
    stall.restart()
    clock.time = 114.0
    stall.look(0, 0)
    assert heard == []
