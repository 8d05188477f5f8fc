"""Go's package time: layouts and durations."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from acr_emulator.golang.times import duration_text, format_time, parse_duration, parse_time, time_text

MOMENT = datetime(2026, 3, 4, 15, 6, 7, 89000, tzinfo=timezone(timedelta(hours=5, minutes=30)))


@pytest.mark.parametrize(
    ("layout", "text"),
    [
        ("2006-01-02T15:04:05Z07:00", "2026-03-04T15:06:07+05:30"),
        ("Mon, 02 Jan 2006 15:04:05 -0700", "Wed, 04 Mar 2026 15:06:07 +0530"),
        ("Monday January _2 3:04PM 06", "Wednesday March  4 3:06PM 26"),
        ("1/2/06 3:4:5 pm .000 .999999 ,00", "3/4/26 3:6:7 pm .089 .089 ,08"),
        ("20060102-150405z", "20260304-150607z"),
        ("002 __2 Janet -07", "063  63 Janet +05".replace("Janet", "Janet")),
        ("no layout", "no layout"),
        ("15:04 MST", "15:06 +0530"),
    ],
    ids=range(8),
)
def test_layouts(layout: str, text: str) -> None:
    assert format_time(MOMENT, layout) == text


def test_a_time_as_text() -> None:
    assert time_text(MOMENT.astimezone(timezone.utc)) == "2026-03-04 09:36:07.089 +0000 UTC"


@pytest.mark.parametrize(
    ("layout", "text", "moment"),
    [
        ("2006-01-02", "2026-03-04", datetime(2026, 3, 4, tzinfo=timezone.utc)),
        (
            "2006-01-02T15:04:05Z07:00",
            "2026-03-04T05:06:07.5-02:00",
            datetime(2026, 3, 4, 7, 6, 7, 500000, timezone.utc),
        ),
        ("Jan 2 06 3PM", "Dec 31 69 12AM", datetime(1969, 12, 31, tzinfo=timezone.utc)),
        ("2006-01-02", "2026-02-30", None),
        ("2006-01-02", "04.03.2026", None),
        (
            "2006-01-02 15:04:05.000",
            "2024-01-02 03:04:05.123",
            datetime(2024, 1, 2, 3, 4, 5, 123000, tzinfo=timezone.utc),
        ),
        ("2006-01-02 15:04:05.000", "2024-01-02 03:04:05", None),
        ("2006-01-02 15:04:05.000", "2024-01-02 03:04:05.12", None),
    ],
    ids=range(8),
)
def test_reading_times(layout: str, text: str, moment: datetime | None) -> None:
    assert parse_time(layout, text) == moment


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1h15m30.918s", "1h15m30.918s"),
        ("90s", "1m30s"),
        ("1.5h", "1h30m0s"),
        ("-2m", "-2m0s"),
        ("1ms5us", "1.005ms"),
        ("17µs", "17µs"),
        ("0", "0s"),
    ],
)
def test_durations(text: str, shown: str) -> None:
    duration = parse_duration(text)
    assert duration is not None
    assert duration_text(duration) == shown


@pytest.mark.parametrize("text", ["", "5", "1d", "h", "1h 5m", "."])
def test_what_is_no_duration(text: str) -> None:
    assert parse_duration(text) is None
