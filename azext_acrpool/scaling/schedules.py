"""Hours in which a policy has another minimum or maximum, by the clock of a time zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Final, NoReturn

from ..wording import printable
from .errors import PolicyError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

__all__ = ["SCHEDULE_FORM", "Bounds", "Schedule"]

SCHEDULE_FORM: Final = "Mon-Fri 07:30-18:00 Europe/Berlin min=1"

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_NUMBER_OF_DAY: Final = {day.lower(): number for number, day in enumerate(_DAYS)}
_EVERY_DAY: Final = frozenset(range(7))
_MINUTES_OF_DAY: Final = 24 * 60
_HOURS: Final = re.compile(r"(\d{1,2}):(\d\d)-(\d{1,2}):(\d\d)", re.ASCII)
_COUNT: Final = re.compile(r"(min|max)=(\d{1,4})", re.ASCII | re.IGNORECASE)
_TICK: Final = timedelta(microseconds=1)
# Hours of one day a week that a clock put forward leaves out come again after two weeks.
_DAYS_AHEAD: Final = 16
# These are found on some machines, and are another zone on each.
_NO_ZONES: Final = frozenset({"localtime", "posixrules"})


@dataclass(frozen=True)
class Bounds:
    """The least and the most instances that a pool shall have."""

    minimum: int
    maximum: int


@dataclass(frozen=True)
class Schedule:
    """`days` by number, Monday is 0; `begin` and `end` in minutes since midnight, the end on the next day if not later.

    Hours that go into the next day belong to the day on which they begin. `minimum` and `maximum` are numbers of
    instances in these hours, None where they leave it as it is. `zone` is the IANA name of a time zone: its clock on
    the wall says what is in these hours, also on the days on which it is put forward or back.
    """

    days: frozenset[int]
    begin: int
    end: int
    zone: str
    minimum: int | None = None
    maximum: int | None = None

    @classmethod
    def parse(cls, text: str) -> Schedule:
        """Read `Mon-Fri 07:30-18:00 Europe/Berlin min=1`. Raises PolicyError, which names the part that is wrong.

        Days are one, a range (`Fri-Mon` as well), a list of both, or `daily`; hours may end at 24:00.

        >>> str(Schedule.parse("mon,TUE,wed,Sat 7:30-24:00 UTC max=4 min=1"))
        'Mon-Wed,Sat 07:30-24:00 UTC min=1 max=4'
        """
        parts = text.split()
        if len(parts) < 3:
            _refuse(text, "it has days, hours, a time zone and a minimum or maximum")
        days, hours, zone, *counts = parts
        found = _read_days(days, text)
        begin, end = _read_hours(hours, text)
        _read_zone(zone, text)
        bounds = _read_counts(counts, text)
        return cls(found, begin, end, zone, bounds.get("min"), bounds.get("max"))

    def __str__(self) -> str:
        """As `parse` reads it."""
        hours = f"{_clock(self.begin)}-{_clock(self.end)}"
        counts = [f"{name}={n}" for name, n in (("min", self.minimum), ("max", self.maximum)) if n is not None]
        return " ".join([_days_in_words(self.days), hours, self.zone, *counts])

    @property
    def has_proper_zone(self) -> bool:
        """Whether the time zone is spelled as IANA does: some machines find it in other spellings too, others do not.

        It looks at all time zones there are, which takes a while.
        """
        from zoneinfo import available_timezones

        return self.zone in available_timezones() - _NO_ZONES

    def holds_at(self, now: datetime) -> bool:
        """Whether it is in these hours at `now`, which has a time zone."""
        local = now.astimezone(_zone(self.zone))
        day, minute = local.weekday(), local.hour * 60 + local.minute
        if self.begin < self.end:
            return day in self.days and self.begin <= minute < self.end
        return (day in self.days and minute >= self.begin) or ((day - 1) % 7 in self.days and minute < self.end)

    def next_change(self, after: datetime) -> datetime | None:
        """When that next becomes otherwise, in UTC and later than `after`; None for never."""
        day = after.astimezone(timezone.utc).date()
        for ahead in range(_DAYS_AHEAD):
            for change in _changes_on(self, day + timedelta(days=ahead)):
                if change > after:
                    return change
        return None


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    # Few policies have a schedule, and most commands no policy.
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


@lru_cache(maxsize=1024)
def _changes_on(schedule: Schedule, day: date) -> tuple[datetime, ...]:
    """When, on a day of UTC, the schedule begins or ceases to hold."""
    first = datetime.combine(day, time(), timezone.utc)
    last = first + timedelta(days=1)
    moments = {*_wall_clock_moments(schedule, day), *_clock_changes(_zone(schedule.zone), first, last)}
    return tuple(
        moment
        for moment in sorted(moments)
        if first <= moment < last and schedule.holds_at(moment) != schedule.holds_at(moment - _TICK)
    )


def _wall_clock_moments(schedule: Schedule, day: date) -> list[datetime]:
    """When the zone's clock shows the begin or the end about that day, in UTC; both times where it does twice."""
    moments = []
    for minutes in (schedule.begin, schedule.end):
        for days in (-1, 0, 1):
            wall = datetime.combine(day, time()) + timedelta(days=days, minutes=minutes)
            for fold in (0, 1):
                local = wall.replace(tzinfo=_zone(schedule.zone), fold=fold)
                moments.append(local.astimezone(timezone.utc))
    return moments


