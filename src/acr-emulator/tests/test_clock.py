"""The clock: advancing wakes sleepers in order, each at its own time."""

from __future__ import annotations

import asyncio
import threading
from datetime import datetime, timedelta, timezone

import pytest
from acr_emulator.clock import EmulatorClock, TooManyEventsError, format_time
from hypothesis import given
from hypothesis import strategies as st

START = datetime(2025, 1, 1, tzinfo=timezone.utc)


def stopped_clock() -> EmulatorClock:
    return EmulatorClock(START, monotonic=lambda: 0.0)


# Whole microseconds, since that is what times count in; finer ones would be rounded.
SECONDS = st.integers(0, 1_000_000_000).map(lambda microseconds: microseconds / 1e6)


@given(st.lists(SECONDS.filter(bool), max_size=8), SECONDS)
def test_sleepers_wake_in_order_at_their_times(delays: list[float], advance: float) -> None:
    async def scenario() -> list[tuple[float, float]]:
        clock = stopped_clock()
        woken: list[tuple[float, float]] = []

        async def sleeper(delay: float) -> None:
            await clock.sleep(delay)
            woken.append((delay, (clock.now() - START).total_seconds()))

        tasks = [asyncio.ensure_future(sleeper(delay)) for delay in delays]
        await clock.advance(advance)
        assert clock.now() == START + timedelta(seconds=advance)
        for task in tasks:
            task.cancel()
        return woken

    woken = asyncio.run(scenario())
    assert [delay for delay, _ in woken] == sorted(delay for delay in delays if delay <= advance)
    assert all(abs(delay - at) < 1e-5 for delay, at in woken)


def test_what_a_sleeper_starts_in_the_middle_of_a_leap_goes_on_from_there() -> None:
    async def scenario() -> list[float]:
        clock, seen = stopped_clock(), []

        async def steps() -> None:
            for _ in range(3):
                await clock.sleep(10)
                seen.append((clock.now() - START).total_seconds())

        task = asyncio.ensure_future(steps())
        await clock.advance(3600)
        await task
        return seen

    assert asyncio.run(scenario()) == [10, 20, 30]


def test_a_leap_waits_for_work_in_threads() -> None:
    async def scenario() -> list[float]:
        clock, seen, proceed = stopped_clock(), [], threading.Event()

        async def worker() -> None:
            with clock.working():
                await asyncio.to_thread(proceed.wait)
            await clock.sleep(5)
            seen.append((clock.now() - START).total_seconds())

        task = asyncio.ensure_future(worker())
        asyncio.get_running_loop().call_later(0.01, proceed.set)
        await clock.advance(60)
        await task
        return seen

    assert asyncio.run(scenario()) == [5]


def test_real_time_passes_too() -> None:
    readings = iter([100.0, 103.5])
    clock = EmulatorClock(START, monotonic=lambda: next(readings))
    assert clock.now() == START + timedelta(seconds=3.5)


@pytest.mark.parametrize(
    ("microsecond", "text"),
    [
        (0, "2025-01-01T00:00:00+00:00"),
        (519140, "2025-01-01T00:00:00.51914+00:00"),
        (1, "2025-01-01T00:00:00.000001+00:00"),
    ],
)
def test_times_are_printed_as_the_service_does(microsecond: int, text: str) -> None:
    assert format_time(START.replace(microsecond=microsecond)) == text


def test_a_leap_stops_when_it_brings_too_much_and_can_go_on() -> None:
    async def scenario() -> tuple[str, datetime]:
        clock = stopped_clock()

        async def tick() -> None:
            while True:
                await clock.sleep(1)

        task = asyncio.ensure_future(tick())
        with pytest.raises(TooManyEventsError) as error:
            await clock.advance(30_000)
        stopped = str(error.value)
        await clock.advance(10_000)
        task.cancel()
        return stopped, clock.now()

    stopped, now = asyncio.run(scenario())
    assert stopped == "stopped at 2025-01-01T05:33:20+00:00 after 20000 events; advance again to go on"
    assert now == START + timedelta(seconds=30_000)
