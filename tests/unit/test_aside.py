"""Doing several things at once, without being kept by any of them."""

from __future__ import annotations

import signal
import subprocess
import sys
from threading import Barrier, Event

import pytest

from azext_acrpool.aside import do_within, each_aside, start_aside


def test_what_comes_of_it_and_what_is_raised() -> None:
    def fail() -> int:
        raise LookupError("gone")

    assert start_aside(lambda: 3).result() == 3
    with pytest.raises(LookupError, match="gone"):
        start_aside(fail).result()


def test_all_are_under_way_at_once() -> None:
    together = Barrier(3, timeout=60)
    started = [start_aside(together.wait) for _ in range(3)]
    assert sorted(future.result() for future in started) == [0, 1, 2]


def test_results_come_in_the_order_of_the_items_and_no_more_are_under_way_than_allowed() -> None:
    together = Barrier(2, timeout=60)

    def double(number: int) -> int:
        together.wait()
        return 2 * number

    assert list(each_aside(double, range(6), threads=2)) == [0, 2, 4, 6, 8, 10]
    assert list(each_aside(double, [])) == []


def test_what_an_item_raises_comes_in_its_place() -> None:
    def divide(number: int) -> float:
        return 1 / number

    results = each_aside(divide, [1, 0, 2])
    assert next(results) == 1.0
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_what_is_done_within_its_time_gives_its_result_or_raises() -> None:
    def fail() -> int:
        raise LookupError("gone")

    assert do_within(60, lambda: 3) == 3
    with pytest.raises(LookupError, match="gone"):
        do_within(60, fail)


@pytest.mark.parametrize("seconds", [0.0, 0.01, -1.0])
def test_what_is_not_done_within_its_time_is_left(seconds: float) -> None:
    over, began = Event(), Event()

    def hang() -> bool:
        began.set()
        return over.wait(60)

    try:
        with pytest.raises(TimeoutError):
            do_within(seconds, hang)
        # It goes on, and nobody hears of it.
        assert began.wait(60)
    finally:
        over.set()


def test_a_timeout_that_the_work_itself_raises_comes_through() -> None:
    inner = TimeoutError("the work's own")

    def time_out() -> None:
        raise inner

    with pytest.raises(TimeoutError) as raised:
        do_within(60, time_out)
    assert raised.value is inner


def test_a_signal_is_heeded_while_the_work_hangs() -> None:
    over = Event()

    def press_ctrl_c_and_hang() -> bool:
        signal.raise_signal(signal.SIGINT)
        return over.wait(60)

    try:
        with pytest.raises(KeyboardInterrupt):
            do_within(60, press_ctrl_c_and_hang)
    finally:
        over.set()


def test_what_hangs_keeps_nobody() -> None:
    script = (
        "from threading import Event\n"
        "from azext_acrpool.aside import do_within, each_aside, start_aside\n"
        "began = Event()\n"
        "start_aside(lambda: (began.set(), Event().wait()))\n"
        "each_aside(lambda _: Event().wait(), [1, 2])\n"
        "began.wait()\n"
        "try:\n"
        "    do_within(0.01, Event().wait)\n"
        "except TimeoutError:\n"
        "    pass\n"
    )
    done = subprocess.run([sys.executable, "-c", script], timeout=60, check=False, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
