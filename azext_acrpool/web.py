"""What HTTP brings with it wherever it is spoken: when to ask again, and URLs that are secrets.

The query of a signed URL is a credential. No message holds one, and no debug log of an HTTP request shows one.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

__all__ = ["hide_signed_urls", "parse_http_date", "parse_retry_after", "redact"]


def parse_retry_after(headers: Mapping[str, str]) -> float | None:
    """What Retry-After says: seconds from the moment the reply was sent, never negative; None without a usable one.

    The header has two forms (RFC 9110, section 10.2.3): seconds, or a date.

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


_QUERY = re.compile(r"(?<=[\w/])\?[^\s'\"<>)]*=[^\s'\"<>)]*")


def redact(text: str) -> str:
    """`text` without the queries of the URLs and paths in it.

    >>> redact("Max retries exceeded with url: /logs/cf1.log?sv=2020&sig=abc%3D (Caused by ..)")
    'Max retries exceeded with url: /logs/cf1.log (Caused by ..)'
    """
    return _QUERY.sub("", text)


# Loggers that write request paths (urllib3) or bodies (az's --debug) as they are.
_TALKATIVE = ("urllib3.connectionpool", "urllib3.util.retry", "cli.azure.cli.core.sdk.policies")


class _SignedUrlFilter(logging.Filter):
    """Takes the queries off the URLs in records that hold a signature."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if "sig=" in message:
            record.msg, record.args = redact(message), ()
        return True


_FILTER = _SignedUrlFilter()


def hide_signed_urls() -> None:
    """From now on no debug log of an HTTP request shows the signature of a signed URL."""
    for name in _TALKATIVE:
        logging.getLogger(name).addFilter(_FILTER)
