"""Schedules of timer triggers: reading them, checking them, saying when they come next.

The service reads cron expressions with NCrontab, in UTC: minute, hour, day of month, month, day of week (0 to 6 or
names, Sunday is 0), no seconds and no years. Unlike cron's, both the day of month and the day of week must match.
(Documentation of scheduled tasks; NCrontab's issue 107.)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final, NamedTuple

from ...clock import Clock
from ..console.errors import UsageError
from ..console.narrator import Narrator

__all__ = ["Schedule", "ScheduleError", "announce_schedules", "next_times", "read_schedules"]


class ScheduleError(UsageError):
    """The cron expression cannot be used."""


@dataclass(frozen=True)
class Schedule:
    """A timer's name and its cron expression."""

    name: str
    expression: str


class _Field(NamedTuple):
    name: str
    lowest: int
    highest: int
    words: Sequence[str] = ()


_MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_DAYS: Final = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_FIELDS: Final = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of month", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of week", 0, 6, _DAYS),
)
_TERM: Final = re.compile(r"(?:\*|(?P<first>[0-9]+|[a-z]+)(?:-(?P<last>[0-9]+|[a-z]+))?)(?P<step>/0*[1-9][0-9]*)?")


def read_schedules(texts: Sequence[str]) -> list[Schedule]:
    """Each of `NAME:CRON` or `CRON`; timers without a name are called t1, t2, .. by their place, as by az's own."""
    schedules = []
    for number, text in enumerate(texts, start=1):
        name, colon, expression = text.partition(":")
        schedules.append(Schedule(name.strip(), expression) if colon else Schedule(f"t{number}", text))
    return schedules


def announce_schedules(schedules: Sequence[Schedule], clock: Clock, narrator: Narrator) -> None:
    """Check the schedules and say when each comes next. Raises ScheduleError."""
    for schedule in schedules:
        times = next_times(schedule.expression, clock.now())
        shown = [f"{time:%Y-%m-%d %H:%M}" for time in times]
        narrator.say(f"Timer {schedule.name} ({schedule.expression.strip()}) comes next at {', '.join(shown)} UTC.")


def next_times(expression: str, after: datetime, count: int = 3) -> list[datetime]:
    """The first times after `after` (which has a time zone: UTC). Raises ScheduleError, also if there is none."""
    from cronsim import CronSim, CronSimError

    never = ScheduleError(f"'{expression.strip()}' is on a day that never comes.")
    try:
        coming = CronSim(_numbers_only(expression), after)
    except CronSimError:
        raise never from None
    coming.day_and = True
    times = list(islice(coming, count))
    if not times:
        raise never
    return times


def _numbers_only(expression: str) -> str:
    """The expression as every cron understands it, once it is sure that NCrontab does."""
    texts = expression.split()
    if len(texts) != len(_FIELDS):
        names = ", ".join(field.name for field in _FIELDS)
        raise ScheduleError(f"'{expression.strip()}' has {len(texts)} fields instead of five: {names}.")
    return " ".join(
        ",".join(_term(field, term) for term in text.split(",")) for field, text in zip(_FIELDS, texts, strict=True)
    )


def _term(field: _Field, text: str) -> str:
    match = _TERM.fullmatch(text.lower())
    if not match:
        raise ScheduleError(f"'{text}' is not a valid {field.name}: expected *, N, N-M or a list of these, with /STEP.")
    if match["first"] is None:
        return match[0]
    values = [_value(field, value) for value in (match["first"], match["last"]) if value is not None]
    # NCrontab turns a range round whose ends are the wrong way about.
    return "-".join(str(value) for value in sorted(values)) + (match["step"] or "")


def _value(field: _Field, text: str) -> int:
    named = [word for word in field.words if len(text) >= 3 and word.startswith(text)]
    if named:
        return field.words.index(named[0]) + field.lowest
    if not text.isdigit() or not field.lowest <= int(text) <= field.highest:
        names = f" or {field.words[0][:3]} to {field.words[-1][:3]}" if field.words else ""
        raise ScheduleError(f"'{text}' is not a valid {field.name}: {field.lowest} to {field.highest}{names}.")
    return int(text)
