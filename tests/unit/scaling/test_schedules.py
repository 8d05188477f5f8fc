"""Hours of a policy by the clock of a time zone."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from scaling_strategies import moments, schedules

from azext_acrpool.scaling.errors import PolicyError
from azext_acrpool.scaling.schedules import Schedule

OFFICE = "Mon-Fri 07:30-18:00 Europe/Berlin min=1"
FORM = f"A schedule looks like: {OFFICE}"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        (OFFICE, OFFICE),
        ("  mon-FRI  7:30-18:00 Europe/Berlin MIN=1 ", OFFICE),
        ("Mon,Tue,Wed,Thu,Fri 07:30-18:00 Europe/Berlin min=01", OFFICE),
        ("daily 00:00-24:00 UTC max=2", "daily 00:00-24:00 UTC max=2"),
        ("Mon-Sun 0:00-24:00 UTC max=0 min=0", "daily 00:00-24:00 UTC min=0 max=0"),
        ("Fri-Mon 22:00-6:00 UTC min=1", "Mon,Fri-Sun 22:00-06:00 UTC min=1"),
        ("Sat,Mon,Sun 1:00-2:00 Etc/GMT+5 min=1", "Mon,Sat,Sun 01:00-02:00 Etc/GMT+5 min=1"),
        ("Mon-Mon,Wed-Fri 01:00-01:00 UTC min=1", "Mon,Wed-Fri 01:00-01:00 UTC min=1"),
    ],
)
def test_forms(text: str, canonical: str) -> None:
    assert str(Schedule.parse(text)) == canonical


@given(schedules())
def test_what_is_written_is_read(schedule: Schedule) -> None:
    assert Schedule.parse(str(schedule)) == schedule


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it has days, hours, a time zone and a minimum or maximum"),
        ("Mon-Fri 07:30-18:00", "it has days, hours, a time zone and a minimum or maximum"),
        (
            "Mon,Dog 07:30-18:00 UTC min=1",
            "'Dog' is no day and no range of days: Mon, Tue, Wed, Thu, Fri, Sat, Sun, or daily",
        ),
        (
            "Mon-Tue-Wed 07:30-18:00 UTC min=1",
            "'Mon-Tue-Wed' is no day and no range of days: Mon, Tue, Wed, Thu, Fri, Sat, Sun, or daily",
        ),
        ("Mon 7-18 UTC min=1", "'7-18' are no hours from a time to a time, 00:00 to 24:00"),
        ("Mon 07:60-18:00 UTC min=1", "'07:60-18:00' has a time that no clock shows"),
        ("Mon 07:00-24:01 UTC min=1", "'07:00-24:01' has a time that no clock shows"),
        ("Mon 24:00-07:00 UTC min=1", "'24:00-07:00' has a time that no clock shows"),
        (
            "Mon 07:00-08:00 Mars/Olympus min=1",
            "there is no time zone 'Mars/Olympus': IANA names are meant, as Europe/Berlin or UTC",
        ),
        (
            "Mon 07:00-08:00 Europe min=1",
            "there is no time zone 'Europe': IANA names are meant, as Europe/Berlin or UTC",
        ),
        (
            "Mon 07:00-08:00 ../../etc/passwd min=1",
            "there is no time zone '../../etc/passwd': IANA names are meant, as Europe/Berlin or UTC",
        ),
        ("Mon 07:00-08:00 localtime min=1", "'localtime' is another time zone on each machine"),
        (
            "Mon 07:00-08:00 min=1",
            "there is no time zone 'min=1': IANA names are meant, as Europe/Berlin or UTC",
        ),
        ("Mon 07:00-08:00 UTC", "it says neither min=N nor max=N"),
        ("Mon 07:00-08:00 UTC min=-1", "'min=-1' is neither min=N nor max=N"),
        ("Mon 07:00-08:00 UTC min=1 x\x1b=2", "'x\\x1b=2' is neither min=N nor max=N"),
        ("Mon 07:00-08:00 UTC min=1 MIN=2", "it says min twice"),
        ("Mon 07:00-08:00 UTC min=3 max=2", "its minimum 3 is above its maximum 2"),
    ],
)
def test_what_cannot_be_read(text: str, why: str) -> None:
    with pytest.raises(PolicyError) as failed:
        Schedule.parse(text)
    assert str(failed.value) == f"The schedule '{text}' cannot be read: {why}. {FORM}".replace("\x1b", "\\x1b")


@pytest.mark.parametrize(
    ("text", "now", "holds"),
    [
        # Berlin is an hour before UTC in winter.
        (OFFICE, "2026-01-15 06:29:59", False),
        (OFFICE, "2026-01-15 06:30", True),
        (OFFICE, "2026-01-15 16:59:59", True),
        (OFFICE, "2026-01-15 17:00", False),
        (OFFICE, "2026-07-15 05:30", True),
        (OFFICE, "2026-01-17 12:00", False),
        # A Thursday's night.
        ("Thu 22:00-06:00 UTC min=1", "2026-01-15 03:00", False),
        ("Thu 22:00-06:00 UTC min=1", "2026-01-15 22:00", True),
        ("Thu 22:00-06:00 UTC min=1", "2026-01-16 05:59", True),
        ("Thu 22:00-06:00 UTC min=1", "2026-01-16 06:00", False),
        ("Sun 22:00-06:00 UTC min=1", "2026-01-19 05:00", True),
        ("Thu 09:00-09:00 UTC min=1", "2026-01-16 08:59", True),
        ("Thu 09:00-09:00 UTC min=1", "2026-01-16 09:00", False),
        ("Thu 18:00-24:00 UTC min=1", "2026-01-15 23:59", True),
        ("Thu 18:00-24:00 UTC min=1", "2026-01-16 00:00", False),
        ("Thu 18:00-00:00 UTC min=1", "2026-01-16 00:00", False),
    ],
)
def test_hours(text: str, now: str, holds: bool) -> None:
    assert Schedule.parse(text).holds_at(utc(now)) is holds


@pytest.mark.parametrize(
    ("text", "after", "changes"),
    [
        (OFFICE, "2026-01-16 12:00", ["2026-01-16 17:00", "2026-01-19 06:30", "2026-01-19 17:00"]),
        # The clock is put forward from 02:00 to 03:00 on the 29th of March, and back from 03:00 on the 25th of October.
        (OFFICE, "2026-03-27 20:00", ["2026-03-30 05:30", "2026-03-30 16:00"]),
        (OFFICE, "2026-10-23 20:00", ["2026-10-26 06:30", "2026-10-26 17:00"]),
        ("Sat 22:00-06:00 Europe/Berlin min=1", "2026-03-28 12:00", ["2026-03-28 21:00", "2026-03-29 04:00"]),
        ("Sat 22:00-06:00 Europe/Berlin min=1", "2026-10-24 12:00", ["2026-10-24 20:00", "2026-10-25 05:00"]),
        ("Sun 02:30-03:30 Europe/Berlin min=1", "2026-03-28 12:00", ["2026-03-29 01:00", "2026-03-29 01:30"]),
        # What the clock shows twice holds twice.
        (
            "Sun 02:30-03:30 Europe/Berlin min=1",
            "2026-10-24 12:00",
            ["2026-10-25 00:30", "2026-10-25 01:00", "2026-10-25 01:30", "2026-10-25 02:30"],
        ),
        # What it leaves out does not hold that week.
        ("Sun 02:10-02:50 Europe/Berlin min=1", "2026-03-23 12:00", ["2026-04-05 00:10", "2026-04-05 00:50"]),
        # Half an hour, south of the equator.
        ("Sun 00:00-24:00 Australia/Lord_Howe min=1", "2026-10-03 00:00", ["2026-10-03 13:30", "2026-10-04 13:00"]),
        ("daily 09:00-09:00 UTC min=1", "2026-01-15 12:00", []),
        ("daily 00:00-24:00 Europe/Berlin min=1", "2026-10-24 12:00", []),
    ],
)
def test_changes(text: str, after: str, changes: list[str]) -> None:
    schedule, now = Schedule.parse(text), utc(after)
    found: list[datetime] = []
    while len(found) < max(1, len(changes)) and (change := schedule.next_change(now)):
        found.append(change)
        now = change
    assert found == [utc(change) for change in changes]


@given(schedules(), moments)
@settings(max_examples=50)
def test_nothing_changes_before_the_next_change(schedule: Schedule, after: datetime) -> None:
    held = schedule.holds_at(after)
    change = schedule.next_change(after)
    end = change or after + timedelta(days=14)
    now = after
    while now < end:
        assert schedule.holds_at(now) is held
        now += timedelta(minutes=13)
    if change:
        assert change > after
        assert schedule.holds_at(change) is not held
        assert schedule.holds_at(change - timedelta(microseconds=1)) is held
