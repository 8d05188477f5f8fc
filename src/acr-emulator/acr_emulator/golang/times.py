"""Package time: layouts, durations and time zones. Times are aware datetimes, durations timedeltas (microseconds)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

__all__ = ["ZERO", "duration_text", "format_time", "load_location", "parse_duration", "parse_time", "time_text"]

ZERO = datetime(1, 1, 1, tzinfo=timezone.utc)
"""The zero of time.Time."""

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
STRING_LAYOUT = "2006-01-02 15:04:05.999999999 -0700 MST"

LAYOUT = re.compile(
    r"January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|2006|__2|_2(?!006)|002|[.,]0+(?![0-9])|[.,]9+(?![0-9])"
    r"|Z070000|Z07:00:00|Z0700|Z07:00|Z07|-070000|-07:00:00|-0700|-07:00|-07|01|02|03|04|05|06|15|PM|pm|1|2|3|4|5"
)
"""The elements of a layout, the longest first."""

UNITS = {
    "ns": 0.001,
    "us": 1.0,
    "µs": 1.0,
    "μs": 1.0,
    "ms": 1000.0,
    "s": 1000000.0,
    "m": 60000000.0,
    "h": 3600000000.0,
}
DURATION = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)")


def load_location(name: str) -> tzinfo | None:
    """time.LoadLocation; `Local` is UTC, as on an agent. None for a name that is not known."""
    if name in ("", "UTC", "Local"):
        return timezone.utc
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def time_text(moment: datetime) -> str:
    """time.Time.String."""
    return format_time(moment, STRING_LAYOUT)


def format_time(moment: datetime, layout: str) -> str:
    """time.Time.Format."""
    return LAYOUT.sub(lambda match: _written(moment, match[0]), layout)


def _written(moment: datetime, element: str) -> str:
    if element[0] in ".,":
        digits = f"{moment.microsecond:06d}".ljust(len(element) - 1, "0")[: len(element) - 1]
        if element[1] == "9":
            digits = digits.rstrip("0")
            return element[0] + digits if digits else ""
        return element[0] + digits
    if element[0] in "Z-":
        return _offset(moment, element)
    return WRITERS[element](moment)


def _offset(moment: datetime, element: str) -> str:
    seconds = int((moment.utcoffset() or timedelta()).total_seconds())
    if element[0] == "Z" and seconds == 0:
        return "Z"
    hours, rest = divmod(abs(seconds), 3600)
    parts = [f"{hours:02d}", f"{rest // 60:02d}", f"{rest % 60:02d}"]
    count = len(element.replace(":", "")) // 2
    return ("-" if seconds < 0 else "+") + (":" if ":" in element else "").join(parts[:count])


def _zone(moment: datetime) -> str:
    """The zone's abbreviation; its offset for one without."""
    name = moment.tzname() or "UTC"
    return _offset(moment, "-0700") if name.startswith(("UTC+", "UTC-")) else name


WRITERS: dict[str, Callable[[datetime], str]] = {
    "January": lambda moment: MONTHS[moment.month - 1],
    "Jan": lambda moment: MONTHS[moment.month - 1][:3],
    "Monday": lambda moment: DAYS[moment.weekday()],
    "Mon": lambda moment: DAYS[moment.weekday()][:3],
    "MST": _zone,
    "2006": lambda moment: f"{moment.year:04d}",
    "06": lambda moment: f"{moment.year % 100:02d}",
    "01": lambda moment: f"{moment.month:02d}",
    "1": lambda moment: str(moment.month),
    "02": lambda moment: f"{moment.day:02d}",
    "_2": lambda moment: f"{moment.day:2d}",
    "2": lambda moment: str(moment.day),
    "002": lambda moment: f"{moment.timetuple().tm_yday:03d}",
    "__2": lambda moment: f"{moment.timetuple().tm_yday:3d}",
    "15": lambda moment: f"{moment.hour:02d}",
    "03": lambda moment: f"{moment.hour % 12 or 12:02d}",
    "3": lambda moment: str(moment.hour % 12 or 12),
    "04": lambda moment: f"{moment.minute:02d}",
    "4": lambda moment: str(moment.minute),
    "05": lambda moment: f"{moment.second:02d}",
    "5": lambda moment: str(moment.second),
    "PM": lambda moment: "PM" if moment.hour >= 12 else "AM",
    "pm": lambda moment: "pm" if moment.hour >= 12 else "am",
}

