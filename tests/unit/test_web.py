"""Retry-After as HTTP allows it, and as services get it wrong."""

from __future__ import annotations

import pytest

from azext_acrpool.web import Failures, is_long, parse_retry_after, pause_after_failure

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
