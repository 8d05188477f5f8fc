"""How long is waited for what: late enough to be polite, early enough to be of use, and never for ever."""

from __future__ import annotations

from datetime import datetime, timezone
from itertools import accumulate, repeat, takewhile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azext_acrpool.client.errors import (
    AcrError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    OperationFailedError,
    OperationLostError,
    OperationTimeoutError,
    ServiceFailureError,
    ThrottledError,
    TransientError,
    UnauthorizedError,
)
from azext_acrpool.client.patience import Progress, Watch, ask_again, delay_until_next_look
from azext_acrpool.clock import Deadline
from azext_acrpool.testing import JumpingClock

SECONDS = st.floats(0, 7200)
ASKED = st.none() | st.floats(0, 10_000)


@given(SECONDS, ASKED)
def test_an_end_is_noticed_in_time(elapsed: float, asked: float | None) -> None:
    time_for_requests = 0.0 if asked and elapsed >= 60 else 0.75
    assert 1.0 <= delay_until_next_look(elapsed, asked) <= (3.0 if elapsed < 60 else 10.0) - time_for_requests


@given(SECONDS, SECONDS)
def test_delays_grow(one: float, other: float) -> None:
    earlier, later = sorted((one, other))
    assert delay_until_next_look(earlier) <= delay_until_next_look(later)


@pytest.mark.parametrize(
    ("elapsed", "asked", "delay"),
    [
        *((0, None, 1), (6, None, 1.5), (59, None, 1.9), (100, None, 5), (600, None, 9.25)),
        *((0, 0.0, 1), (0, 1.5, 1.5), (0, 10.0, 1.9), (300, 1.0, 1), (300, 10.0, 10), (300, 3600.0, 10)),
    ],
)
def test_delay(elapsed: float, asked: float | None, delay: float) -> None:
    assert delay_until_next_look(elapsed, asked) == delay


def test_ten_minutes_take_about_a_hundred_looks() -> None:
    times = accumulate(repeat(0.0), lambda elapsed, _: elapsed + delay_until_next_look(elapsed))
    assert 60 < len(list(takewhile(lambda elapsed: elapsed < 600, times))) < 110


class RoundingClock:
    """Moves only by sleeping, and rounds as floats do: a tiny sleep long after the start does not move it."""

    def __init__(self, time: float) -> None:
        self.time = time

    def monotonic(self) -> float:
        return self.time

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=timezone.utc)

    def sleep(self, seconds: float) -> None:
        before = self.time
        self.time += seconds
        assert self.time > before, "this would go on for ever"


@given(start=st.floats(0, 1e7), pauses=st.lists(st.floats(0.01, 20), min_size=1, max_size=20))
def test_pauses_end_on_any_clock(start: float, pauses: list[float]) -> None:
    clock = RoundingClock(start)
    watch = Watch(clock, "the create of a pool", "done")
    for pause in pauses:
        watch.pause(pause)
    assert abs(clock.time - start - sum(pauses)) < 0.001


class Failing:
    """Fails as told, one error a question, then answers; notes when it was asked."""

    def __init__(self, clock: JumpingClock, *errors: Exception) -> None:
        self._clock = clock
        self._errors = list(errors)
        self.asked_at: list[float] = []

    def __call__(self) -> str:
        self.asked_at.append(round(self._clock.time, 3))
        if self._errors:
            raise self._errors.pop(0)
        return "an answer"


BUSY, AN_HOUR = ServiceFailureError("Busy.\nSorry."), ThrottledError("Slow down.", retry_after=3600.0)


@pytest.mark.parametrize(
    ("errors", "asked_at", "told"),
    [
        ([], [0], []),
        ([BUSY, BUSY, BUSY], [0, 1, 3, 7], []),
        ([ThrottledError("Slow down.", retry_after=9.0)], [0, 9], []),
        (
            [ServiceFailureError("Busy.\nSorry.", retry_after=11.0)],
            [0, 11],
            ["The service does not answer now; it is asked again in 11 s: Busy."],
        ),
        ([BUSY, AN_HOUR], [0, 1, 61], ["The service does not answer now; it is asked again in 1 min 0 s: Slow down."]),
    ],
    ids=["answers", "fails for a while", "asks for a pause", "asks for a long pause", "asks for an hour"],
)
def test_what_fails_transiently_is_asked_again_and_long_waits_are_told(
    errors: list[TransientError], asked_at: list[float], told: list[str]
) -> None:
    clock, heard = JumpingClock(), list[str]()
    ask = Failing(clock, *errors)
    assert ask_again(ask, 7.0, clock, tell=heard.append) == "an answer"
    assert ask.asked_at == asked_at
    assert heard == told


@pytest.mark.parametrize(
    ("errors", "asked_at"),
    [([BUSY] * 9, [0, 1, 3, 7]), ([AN_HOUR] * 9, [0, 60]), ([BUSY, ForbiddenError("No.")], [0, 1])],
    ids=["for too long", "an hour each time", "in another way"],
)
def test_what_goes_on_failing_raises_its_last_error(errors: list[Exception], asked_at: list[float]) -> None:
    clock = JumpingClock()
    ask = Failing(clock, *errors)
    with pytest.raises(type(errors[-1])) as raised:
        ask_again(ask, 7.0, clock)
    assert raised.value in errors
    assert ask.asked_at == asked_at


