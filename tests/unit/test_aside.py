"""Doing several things at once, without being kept by any of them."""

from __future__ import annotations

import subprocess
import sys
from threading import Barrier

import pytest

from azext_acrpool.aside import each_aside, start_aside


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


def test_what_hangs_keeps_nobody() -> None:
    script = (
        "from threading import Event\n"
        "from azext_acrpool.aside import each_aside, start_aside\n"
        "began = Event()\n"
        "start_aside(lambda: (began.set(), Event().wait()))\n"
        "each_aside(lambda _: Event().wait(), [1, 2])\n"
        "began.wait()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], timeout=60, check=False, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
