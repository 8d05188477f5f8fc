"""When to ask again, as services say it and get it wrong; URLs without what is secret in them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from io import StringIO

import pytest

from azext_acrpool.web import (
    Failures,
    hide_secret_urls,
    is_long,
    parse_http_date,
    parse_retry_after,
    pause_after_failure,
    redact,
)

SENT = "Wed, 21 Oct 2015 07:28:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "10"}, 10),
        ({"retry-after": " 0 "}, 0),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:30 GMT", "Date": SENT}, 30),
        ({"Retry-After": "Wed, 21 Oct 2015 07:27:30 GMT", "Date": SENT}, 0),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:30 GMT"}, None),
        ({"Retry-After": "soon", "Date": SENT}, None),
        ({"Retry-After": "-5", "Date": SENT}, None),
        ({"Retry-After": "1.5"}, None),
        ({"Retry-After": "²", "Date": "nonsense"}, None),
    ],
)
def test_both_forms(headers: dict[str, str], seconds: float | None) -> None:
    assert parse_retry_after(headers) == seconds


@pytest.mark.parametrize(
    ("failures", "asked", "pause"),
    [
        *((1, None, 1), (2, None, 2), (3, None, 4), (4, None, 8), (5, None, 10), (9, None, 10), (5000, None, 10)),
        *((1, 45.0, 45), (4, 1.0, 8), (1, 0.0, 1), (1, 60.0, 60), (1, 60.5, 60), (9, 3600.0, 60)),
    ],
)
def test_pause_after_failure(failures: int, asked: float | None, pause: float) -> None:
    assert pause_after_failure(failures, asked) == pause


@pytest.mark.parametrize(("pause", "long"), [(1.0, False), (10.0, False), (10.5, True), (60.0, True)])
def test_pauses_that_are_worth_a_word(pause: float, long: bool) -> None:
    assert is_long(pause) is long


@pytest.mark.parametrize(
    ("budget", "failed_at", "pauses"),
    [
        (7.0, [(0, None), (1, None), (3, None), (7, None)], [1, 2, 4, None]),
        (7.0, [(0, 3600.0), (60, 3600.0)], [60, None]),
        (7.0, [(0, None), (6.9, 30.0), (36.9, None)], [1, 30, None]),
        (0.0, [(100, None)], [None]),
        (300.0, [(50, None), (349, 3600.0), (409, None)], [1, 60, None]),
    ],
)
def test_the_budget_is_of_unbroken_failure_and_cuts_no_pause(
    budget: float, failed_at: list[tuple[float, float | None]], pauses: list[float | None]
) -> None:
    failures = Failures(budget)
    assert [failures.pause(now, asked) for now, asked in failed_at] == pauses


@pytest.mark.parametrize(
    "text",
    [
        "HTTPSConnectionPool(host='x', port=443): Max retries: /c/b.log?sv=1&sig=SECRET (Caused by x)",
        "GET https://x.blob.core.windows.net/c/b?sig=SECRET failed",
        "'https://x/agentPools/p/operationStatuses/1?t=1&c=SECRET&s=SECRET'",
        '<a href="https://x/?sig=SECRET">',
        "There is nothing at 'https://host/context.tar.gz?SECRET'.",
        "https://me:SECRET@host/context.tar.gz",
        "https://SECRET@host/o/_git/r",
    ],
)
def test_redacted_text_holds_no_secret(text: str) -> None:
    assert "SECRET" in text
    assert "SECRET" not in redact(text)


def test_redacting_leaves_questions_alone() -> None:
    assert redact("Is it there? a = b") == "Is it there? a = b"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Wed, 21 Oct 2015 07:28:00 GMT", datetime(2015, 10, 21, 7, 28, tzinfo=timezone.utc)),
        ("Wed, 21 Oct 2015 07:28:00 -0000", datetime(2015, 10, 21, 7, 28, tzinfo=timezone.utc)),
        ("Wed, 21 Oct 2015 09:28:00 +0200", datetime(2015, 10, 21, 7, 28, tzinfo=timezone.utc)),
        ("yesterday", None),
        ("", None),
    ],
)
def test_http_dates_have_a_time_zone_or_are_none(text: str, moment: datetime | None) -> None:
    assert parse_http_date(text) == moment


@pytest.fixture
def talk() -> Iterator[Callable[..., str]]:
    """Log a debug message as an HTTP library does; what came out of it."""
    hide_secret_urls()
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    loggers = [logging.getLogger(name) for name in ("urllib3.connectionpool", "cli.azure.cli.core.sdk.policies")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)

    def say(logger: str, message: str, *arguments: object) -> str:
        logging.getLogger(logger).debug(message, *arguments)
        return stream.getvalue()

    yield say
    for logger, level in zip(loggers, levels, strict=True):
        logger.removeHandler(handler)
        logger.setLevel(level)


def test_debug_logs_show_signed_urls_without_their_signature(talk: Callable[..., str]) -> None:
    shown = talk("urllib3.connectionpool", '%s "%s %s"', "https://acct.example:443", "GET", "/logs/cf1?sv=1&sig=SECRET")
    assert shown == 'https://acct.example:443 "GET /logs/cf1"\n'


def test_debug_logs_of_bodies_show_no_signature(talk: Callable[..., str]) -> None:
    body = '{"logLink": "https://acct.example/logs/cf1?sv=1&sig=SECRET"}'
    assert talk("cli.azure.cli.core.sdk.policies", "%s", body) == '{"logLink": "https://acct.example/logs/cf1"}\n'


@pytest.mark.parametrize("query", ["token=SECRET", "X-Amz-Signature=SECRET", "api-version=1&code=SECRET"])
def test_debug_logs_show_no_query_that_may_hold_a_secret(talk: Callable[..., str], query: str) -> None:
    assert talk("urllib3.connectionpool", "GET %s HTTP/1.1", f"/x?{query}") == "GET /x HTTP/1.1\n"


@pytest.mark.parametrize("query", ["api-version=1", "$filter=name%20eq%20'a'&api-version=1", "%24top=3"])
def test_debug_logs_show_what_arm_was_asked(talk: Callable[..., str], query: str) -> None:
    assert talk("urllib3.connectionpool", "GET %s", f"/x?{query}") == f"GET /x?{query}\n"


def test_hiding_twice_filters_once() -> None:
    hide_secret_urls()
    before = list(logging.getLogger("urllib3.connectionpool").filters)
    hide_secret_urls()
    assert logging.getLogger("urllib3.connectionpool").filters == before
