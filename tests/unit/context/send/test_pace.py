"""How much is under way at a time, and how long its reply may take."""

from __future__ import annotations

import pytest

from azext_acrpool.context.send.pace import Pace
from azext_acrpool.testing import JumpingClock

KIB, MIB = 1 << 10, 1 << 20


def block_bytes(pace: Pace) -> int:
    return pace.block_bytes(5, least=256 * KIB, most=4 * MIB)


def taken(*, size: int, seconds: float) -> Pace:
    """The pace of a link that has acknowledged so many bytes in that time, and has nothing under way."""
    clock = JumpingClock()
    pace = Pace(clock)
    assert pace.begin(size)
    clock.time += seconds
    pace.end(size, acknowledged=True)
    return pace


def test_while_the_rate_is_not_known_little_is_under_way_and_patience_is_long() -> None:
    pace = Pace(JumpingClock())
    assert block_bytes(pace) == 4 * MIB
    assert [pace.begin(MIB) for _ in range(5)] == [True] * 4 + [False]
    assert round(pace.patience()) == 120 + 4 * MIB // (32 * KIB)


def test_a_fast_link_gets_all_that_there_is() -> None:
    pace = taken(size=MIB, seconds=0.1)
    assert block_bytes(pace) == 4 * MIB
    assert all(pace.begin(4 * MIB) for _ in range(5))
    assert 120 <= pace.patience() <= 130


def test_a_slow_link_gets_what_it_takes_in_ten_seconds() -> None:
    pace = taken(size=MIB, seconds=3)
    assert block_bytes(pace) == pytest.approx(MIB / 3 * 10 / 5, rel=0.01)
    assert [pace.begin(MIB) for _ in range(4)] == [True, True, True, False]
    # Four times as long as three more MiB take.
    assert round(pace.patience()) == 120 + 4 * 3 * 3


def test_the_slowest_link_gets_one_small_block_at_a_time() -> None:
    pace = taken(size=100 * KIB, seconds=100)
    assert block_bytes(pace) == 256 * KIB
    assert [pace.begin(256 * KIB) for _ in range(2)] == [True, False]
    assert round(pace.patience()) == 120 + 256


def test_what_fails_leaves_room_and_tells_no_rate() -> None:
    pace = Pace(JumpingClock())
    assert pace.begin(4 * MIB)
    assert not pace.begin(4 * MIB)
    pace.end(4 * MIB, acknowledged=False)
    assert pace.begin(4 * MIB)
    assert block_bytes(pace) == 4 * MIB


def test_a_link_that_slows_down_is_noticed() -> None:
    clock = JumpingClock()
    pace = Pace(clock)
    for seconds in (0.1, 0.1, 0.1, 20, 20, 20):
        pace.begin(MIB)
        clock.time += seconds
        pace.end(MIB, acknowledged=True)
    assert block_bytes(pace) < 512 * KIB
