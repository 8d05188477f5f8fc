"""Methods that templates may call on values: those of time.Time, time.Duration, and of structures with their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from ..times import DAYS, MONTHS, ZERO, duration_text, format_time, time_text
from ..types import DURATION, INT, STRING, TIME, Type, int64
from .functions import Function

__all__ = ["method_of"]

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
NANOSECONDS = 1000


def _unix_nanoseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1) * NANOSECONDS


def _add_date(moment: datetime, years: int, months: int, days: int) -> datetime:
    """time.Time.AddDate: days beyond a month's end run into the next."""
    month = moment.month - 1 + months
    first = moment.replace(year=moment.year + years + month // 12, month=month % 12 + 1, day=1)
    return first + timedelta(days=moment.day - 1 + days)


TIME_METHODS: Mapping[str, tuple[Callable[..., Any], tuple[Type, ...]]] = {
    "Add": (lambda moment, duration: moment + duration, (DURATION,)),
    "AddDate": (_add_date, (INT, INT, INT)),
    "After": (lambda moment, other: moment > other, (TIME,)),
    "Before": (lambda moment, other: moment < other, (TIME,)),
    "Day": (lambda moment: moment.day, ()),
    "Equal": (lambda moment, other: moment == other, (TIME,)),
    "Format": (format_time, (STRING,)),
    "Hour": (lambda moment: moment.hour, ()),
    "IsZero": (lambda moment: moment == ZERO, ()),
    "Local": (lambda moment: moment.astimezone(timezone.utc), ()),
    "Minute": (lambda moment: moment.minute, ()),
    "Month": (lambda moment: MONTHS[moment.month - 1], ()),
    "Nanosecond": (lambda moment: moment.microsecond * NANOSECONDS, ()),
    "Second": (lambda moment: moment.second, ()),
    "String": (time_text, ()),
    "Sub": (lambda moment, other: moment - other, (TIME,)),
    "UTC": (lambda moment: moment.astimezone(timezone.utc), ()),
    "Unix": (lambda moment: int64(_unix_nanoseconds(moment) // 1_000_000_000), ()),
    "UnixMilli": (lambda moment: int64(_unix_nanoseconds(moment) // 1_000_000), ()),
    "UnixNano": (lambda moment: int64(_unix_nanoseconds(moment)), ()),
    "Weekday": (lambda moment: DAYS[moment.weekday()], ()),
    "Year": (lambda moment: moment.year, ()),
    "YearDay": (lambda moment: moment.timetuple().tm_yday, ()),
}

DURATION_METHODS: Mapping[str, tuple[Callable[..., Any], tuple[Type, ...]]] = {
    "Hours": (lambda duration: duration.total_seconds() / 3600, ()),
    "Minutes": (lambda duration: duration.total_seconds() / 60, ()),
    "Nanoseconds": (lambda duration: int64(duration // timedelta(microseconds=1) * NANOSECONDS), ()),
    "Seconds": (lambda duration: duration.total_seconds(), ()),
    "String": (duration_text, ()),
}


def method_of(value: Any, name: str) -> Function | None:
    """The method of a value by name, bound to it; None if it has none of that name."""
    if isinstance(value, datetime):
        known = TIME_METHODS
    elif isinstance(value, timedelta):
        known = DURATION_METHODS
    else:
        known = getattr(value, "methods", {})
    if name not in known:
        return None
    call, parameters = known[name]
    return Function(name, lambda *arguments: call(value, *arguments), parameters)