PATTERNS = {
    "January": ("month_name", "|".join(MONTHS)),
    "Jan": ("month_name", "|".join(month[:3] for month in MONTHS)),
    "Monday": ("", "|".join(DAYS)),
    "Mon": ("", "|".join(day[:3] for day in DAYS)),
    "MST": ("", "[A-Z]{3,5}|[+-][0-9]{2}(?:[0-9]{2})?"),
    "2006": ("year", "[0-9]{4}"),
    "06": ("short_year", "[0-9]{2}"),
    "01": ("month", "[0-9]{2}"),
    "1": ("month", "[0-9]{1,2}"),
    "02": ("day", "[0-9]{2}"),
    "_2": ("day", " ?[0-9]{1,2}"),
    "2": ("day", "[0-9]{1,2}"),
    "002": ("year_day", "[0-9]{3}"),
    "__2": ("year_day", " {0,2}[0-9]{1,3}"),
    "15": ("hour", "[0-9]{2}"),
    "03": ("hour", "[0-9]{2}"),
    "3": ("hour", "[0-9]{1,2}"),
    "04": ("minute", "[0-9]{2}"),
    "4": ("minute", "[0-9]{1,2}"),
    "05": ("second", "[0-9]{2}(?:[.,][0-9]+)?"),
    "5": ("second", "[0-9]{1,2}(?:[.,][0-9]+)?"),
    "PM": ("half", "AM|PM"),
    "pm": ("half", "am|pm"),
}


def parse_time(layout: str, text: str) -> datetime | None:
    """time.ParseInLocation with UTC for `Local`; None for a text that does not fit the layout or is no date."""
    match = re.fullmatch(_pattern(layout), text)
    if match is None:
        return None
    found = {name: value.strip() for name, value in match.groupdict().items() if value is not None}
    hour = int(found.get("hour", "0"))
    if half := found.get("half", "").upper():
        hour = hour % 12 + (12 if half == "PM" else 0)
    second, _, fraction = (found.get("second", "0") + found.get("fraction", "")).replace(",", ".").partition(".")
    try:
        moment = datetime(
            _year(found),
            _month(found),
            int(found.get("day", "1")),
            hour,
            int(found.get("minute", "0")),
            int(second),
            int(fraction[:6].ljust(6, "0")),
            _parsed_offset(found.get("offset", "Z")),
        )
    except ValueError:
        return None
    days = int(found.get("year_day", "0"))
    return moment + timedelta(days=days - 1) if days else moment


def _pattern(layout: str) -> str:
    pieces = []
    position = 0
    seen: set[str] = set()
    for match in LAYOUT.finditer(layout):
        pieces.append(re.escape(layout[position : match.start()]))
        position = match.end()
        if match[0][0] in ".,":
            if match[0][1] == "0":
                group = "?:" if "fraction" in seen else "?P<fraction>"
                seen.add("fraction")
                pieces.append(f"({group}[.,][0-9]{{{len(match[0]) - 1}}})")
            continue
        name, pattern = ("offset", "Z|[+-][0-9:]{2,8}") if match[0][0] in "Z-" else PATTERNS[match[0]]
        group = f"?P<{name}>" if name and name not in seen else "?:"
        seen.add(name)
        pieces.append(f"({group}{pattern})")
    return "".join(pieces) + re.escape(layout[position:])


def _year(found: dict[str, str]) -> int:
    if "short_year" in found:
        short = int(found["short_year"])
        return short + (1900 if short >= 69 else 2000)
    return int(found.get("year", "1"))


def _month(found: dict[str, str]) -> int:
    if "month_name" in found:
        return next(number for number, month in enumerate(MONTHS, 1) if month.startswith(found["month_name"]))
    return int(found.get("month", "1"))


def _parsed_offset(text: str) -> tzinfo:
    if text == "Z":
        return timezone.utc
    digits = text[1:].replace(":", "").ljust(6, "0")
    hours, minutes, seconds = int(digits[:2]), int(digits[2:4]), int(digits[4:6])
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return timezone(-offset if text[0] == "-" else offset) if offset else timezone.utc


def parse_duration(text: str) -> timedelta | None:
    """time.ParseDuration; None for a text that is no duration."""
    body = text[1:] if text[:1] in ("+", "-") else text
    if body == "0":
        return timedelta()
    if not re.fullmatch(f"(?:{DURATION.pattern})+", body):
        return None
    try:
        total = timedelta(microseconds=sum(float(number) * UNITS[unit] for number, unit in DURATION.findall(body)))
    except OverflowError:
        return None
    return -total if text[0] == "-" else total


def duration_text(duration: timedelta) -> str:
    """time.Duration.String."""
    microseconds = abs(duration) // timedelta(microseconds=1)
    sign = "-" if duration < timedelta() else ""
    if microseconds == 0:
        return "0s"
    if microseconds < 1000:
        return f"{sign}{microseconds}µs"
    if microseconds < 1_000_000:
        return f"{sign}{_fraction(microseconds, 1000)}ms"
    minutes, rest = divmod(microseconds, 60_000_000)
    hours, minutes = divmod(minutes, 60)
    text = f"{_fraction(rest, 1_000_000)}s"
    if hours or minutes:
        text = f"{minutes}m{text}"
    return sign + (f"{hours}h{text}" if hours else text)


def _fraction(value: int, unit: int) -> str:
    whole, rest = divmod(value, unit)
    return f"{whole}.{rest:0{len(str(unit)) - 1}d}".rstrip("0").rstrip(".") if rest else str(whole)
