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

from ...client.arm import GREATEST_INTEGER
from ...clock import Clock
from ...wording import counted, printable
from ..console.errors import UsageError
from ..console.narrator import Narrator
from ..console.values import require_line

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
# As many digits as a number of 32 bits can have; Python refuses to read thousands of them.
_MOST_DIGITS: Final = 10
_NUMBER: Final = re.compile(r"[0-9]+", re.ASCII)
_STEP: Final = re.compile(r"[+-]?[0-9]+", re.ASCII)


def read_schedules(texts: Sequence[str]) -> list[Schedule]:
    """Each of `NAME:CRON` or `CRON`; timers without a name are called t1, t2, .. by their place, as by az's own.

    Raises UsageError for what cannot be a timer's name.
    """
    schedules = []
    for number, text in enumerate(texts, start=1):
        require_line("--schedule", text)
        name, colon, expression = text.partition(":")
        if colon and not name.strip():
            raise UsageError(f"The schedule '{text}' has an empty name.", "Give it as NAME:CRON, or as CRON alone.")
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

    never = ScheduleError(f"'{printable(expression.strip())}' is on a day that never comes.")
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
    """The expression as every cron understands it, with all values of each field, once it is sure that NCrontab does.

    NCrontab divides fields at blanks alone: a tab is a part of one.
    """
    texts = [text for text in expression.split(" ") if text]
    if len(texts) != len(_FIELDS):
        names = ", ".join(field.name for field in _FIELDS)
        raise ScheduleError(
            f"'{printable(expression.strip())}' has {counted(len(texts), 'field')} instead of five: {names}."
        )
    return " ".join(_values(field, text) for field, text in zip(_FIELDS, texts, strict=True))


def _values(field: _Field, text: str) -> str:
    """All values of a field, as a list of numbers."""
    found = {value for term in text.split(",") for value in _term(field, term)}
    return ",".join(map(str, sorted(found)))


def _term(field: _Field, text: str) -> range:
    """The values of `*`, `N` or `N-M`, each also with `/STEP`, which makes `N` the first of all from there on."""
    span, slash, step_text = text.partition("/")
    step = _step(field, text, step_text) if slash else 1
    if span == "*":
        return range(field.lowest, field.highest + 1, step)
    first, dash, last = span.partition("-")
    if not first or (dash and not last):
        raise _no_term(field, text)
    if dash:
        # NCrontab turns a range round whose ends are the wrong way about.
        start, end = sorted((_value(field, first), _value(field, last)))
    else:
        start = _value(field, first)
        end = field.highest if slash else start
    return range(start, end + 1, step)


def _step(field: _Field, term: str, text: str) -> int:
    """NCrontab reads any integer of 32 bits, and takes one below 1 for 1."""
    digits = text.lstrip("+-").lstrip("0") or "0"
    if not _STEP.fullmatch(text) or len(digits) > _MOST_DIGITS or int(digits) > GREATEST_INTEGER:
        raise _no_term(field, term)
    return 1 if text.startswith("-") else max(1, int(digits))


def _value(field: _Field, text: str) -> int:
    """A number, or a name: NCrontab takes the first that begins with what is there, be it a single letter."""
    if _NUMBER.fullmatch(text):
        digits = text.lstrip("0") or "0"
        if len(digits) <= _MOST_DIGITS and field.lowest <= int(digits) <= field.highest:
            return int(digits)
    elif text.isascii() and text.isalpha():
        for number, word in enumerate(field.words, start=field.lowest):
            if word.startswith(text.lower()):
                return number
    else:
        raise _no_term(field, text)
    names = f" or {field.words[0][:3]} to {field.words[-1][:3]}" if field.words else ""
    raise ScheduleError(f"'{text}' is not a valid {field.name}: {field.lowest} to {field.highest}{names}.")


def _no_term(field: _Field, text: str) -> ScheduleError:
    return ScheduleError(
        f"'{printable(text)}' is not a valid {field.name}: expected *, N, N-M or a list of these, with /STEP."
    )
