"""Cancelling a run, and being sure of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from azure.mgmt.containerregistrytasks.models import Run
from run_fakes import make_run

from azext_acrpool.client.errors import AcrError, BadRequestError, ConnectionLostError
from azext_acrpool.client.run_status import status_name
from azext_acrpool.runlog.cancel import cancel_run
from azext_acrpool.testing import JumpingClock


@dataclass
class CancelableRun:
    """A run that ends `takes` seconds after it was cancelled, as `ends_as`."""

    clock: JumpingClock
    takes: float = 2.0
    ends_as: str = "Canceled"
    refusals: list[AcrError] = field(default_factory=list)
    cancelled_at: float | None = None
    asked: int = 0
    unreadable_until: float = 0.0

    def cancel(self, run_id: str) -> None:
        self.asked += 1
        if self.refusals:
            raise self.refusals.pop(0)
        self.cancelled_at = self.clock.time

    def get(self, run_id: str) -> Run:
        if self.clock.time < self.unreadable_until:
            raise ConnectionLostError("reset")
        over = self.cancelled_at is not None and self.clock.time >= self.cancelled_at + self.takes
        return make_run(self.ends_as if over else "Running")


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


def test_a_lost_request_to_cancel_is_sent_again(clock: JumpingClock) -> None:
    runs = CancelableRun(clock, refusals=[ConnectionLostError("reset"), ConnectionLostError("reset")])
    assert cancel_run(runs, "cf1", clock) is not None
    assert runs.asked == 3


def test_a_refusal_to_cancel_a_run_that_goes_on_is_an_error(clock: JumpingClock) -> None:
    runs = CancelableRun(clock, refusals=[BadRequestError("runs on a pool cannot be cancelled", status=400)])
    with pytest.raises(BadRequestError):
        cancel_run(runs, "cf1", clock)


def test_a_status_that_cannot_be_read_is_asked_again(clock: JumpingClock) -> None:
    assert cancel_run(CancelableRun(clock, unreadable_until=5), "cf1", clock) is not None
