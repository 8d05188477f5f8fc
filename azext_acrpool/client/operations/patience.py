"""How long to wait for what ARM does: between two looks at it, and through failures altogether.

Elsewhere are the pause after each failure (`web`, for all of HTTP), how long one request may take (`client.arm`,
`client.blobs`), the timetable of a run's log and status (`runlog.schedule`, `runlog.follow`, `runlog.cancel`), the
budgets of an upload (`context.send`), and when a command says why it waits or tries again after a conflict
(`commands.runs`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from ...clock import Clock
from ...web import Failures, is_long
from ...wording import format_duration, printable
from ..errors import OperationLostError, OperationTimeoutError, TransientError

__all__ = [
    "CANCEL_BUDGET",
    "LOG_END_BUDGET",
    "LOOK_BUDGET",
    "LOST_RUN_LOOKS",
    "REQUEST_BUDGET",
    "STATUS_BUDGET",
    "Progress",
    "Watch",
    "ask_again",
    "delay_until_next_look",
]

T = TypeVar("T")

# Seconds of unbroken failure after which asking again ends, by what is asked for.
# How an operation is going, or whether a pool is as wanted: that takes minutes.
LOOK_BUDGET = 300.0
# What somebody waits for with nothing else to see: a task, a place to upload to. Three more tries.
REQUEST_BUDGET = 7.0
# The status of a run that is followed: that takes up to hours.
STATUS_BUDGET = 600.0
# The rest of the log of a run that is over.
LOG_END_BUDGET = 15.0
# How often a run whose reply was lost is looked for, with the pauses that follow failures: 15 s altogether.
LOST_RUN_LOOKS = 4
# Seconds for a run that was asked to be cancelled to be over. Somebody pressed Ctrl-C.
CANCEL_BUDGET = 20.0

FIRST_MINUTE = 60.0
# Seconds. What is missing to 3 and 10 is for the requests themselves.
LONGEST_DELAY_AT_FIRST = 1.9
LONGEST_DELAY = 9.25
LONGEST_DELAY_ASKED = 10.0

# Seconds; sleeping less may not move a clock at all, whose readings are rounded.
INSTANT = 1e-6
SHORTEST_PAUSE = 1.0


def delay_until_next_look(elapsed: float, asked: float | None = None) -> float:
    """Seconds from the beginning of one look, `elapsed` seconds into an operation, to the beginning of the next.

    1 s at first, growing within the first minute and after it: so the end is noticed at most 3 s late in the first
    minute, when someone is watching, and at most 10 s late in an operation of many minutes.

    `asked` is a Retry-After on a reply that was fine. ARM sends 10 there by default, for any operation; it is followed
    as far as the limits above allow. (Asked with a refusal, 429 or 503, it binds: see `web.pause_after_failure`.)
    """
    if elapsed < FIRST_MINUTE:
        return min(max(elapsed / 4 if asked is None else asked, 1.0), LONGEST_DELAY_AT_FIRST)
    if asked is None:
        return min(elapsed / 20, LONGEST_DELAY)
    return min(max(asked, 1.0), LONGEST_DELAY_ASKED)


def ask_again(ask: Callable[[], T], budget: float, clock: Clock, *, tell: Callable[[str], None] = lambda _: None) -> T:
    """What `ask` returns, asked again through transient errors for `budget` seconds of unbroken failure.

    `tell` hears of a wait that takes long. Raises the last error when the budget is used up, and any other at once.
    """

    def pause(seconds: float, error: TransientError) -> None:
        if is_long(seconds):
            reason = printable(error.message.partition("\n")[0])
            tell(f"The service does not answer now; it is asked again in {format_duration(seconds)}: {reason}")
        clock.sleep(seconds)

    return _insist(ask, budget, clock, pause)


def _insist(ask: Callable[[], T], budget: float, clock: Clock, pause: Callable[[float, TransientError], None]) -> T:
    failures = Failures(budget)
    while True:
        try:
            return ask()
        except TransientError as error:
            seconds = failures.pause(clock.monotonic(), error.retry_after)
            if seconds is None:
                raise
            pause(seconds, error)


@dataclass(frozen=True)
class Progress:
    """`state` as the service names it (Creating, Updating, Deleting, Succeeded ..), `elapsed` in seconds.

    `trouble` is why the service could not be asked just now, "" if it could.
    """

    state: str
    elapsed: float
    trouble: str = ""


class Watch:
    """One wait: its clock, its limits and what it tells its caller.

    `subject` and `goal` are for messages: "the create of agent pool 'build'" is "done". `timeout` is in seconds, None
    for no limit. `on_progress` is called at least once a second while nothing is asked of the service.
    """

    def __init__(
        self,
        clock: Clock,
        subject: str,
        goal: str,
        *,
        on_progress: Callable[[Progress], None] = lambda _: None,
        timeout: float | None = None,
    ) -> None:
        self._clock = clock
        self._subject = subject
        self._goal = goal
        self._on_progress = on_progress
        self._timeout = timeout
        self._started = clock.monotonic()
        self._state = ""

    @property
    def elapsed(self) -> float:
        """Seconds since the wait began."""
        return self._clock.monotonic() - self._started

    def report(self, state: str) -> None:
        """Tell the caller the state; "" leaves it at what it was."""
        self._state = state or self._state
        self._on_progress(Progress(self._state, self.elapsed))

    def pause(self, seconds: float, *, trouble: str = "") -> None:
        """Wait, but not beyond the time limit. Raises OperationTimeoutError once that has passed already."""
        until = self.elapsed + seconds
        if self._timeout is not None:
            if self.elapsed >= self._timeout:
                raise self._timed_out(self._timeout)
            until = min(until, self._timeout)
        while (left := until - self.elapsed) > INSTANT:
            self._clock.sleep(min(left, 1.0))
            self._on_progress(Progress(self._state, self.elapsed, trouble))

    def pause_since(self, looked_at: float, interval: float) -> None:
        """Wait until `interval` seconds after the look that began at `looked_at` (seconds since the wait began).

        A look that took longer than that is followed by a second's rest. Raises OperationTimeoutError.
        """
        self.pause(max(looked_at + interval - self.elapsed, SHORTEST_PAUSE))

    def insist(self, ask: Callable[[], T]) -> T:
        """What `ask` returns, asked again through transient errors until they have lasted too long.

        Raises OperationLostError then, OperationTimeoutError when the time limit comes first.
        """
        since = self.elapsed
        try:
            return _insist(
                ask, LOOK_BUDGET, self._clock, lambda seconds, error: self.pause(seconds, trouble=error.message)
            )
        except TransientError as error:
            raise self._lost(self.elapsed - since, error) from error

    def _timed_out(self, timeout: float) -> OperationTimeoutError:
        subject = self._subject[:1].upper() + self._subject[1:]
        return OperationTimeoutError(
            f"{subject} is still not {self._goal} after {format_duration(timeout)} (state: {self._state or 'unknown'})."
        )

    def _lost(self, seconds: float, error: TransientError) -> OperationLostError:
        return OperationLostError(
            f"Whether {self._subject} is {self._goal} could not be found out for {format_duration(seconds)}; it may"
            f" go on at the service. The last error was: {error.message}",
            code=error.code,
            status=error.status,
            correlation_id=error.correlation_id,
        )