def _clock_changes(zone: ZoneInfo, first: datetime, last: datetime) -> list[datetime]:
    """The moment at which the zone's clock is put forward or back between the two, to the second, if there is one."""
    low, high = 0, int((last - first).total_seconds())
    if first.astimezone(zone).utcoffset() == last.astimezone(zone).utcoffset():
        return []
    before = first.astimezone(zone).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        is_before = (first + timedelta(seconds=middle)).astimezone(zone).utcoffset() == before
        low, high = (middle, high) if is_before else (low, middle)
    return [first + timedelta(seconds=high)]


def _read_days(text: str, whole: str) -> frozenset[int]:
    if text.lower() == "daily":
        return _EVERY_DAY
    days: set[int] = set()
    for part in text.split(","):
        begin, *rest = [_NUMBER_OF_DAY.get(name) for name in part.lower().split("-")]
        end = rest[0] if rest else begin
        if begin is None or end is None or len(rest) > 1:
            _refuse(whole, f"'{printable(part)}' is no day and no range of days: {', '.join(_DAYS)}, or daily")
        days |= {(begin + ahead) % 7 for ahead in range((end - begin) % 7 + 1)}
    return frozenset(days)


def _read_hours(text: str, whole: str) -> tuple[int, int]:
    match = _HOURS.fullmatch(text)
    if not match:
        _refuse(whole, f"'{printable(text)}' are no hours from a time to a time, 00:00 to 24:00")
    begin_hour, begin_minute, end_hour, end_minute = map(int, match.groups())
    begin, end = begin_hour * 60 + begin_minute, end_hour * 60 + end_minute
    if begin_minute > 59 or end_minute > 59 or begin >= _MINUTES_OF_DAY or end > _MINUTES_OF_DAY:
        _refuse(whole, f"'{text}' has a time that no clock shows")
    return begin, end


def _read_zone(name: str, whole: str) -> None:
    from zoneinfo import ZoneInfoNotFoundError, available_timezones

    if name.lower() in _NO_ZONES:
        _refuse(whole, f"'{name}' is another time zone on each machine")
    try:
        _zone(name)
    # As zoneinfo refuses what is no file, names a folder, or leads out of its folder.
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        meant = [zone for zone in available_timezones() if zone.lower() == name.lower()]
        hint = f"; did you mean {meant[0]}?" if meant else ""
        why = f"there is no time zone '{printable(name)}': IANA names are meant, as Europe/Berlin or UTC{hint}"
        raise PolicyError(_refusal(whole, why)) from error


def _read_counts(parts: list[str], whole: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for part in parts:
        match = _COUNT.fullmatch(part)
        if not match:
            _refuse(whole, f"'{printable(part)}' is neither min=N nor max=N")
        if match[1].lower() in counts:
            _refuse(whole, f"it says {match[1].lower()} twice")
        counts[match[1].lower()] = int(match[2])
    if not counts:
        _refuse(whole, "it says neither min=N nor max=N")
    if counts.get("min", 0) > counts.get("max", counts.get("min", 0)):
        _refuse(whole, f"its minimum {counts['min']} is above its maximum {counts['max']}")
    return counts


def _refuse(whole: str, why: str) -> NoReturn:
    raise PolicyError(_refusal(whole, why))


def _refusal(whole: str, why: str) -> str:
    return f"The schedule '{printable(whole)}' cannot be read: {why}. A schedule looks like: {SCHEDULE_FORM}"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _days_in_words(days: frozenset[int]) -> str:
    if days == _EVERY_DAY:
        return "daily"
    parts = []
    # Days that follow each other are as far from their place in the list.
    for _, group in groupby(enumerate(sorted(days)), key=lambda item: item[1] - item[0]):
        names = [_DAYS[day] for _, day in group]
        parts.append(f"{names[0]}-{names[-1]}" if len(names) > 2 else ",".join(names))
    return ",".join(parts)
