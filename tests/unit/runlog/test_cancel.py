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
    ThrottledError,
    UnauthorizedError,
)
from azext_acrpool.client.run_status import status_name
from azext_acrpool.runlog.cancel import cancel_run
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
