"""Cancelling a run, and being sure of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import pytest
from azure.mgmt.containerregistrytasks.models import Run
from run_fakes import make_run

from azext_acrpool.client.errors import (
    AcrError,
    BadRequestError,
    ConflictError,
    ConnectionLostError,
    ForbiddenError,
    InvalidReplyError,
    NotFoundError,
    RequestAbandonedError,
    ServiceFailureError,
    ThrottledError,
    UnauthorizedError,
)
from azext_acrpool.client.run_status import status_name
from azext_acrpool.runlog.cancel import CancelEnd, cancel_run, cancel_runs
from azext_acrpool.testing import JumpingClock


@dataclass
class CancelableRun:
    """A run that ends `takes` seconds after it was cancelled, as `ends_as`.

    Or it ends as Succeeded at `ends_by_itself_at`. Looks at it raise `unreadable` until `unreadable_until`. A service
    that is `silent` answers neither.
    """

    clock: JumpingClock
    takes: float = 2.0
    ends_as: str = "Canceled"
    refusals: list[AcrError] = field(default_factory=list)
    cancelled_at: float | None = None
    asked: int = 0
    unreadable: AcrError | None = None
    unreadable_until: float = 0.0
    ends_by_itself_at: float = math.inf
    silent: bool = False

    def cancel(self, run_id: str, *, timeout: float) -> None:
        self.asked += 1
        self._keep_silent(timeout)
        if self.refusals:
            raise self.refusals.pop(0)
        self.cancelled_at = self.clock.time

    def get(self, run_id: str, *, timeout: float) -> Run:
        self._keep_silent(timeout)
        if self.unreadable and self.clock.time < self.unreadable_until:
            raise self.unreadable
        if self.clock.time >= self.ends_by_itself_at:
            return make_run("Succeeded")
        over = self.cancelled_at is not None and self.clock.time >= self.cancelled_at + self.takes
        return make_run(self.ends_as if over else "Running")

    def _keep_silent(self, timeout: float) -> None:
        if self.silent:
            # As the client does, which has a limit of its own.
            self.clock.sleep(min(timeout, 15))
            raise RequestAbandonedError("No answer.")


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


def test_cancelling_waits_until_the_run_is_over(clock: JumpingClock) -> None:
    runs = CancelableRun(clock)
    ended = cancel_run(runs, "cf1", clock)
    assert ended is not None
    assert status_name(ended) == "Canceled"
    assert runs.asked == 1


def test_a_run_that_ended_meanwhile_is_returned_as_it_ended(clock: JumpingClock) -> None:
    ended = cancel_run(CancelableRun(clock, takes=0, ends_as="Succeeded"), "cf1", clock)
    assert ended is not None
    assert status_name(ended) == "Succeeded"


def test_waiting_ends_with_patience(clock: JumpingClock) -> None:
    assert cancel_run(CancelableRun(clock, takes=1e9), "cf1", clock, patience=10) is None
    assert clock.time <= 10


@pytest.mark.parametrize("patience", [0.5, 10, 20, 33])
def test_a_service_that_does_not_answer_is_waited_for_no_longer(clock: JumpingClock, patience: float) -> None:
    with pytest.raises(RequestAbandonedError):
        cancel_run(CancelableRun(clock, silent=True), "cf1", clock, patience=patience)
    # The last look gets a second.
    assert clock.time <= patience + 2.1


ODD_REPLIES: list[AcrError] = [
    ConnectionLostError("reset"),
    InvalidReplyError("not JSON"),
    ThrottledError("slow down", status=429, retry_after=3600.0),
    BadRequestError("no", status=400),
    UnauthorizedError("log in", status=401),
    ForbiddenError("denied", status=403),
    NotFoundError("no such run", status=404),
    ConflictError("it has ended", status=409),
]


@pytest.mark.parametrize("refusal", ODD_REPLIES, ids=lambda refusal: type(refusal).__name__)
def test_a_request_to_cancel_is_sent_until_it_is_accepted_once(clock: JumpingClock, refusal: AcrError) -> None:
    runs = CancelableRun(clock, takes=5, refusals=[refusal] * 4)
    ended = cancel_run(runs, "cf1", clock)
    assert ended is not None
    assert status_name(ended) == "Canceled"
    assert runs.asked == 5


@pytest.mark.parametrize("refusal", ODD_REPLIES, ids=lambda refusal: type(refusal).__name__)
def test_a_refusal_that_lasts_is_an_error(clock: JumpingClock, refusal: AcrError) -> None:
    runs = CancelableRun(clock, refusals=[refusal] * 99)
    with pytest.raises(type(refusal)) as raised:
        cancel_run(runs, "cf1", clock, patience=10)
    assert raised.value is refusal
    assert 9 <= clock.time <= 10


def test_a_run_that_ends_though_its_cancelling_is_refused_is_what_it_became(clock: JumpingClock) -> None:
    runs = CancelableRun(clock, refusals=[ConflictError("it has ended", status=409)] * 99, ends_by_itself_at=3)
    ended = cancel_run(runs, "cf1", clock)
    assert ended is not None
    assert status_name(ended) == "Succeeded"


@pytest.mark.parametrize("refusal", ODD_REPLIES, ids=lambda refusal: type(refusal).__name__)
def test_a_status_that_cannot_be_read_is_asked_again(clock: JumpingClock, refusal: AcrError) -> None:
    runs = CancelableRun(clock, unreadable=refusal, unreadable_until=5)
    assert cancel_run(runs, "cf1", clock) is not None
    assert runs.asked == 1


@dataclass
class SeveralRuns:
    """Runs that cancel and end each in its own way; others are not there."""

    clock: JumpingClock
    runs: dict[str, CancelableRun]
    absent: AcrError = field(default_factory=lambda: NotFoundError("no such run", status=404))

    def cancel(self, run_id: str, *, timeout: float) -> None:
        self._find(run_id).cancel(run_id, timeout=timeout)

    def get(self, run_id: str, *, timeout: float) -> Run:
        return self._find(run_id).get(run_id, timeout=timeout)

    def _find(self, run_id: str) -> CancelableRun:
        if run_id not in self.runs:
            raise self.absent
        return self.runs[run_id]


def ends(runs: SeveralRuns, *run_ids: str) -> dict[str, tuple[str, float]]:
    """What came of each, and when that was known to the second."""
    found: dict[str, tuple[str, float]] = {}
    for end in cancel_runs(runs, run_ids, runs.clock):
        found[end.run_id] = (describe(end), round(runs.clock.time))
    return found


def describe(end: CancelEnd) -> str:
    if end.error is not None:
        return type(end.error).__name__
    return status_name(end.run) if end.run else "goes on"


def test_each_run_has_its_end_as_soon_as_it_is_known(clock: JumpingClock) -> None:
    refused: list[AcrError] = [ForbiddenError("denied", status=403)] * 99
    runs = SeveralRuns(
        clock,
        {
            "slow": CancelableRun(clock, takes=6),
            "quick": CancelableRun(clock, takes=0),
            "done": CancelableRun(clock, ends_by_itself_at=0),
            "endless": CancelableRun(clock, takes=1e9),
            "refused": CancelableRun(clock, refusals=refused),
        },
    )
    assert ends(runs, "slow", "quick", "done", "endless", "refused", "none") == {
        "quick": ("Canceled", 0),
        "done": ("Succeeded", 0),
        "none": ("NotFoundError", 0),
        "slow": ("Canceled", 6),
        "endless": ("goes on", 19),
        "refused": ("ForbiddenError", 0),
    }
    assert runs.runs["slow"].asked == 1
    assert runs.runs["refused"].asked == 1


def test_more_runs_than_are_asked_at_once_are_all_asked(clock: JumpingClock) -> None:
    runs = SeveralRuns(clock, {f"cf{number}": CancelableRun(clock, takes=0) for number in range(100)})
    assert ends(runs, *runs.runs) == dict.fromkeys(runs.runs, ("Canceled", 0))


def test_one_answer_alone_does_not_say_that_a_run_is_not_there(clock: JumpingClock) -> None:
    absent: AcrError = NotFoundError("no such run", status=404)
    runs = SeveralRuns(
        clock,
        {
            "unlisted": CancelableRun(clock, refusals=[absent] * 3),
            "unreadable": CancelableRun(clock, unreadable=absent, unreadable_until=3),
        },
    )
    assert ends(runs, "unlisted", "unreadable") == {"unreadable": ("Canceled", 3), "unlisted": ("Canceled", 5)}


def test_a_proxy_that_answers_does_not_say_that_a_run_is_not_there(clock: JumpingClock) -> None:
    runs = SeveralRuns(clock, {}, absent=ServiceFailureError("HTTP status 404, but not as ARM does", status=404))
    assert ends(runs, "cf1") == {"cf1": ("ServiceFailureError", 19)}


def test_no_runs_are_cancelled_at_once(clock: JumpingClock) -> None:
    assert ends(SeveralRuns(clock, {})) == {}
    assert clock.sleeps == []