def test_a_watch_that_is_asked_to_stay_away_for_an_hour_looks_every_minute_and_tells() -> None:
    clock, seen = JumpingClock(), list[Progress]()
    watch = Watch(clock, "the create of a pool", "done", on_progress=seen.append)
    ask = Failing(clock, *[AN_HOUR] * 99)
    with pytest.raises(OperationLostError) as lost:
        watch.insist(ask)
    assert lost.value.message == (
        "Whether the create of a pool is done could not be found out for 5 min 0 s; it may go on at the service. "
        "The last error was: Slow down."
    )
    assert ask.asked_at == [0, 60, 120, 180, 240, 300]
    assert {progress.trouble for progress in seen} == {"Slow down."}


def test_a_watchs_time_limit_ends_a_pause_that_it_was_asked_for() -> None:
    clock = JumpingClock()
    watch = Watch(clock, "the create of a pool", "done", deadline=Deadline(clock, 20))
    with pytest.raises(OperationTimeoutError) as late:
        watch.insist(Failing(clock, AN_HOUR, AN_HOUR))
    assert late.value.message == (
        "The create of a pool is still not done after 20 s (state: unknown). The last error was: Slow down."
    )
    assert clock.time == pytest.approx(20, abs=0.01)


def test_a_request_that_its_own_time_limit_ends_is_the_watchs_time_limit() -> None:
    clock = JumpingClock()
    watch = Watch(clock, "the create of a pool", "done", deadline=Deadline(clock, 20))
    watch.report("Creating")
    with pytest.raises(OperationTimeoutError) as late:
        watch.insist(Failing(clock, OperationTimeoutError("The service has not answered within the time.")))
    assert late.value.message == "The create of a pool is still not done after 0 s (state: Creating)."


NO = ForbiddenError("No.")


def test_a_first_refusal_is_the_answer() -> None:
    clock = JumpingClock()
    ask = Failing(clock, NO, NO)
    with pytest.raises(ForbiddenError):
        Watch(clock, "a pool", "created").insist(ask)
    assert ask.asked_at == [0]


@pytest.mark.parametrize("refusal", [NO, NotFoundError("None."), UnauthorizedError("Log in."), ConflictError("Busy.")])
def test_refusals_of_what_was_begun_are_borne_for_a_while(refusal: AcrError) -> None:
    clock = JumpingClock()
    ask = Failing(clock, *[refusal] * 4)
    assert Watch(clock, "a pool", "created", is_begun=True).insist(ask) == "an answer"
    assert ask.asked_at == [0, 1, 3, 7, 15]


def test_refusals_of_what_was_answered_before_are_borne_for_a_while_and_not_for_ever() -> None:
    clock = JumpingClock()
    watch = Watch(clock, "the create of a pool", "done")
    watch.insist(Failing(clock))
    with pytest.raises(OperationLostError) as lost:
        watch.insist(Failing(clock, *[NO] * 99))
    assert lost.value.message == (
        "Whether the create of a pool is done could not be found out for 25 s; it may go on at the service. "
        "The last error was: No."
    )
    assert lost.value.reason == "No."


def test_failures_and_refusals_are_borne_each_for_its_own_time() -> None:
    clock = JumpingClock()
    ask = Failing(clock, *[BUSY] * 20, NO, BUSY)
    assert Watch(clock, "a pool", "created", is_begun=True).insist(ask) == "an answer"


@pytest.mark.parametrize("deadline", [5.0, 0.0])
def test_asking_again_ends_at_the_deadline(deadline: float) -> None:
    clock, heard = JumpingClock(), list[str]()
    ask = Failing(clock, AN_HOUR, AN_HOUR)
    with pytest.raises(OperationTimeoutError) as late:
        ask_again(ask, 7.0, clock, deadline=Deadline(clock, deadline), tell=heard.append)
    assert late.value.message == (
        "The service has not answered within the time that was given to it. The last error was: Slow down."
    )
    assert clock.time == pytest.approx(deadline, abs=0.01)
    # Nobody is told of a wait that is not waited.
    assert (ask.asked_at, heard) == ([0], [])


def test_a_deadline_that_is_not_near_changes_nothing() -> None:
    clock = JumpingClock()
    ask = Failing(clock, BUSY, BUSY)
    assert ask_again(ask, 7.0, clock, deadline=Deadline(clock, 100)) == "an answer"
    assert ask.asked_at == [0, 1, 3]


def test_an_operation_that_failed_is_not_asked_about_again() -> None:
    clock = JumpingClock()
    ask = Failing(clock, OperationFailedError("It ended."))
    with pytest.raises(OperationFailedError):
        Watch(clock, "a pool", "created", is_begun=True).insist(ask)
    assert ask.asked_at == [0]


def test_no_hostile_text_reaches_who_is_told() -> None:
    clock, heard = JumpingClock(), list[str]()
    ask_again(Failing(clock, ServiceFailureError("\x1b]0;x\x07", retry_after=20)), 7.0, clock, tell=heard.append)
    (told,) = heard
    assert told.isprintable()
