"""Schedules of timer triggers: which the service reads, and when they come next."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timezone

import pytest
from croniter import croniter
from hypothesis import given
from hypothesis import strategies as st
from task_azure import TaskAzure, task_body

from azext_acrpool.commands.console.errors import UsageError
from azext_acrpool.commands.tasks.create import create_task
from azext_acrpool.commands.tasks.schedules import Schedule, ScheduleError, next_times, read_schedules

# A Saturday.
NOW = datetime(2026, 11, 21, 20, 0, tzinfo=timezone.utc)
FIELDS = "minute, hour, day of month, month, day of week"
TERMS = "expected *, N, N-M or a list of these, with /STEP."


@pytest.mark.parametrize(
    ("texts", "schedules"),
    [
        ([], []),
        (["0 21 * * *"], [Schedule("t1", "0 21 * * *")]),
        (["0 1 * * *", "0 2 * * *"], [Schedule("t1", "0 1 * * *"), Schedule("t2", "0 2 * * *")]),
        (["daily:0 1 * * *", "0 2 * * *"], [Schedule("daily", "0 1 * * *"), Schedule("t2", "0 2 * * *")]),
        ([" daily : 0 1 * * *"], [Schedule("daily", " 0 1 * * *")]),
    ],
)
def test_names_of_timers(texts: list[str], schedules: list[Schedule]) -> None:
    assert read_schedules(texts) == schedules


@pytest.mark.parametrize(
    ("expression", "times"),
    [
        # The how-to's.
        ("0 21 * * *", ["2026-11-21 21:00", "2026-11-22 21:00", "2026-11-23 21:00"]),
        ("0 12 * * Mon-Fri", ["2026-11-23 12:00", "2026-11-24 12:00", "2026-11-25 12:00"]),
        ("30 9 * 1-12 monday-FRIDAY", ["2026-11-23 09:30", "2026-11-24 09:30", "2026-11-25 09:30"]),
        ("0 */1 * * *", ["2026-11-21 21:00", "2026-11-21 22:00", "2026-11-21 23:00"]),
        ("5/25 20 21 nov *", ["2026-11-21 20:05", "2026-11-21 20:30", "2026-11-21 20:55"]),
        ("0,30 20-21 * * 6,0", ["2026-11-21 20:30", "2026-11-21 21:00", "2026-11-21 21:30"]),
        # Both days must match: the first Tuesday of a month.
        ("0 8 1-7 * Tue", ["2026-12-01 08:00", "2027-01-05 08:00", "2027-02-02 08:00"]),
        # A range with its ends the wrong way about is turned round.
        ("0 8 * * Fri-Mon", ["2026-11-23 08:00", "2026-11-24 08:00", "2026-11-25 08:00"]),
        ("0 0 29 2 *", ["2028-02-29 00:00", "2032-02-29 00:00", "2036-02-29 00:00"]),
        ("  0   21 * * * ", ["2026-11-21 21:00", "2026-11-22 21:00", "2026-11-23 21:00"]),
    ],
)
def test_next_times(expression: str, times: list[str]) -> None:
    assert [f"{time:%Y-%m-%d %H:%M}" for time in next_times(expression, NOW)] == times


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("", f"'' has 0 fields instead of five: {FIELDS}."),
        ("@daily", f"'@daily' has 1 field instead of five: {FIELDS}."),
        ("0 0 21 * * *", f"'0 0 21 * * *' has 6 fields instead of five: {FIELDS}."),
        ("60 * * * *", "'60' is not a valid minute: 0 to 59."),
        ("* 24 * * *", "'24' is not a valid hour: 0 to 23."),
        ("* * 0 * *", "'0' is not a valid day of month: 1 to 31."),
        ("* * * 13 *", "'13' is not a valid month: 1 to 12 or jan to dec."),
        # Sunday is 0 only.
        ("* * * * 7", "'7' is not a valid day of week: 0 to 6 or sun to sat."),
        ("* * * * Mox", "'Mox' is not a valid day of week: 0 to 6 or sun to sat."),
        ("* * L * *", "'L' is not a valid day of month: 1 to 31."),
        ("* * ? * *", f"'?' is not a valid day of month: {TERMS}"),
        ("* * * * 1#2", f"'1#2' is not a valid day of week: {TERMS}"),
        ("*/x * * * *", f"'*/x' is not a valid minute: {TERMS}"),
        ("*/ * * * *", f"'*/' is not a valid minute: {TERMS}"),
        ("*/2/3 * * * *", f"'*/2/3' is not a valid minute: {TERMS}"),
        ("*/2147483648 * * * *", f"'*/2147483648' is not a valid minute: {TERMS}"),
        ("/5 * * * *", f"'/5' is not a valid minute: {TERMS}"),
        ("-5 * * * *", f"'-5' is not a valid minute: {TERMS}"),
        ("1-2-3 * * * *", f"'2-3' is not a valid minute: {TERMS}"),
        ("*-5 * * * *", f"'*' is not a valid minute: {TERMS}"),
        (",1 * * * *", f"'' is not a valid minute: {TERMS}"),
        ("\u0665 * * * *", f"'\u0665' is not a valid minute: {TERMS}"),
        (f"{'9' * 5000} * * * *", f"'{'9' * 5000}' is not a valid minute: 0 to 59."),
        ("0\t21 * * *", f"'0\\t21 * * *' has 4 fields instead of five: {FIELDS}."),
        ("1- * * * *", f"'1-' is not a valid minute: {TERMS}"),
        ("1,,2 * * * *", f"'' is not a valid minute: {TERMS}"),
        ("0 0 31 2 *", "'0 0 31 2 *' is on a day that never comes."),
        ("0 0 30 2 Mon", "'0 0 30 2 Mon' is on a day that never comes."),
    ],
)
def test_expressions_that_the_service_does_not_read(expression: str, problem: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        next_times(expression, NOW)
    assert str(caught.value) == problem


@pytest.mark.parametrize(
    ("minutes", "which"),
    [
        ("*/20", [0, 20, 40]),
        ("5/25", [5, 30, 55]),
        ("50-5/20", [5, 25, 45]),
        ("7-7/3", [7]),
        ("58/1", [58, 59]),
        ("1,1,01", [1]),
        ("3,*/30", [0, 3, 30]),
        ("*/+30", [0, 30]),
        ("*/100", [0]),
        ("0" * 5000, [0]),
        ("*/" + "0" * 5000 + "30", [0, 30]),
        # Below 1, a step is 1.
        ("*/0", list(range(60))),
        ("55-57/0", [55, 56, 57]),
        ("58/-5", [58, 59]),
    ],
)
def test_values_of_a_field(minutes: str, which: list[int]) -> None:
    times = next_times(f"{minutes} 21 * * *", NOW, count=len(which) + 1)
    assert [time.minute for time in times if time.day == NOW.day] == which


@pytest.mark.parametrize(
    ("names", "numbers"),
    [("Mo", "1"), ("M", "1"), ("s", "0"), ("Sa", "6"), ("T", "2"), ("Th", "4"), ("mon/2", "1,3,5"), ("F-Tue", "2-5")],
)
def test_the_first_day_that_begins_with_what_is_there_is_meant(names: str, numbers: str) -> None:
    assert next_times(f"0 0 * * {names}", NOW, count=9) == next_times(f"0 0 * * {numbers}", NOW, count=9)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (":0 1 * * *", "The schedule ':0 1 * * *' has an empty name."),
        (
            "a\nb:0 1 * * *",
            "--schedule must be one line of text: it holds a line end or control character, as its character 2.",
        ),
    ],
)
def test_names_that_no_timer_can_have(text: str, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_schedules([text])
    assert str(caught.value) == told


@given(st.text("0123456789*/-,+ LWmonfri?#\t", max_size=30) | st.text(max_size=30))
def test_every_text_is_a_schedule_or_refused(text: str) -> None:
    with suppress(UsageError):
        assert len(next_times(read_schedules([text])[0].expression, NOW)) == 3


def fields(lowest: int, highest: int) -> st.SearchStrategy[str]:
    values = st.integers(lowest, highest)
    # croniter takes a range from 0 to 0 for everything.
    ranges = st.tuples(values, values).filter(lambda ends: ends[0] < ends[1]).map(lambda ends: f"{ends[0]}-{ends[1]}")
    steps = st.integers(1, 30).map(lambda step: f"*/{step}")
    later = st.tuples(st.integers(lowest, highest - 1), st.integers(1, 30)).map(lambda pair: f"{pair[0]}/{pair[1]}")
    terms = st.one_of(values.map(str), ranges, steps, later)
    return st.one_of(st.just("*"), terms, st.lists(terms, min_size=1, max_size=3).map(",".join))


@given(st.tuples(fields(0, 59), fields(0, 23), fields(1, 28), fields(1, 12), fields(0, 6)).map(" ".join))
def test_times_equal_those_of_another_library(expression: str) -> None:
    theirs = croniter(expression, NOW, ret_type=datetime, day_or=False)
    assert next_times(expression, NOW) == [theirs.get_next() for _ in range(3)]


def test_schedules_are_told_and_checked_before_anything_is_asked(azure: TaskAzure) -> None:
    command = {"context_path": "/dev/null", "cmd_value": "bash"}
    finished = azure.call(create_task, schedule=["0 24 * * *"], **command)
    assert (finished.exit_code, finished.told) == (2, ["'24' is not a valid hour: 0 to 23."])
    assert azure.asked == []
    azure.has_task(task_body())
    assert azure.call(create_task, schedule=["nightly:0 21 * * *"], **command).told == [
        "Timer nightly (0 21 * * *) comes next at 2026-03-01 21:00, 2026-03-02 21:00, 2026-03-03 21:00 UTC."
    ]
