"""When to ask again, as services say it and get it wrong; URLs without what is secret in them."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azext_acrpool.client.secrets import secret_mask
from azext_acrpool.web import (
    LONGEST_RETRY_AFTER,
    Failures,
    hide_secret_urls,
    hide_secrets_in_logs,
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
    ("value", "seconds"),
    [
        ("86400", 86400),
        ("9" * 20, 999_999_999_999_999),
        ("9" * 5000, 999_999_999_999_999),
        ("0" * 20 + "5", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 251_960_000_000),
        ("Fri, 31 Dec 9999 23:59:59 -2359", None),
        ("Mon, 01 Jan 0001 00:00:00 GMT", 0),
        ("Wed, 32 Oct 2015 07:28:00 GMT", None),
        ("abc", None),
        ("-1", None),
        ("1e9", None),
        ("inf", None),
        ("nan", None),
        ("10, 20", None),
        ("٣", None),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_pause_that_nobody_can_mean_is_no_error(value: str, seconds: float | None) -> None:
    found = parse_retry_after({"Retry-After": value, "Date": SENT})
    assert found == seconds if seconds is None else found == pytest.approx(seconds, rel=0.01)


DATES = st.from_regex(
    r"((Mon|Tue|Xyz), )?[0-9]{1,2}[ -](Jan|Feb|Dec)[ -][0-9]{1,5} [0-9]{2}:[0-9]{2}(:[0-9]{2})?"
    r"( (GMT|UTC|[+-][0-9]{4}))?",
    fullmatch=True,
)
SECONDS_ASKED = st.integers().map(str) | st.floats().map(str) | st.from_regex(r"[0-9]{1,400}", fullmatch=True)
NAMES = st.sampled_from(["Retry-After", "retry-after", "RETRY-AFTER", "Date", "date"])


@given(st.dictionaries(NAMES, DATES | SECONDS_ASKED | st.text(), max_size=4))
def test_whatever_a_reply_asks_for_is_a_pause_that_can_be_made(headers: dict[str, str]) -> None:
    asked = parse_retry_after(headers)
    assert asked is None or (math.isfinite(asked) and asked >= 0)
    assert 1.0 <= pause_after_failure(1, asked) <= LONGEST_RETRY_AFTER


@given(DATES | st.text())
def test_a_date_is_a_moment_that_can_be_compared_or_none(text: str) -> None:
    moment = parse_http_date(text)
    assert moment is None or moment.utcoffset() == timedelta(0)


@given(st.integers(0, 253_402_300_799))
def test_each_date_as_services_write_it_is_read(seconds: int) -> None:
    moment = datetime.fromtimestamp(0, timezone.utc) + timedelta(seconds=seconds)
    assert parse_http_date(format_datetime(moment, usegmt=True)) == moment


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
        "https://x/?then=https://y/z&sig=SECRET",
        "https://x/a(b)?sig=SECRET",
        "/x?$filter=name%20eq%20'a'&sig=SECRET",
        '{"logLink":"https:\\/\\/x\\/log?sig=SECRET"}',
    ],
)
def test_redacted_text_holds_no_secret(text: str) -> None:
    assert "SECRET" in text
    assert "SECRET" not in redact(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://me:SECRET@host/context.tar.gz", "https://host/context.tar.gz"),
        ("https://SECRET@host/o/_git/r", "https://host/o/_git/r"),
        ("HTTP://me:SECRET@host", "HTTP://host"),
        ("git+ssh://me:SECRET@host:22/r", "git+ssh://host:22/r"),
        # Not encoded, as people type them.
        ("https://me:a@SECRET@host/x", "https://host/x"),
        ("https://me:a/SECRET@host/x", "https://host/x"),
        ("https://me:a?SECRET@host/x", "https://host/x"),
        ("https://me:a#SECRET@host/x", "https://host/x"),
        ("'https://me:a'SECRET@host/x'", "'https://host/x'"),
        ("https://me:(SECRET)@host/x).", "https://host/x)."),
        # Odd, but read by some.
        ("http:/me:SECRET@host", "http:/host"),
        (r"http:\\me:SECRET@host\x", r"http:\\host\x"),
        ('"https:\\/\\/me:SECRET@host\\/x"', '"https:\\/\\/host\\/x"'),
        ("//me:SECRET@host/x", "//host/x"),
        ("(me:SECRET@host/x)", "(host/x)"),
        ("url=me:SECRET@host/x", "host/x"),
        ("http://a,http://me:SECRET@b/c", "http://a,http://b/c"),
        # As git and scp take it.
        ("me:SECRET@host:org/repo.git", "host:org/repo.git"),
        ("SECRET@github.com:org/repo.git", "github.com:org/repo.git"),
    ],
)
def test_who_logs_in_is_left_out(text: str, shown: str) -> None:
    assert redact(f"Read {text} now.") == f"Read {shown} now."


@pytest.mark.parametrize(
    "text",
    [
        "Is it there? a = b",
        "The client 'dev@example.com' with object id '1' may not do this.",
        "git@github.com:org/repo.git",
        "GIT@github.com:org/repo.git",
        "https://host:443/x@y",
        "https://[::1]:80/x@y",
        "alpine:3.19@sha256:0123",
        "myregistry.azurecr.io/app:v1@sha256:0123",
        "oci://localhost:5000/app@sha256:0123",
        r"C:\Users\me@corp\x",
        "https://github.com/o/r.git#main:folder",
    ],
)
def test_redacting_leaves_alone_what_is_no_secret(text: str) -> None:
    assert redact(text) == text


HOSTILE = ["://", "?", "@", "a?", "a?b=", "http://a:b", "a:", "http://a:b@", "?$a=", "a@b:", "x://?", "')", "\\", ":/"]


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_hostile_megabyte_takes_no_longer_than_another(piece: str, talk: Callable[..., str]) -> None:
    """What looks at each of its characters again for each of them takes minutes."""
    text = piece * (1_000_000 // len(piece))
    begin = time.process_time()
    redact(text)
    talk("urllib3.connectionpool", "%s", text)
    assert time.process_time() - begin < 10


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
    of_az = ("cli.azure.cli.core.sdk.policies", "cli.azure.cli.core.azclierror", "cli.knack.cli")
    loggers = [logging.getLogger(name) for name in ("urllib3.connectionpool", *of_az)]
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
    hide_secrets_in_logs(str)


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


def test_debug_logs_do_nothing_to_a_terminal(talk: Callable[..., str]) -> None:
    assert talk("cli.azure.cli.core.sdk.policies", "\x1b]0;%s\x07", "x") == "\\x1b]0;x\\x07\n"


def test_tracebacks_show_no_secret_urls(talk: Callable[..., str]) -> None:
    assert talk("cli.azure.cli.core.azclierror", "Max retries exceeded with url: /x?sig=SECRET") == (
        "Max retries exceeded with url: /x\n"
    )


def test_a_command_line_after_the_first_of_a_process_shows_no_secret(talk: Callable[..., str]) -> None:
    hide_secrets_in_logs(secret_mask({"password": "correct-horse"}))
    shown = talk("cli.knack.cli", "Command arguments: %s", ["acr", "-p", "correct-horse", "https://me:pw@h/x?sig=1"])
    assert shown == "Command arguments: ['acr', '-p', '***', 'https://h/x']\n"


def test_hiding_twice_filters_once() -> None:
    hide_secret_urls()
    before = list(logging.getLogger("urllib3.connectionpool").filters)
    hide_secret_urls()
    assert logging.getLogger("urllib3.connectionpool").filters == before
