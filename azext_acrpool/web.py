"""The Retry-After header, in both forms that HTTP allows (RFC 9110, section 10.2.3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

__all__ = ["parse_http_date", "parse_retry_after"]


def parse_retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds from the moment the reply was sent, never negative; None without a usable header.

    A date is compared with the reply's own Date header, so that this machine's clock does not matter.

    >>> parse_retry_after({"Retry-After": "10"})
    10.0
    >>> parse_retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:30 GMT", "date": "Wed, 21 Oct 2015 07:28:00 GMT"})
    30.0
    """
    found = {name.lower(): value.strip() for name, value in headers.items()}
    value = found.get("retry-after", "")
    if value.isascii() and value.isdigit():
        return float(value)
    until, sent = parse_http_date(value), parse_http_date(found.get("date", ""))
    if until is None or sent is None:
        return None
    return max(0.0, (until - sent).total_seconds())


def parse_http_date(text: str) -> datetime | None:
    """The moment that an HTTP date names, with a time zone; None if it is none."""
    try:
        parsed = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=timezone.utc)
