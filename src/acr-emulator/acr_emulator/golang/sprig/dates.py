"""sprig's functions on dates. The local time zone is UTC, as on an agent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from ..errors import GoPanicError
from ..template import Function, function
from ..times import ZERO, duration_text, format_time, load_location, parse_duration, parse_time
from ..types import ANY, STRING, TIME

__all__ = ["functions"]

HTML_LAYOUT = "2006-01-02"
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
SECOND = timedelta(seconds=1)


def functions(now: Callable[[], datetime]) -> tuple[Function, ...]:
    """The functions, with a clock that gives aware times."""
    dates = _Dates(now)
    return (
        function("now", now),
        function("date", dates.date, STRING, ANY),
        function("htmlDate", lambda value: dates.date(HTML_LAYOUT, value), ANY),
        function("htmlDateInZone", lambda value, zone: dates.in_zone(HTML_LAYOUT, value, zone), ANY, STRING),
        function("dateInZone", dates.in_zone, STRING, ANY, STRING),
        function("date_in_zone", dates.in_zone, STRING, ANY, STRING),
        function("dateModify", _modify, STRING, TIME),
        function("date_modify", _modify, STRING, TIME),
        function("ago", dates.ago, ANY),
        function("toDate", lambda layout, text: parse_time(layout, text) or ZERO, STRING, STRING),
        function("unixEpoch", lambda moment: str((moment - EPOCH) // SECOND), TIME),
    )


class _Dates:
    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    def date(self, layout: str, value: Any) -> str:
        return self.in_zone(layout, value, "Local")

    def in_zone(self, layout: str, value: Any, zone: str) -> str:
        location = load_location(zone) or timezone.utc
        try:
            return format_time(self._moment(value).astimezone(location), layout)
        except OverflowError:
            raise _out_of_years() from None

    def ago(self, value: Any) -> str:
        seconds = round((self._now() - self._moment(value)) / SECOND)
        return duration_text(timedelta(seconds=seconds))

    def _moment(self, value: Any) -> datetime:
        """A time; seconds since 1970 as a time; now for everything else."""
        if isinstance(value, datetime):
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            try:
                return EPOCH + timedelta(seconds=int(value))
            except OverflowError:
                raise _out_of_years() from None
        return self._now()


def _modify(text: str, moment: datetime) -> datetime:
    duration = parse_duration(text)
    try:
        return moment if duration is None else moment + duration
    except OverflowError:
        raise _out_of_years() from None


def _out_of_years() -> GoPanicError:
    """Go knows years beyond 9999; Python's datetime does not."""
    return GoPanicError("the emulator knows the years 1 to 9999 only")
