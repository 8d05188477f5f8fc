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

from ..clock import NO_DEADLINE, Clock, Deadline
from ..web import Failures, is_long
from ..wording import format_duration, printable
from .errors import AcrError, OperationError, OperationLostError, OperationTimeoutError, TransientError

__all__ = [
    "CANCEL_BUDGET",
    "LOG_END_BUDGET",
    "LOOK_BUDGET",
    "LOST_RUN_BUDGET",
    "LOST_RUN_LOOKS",
    "OPERATION_LIMIT",
    "REFUSED_BUDGET",
    "REQUEST_BUDGET",
    "RESTORE_BUDGET",
    "STATUS_BUDGET",
    "THROTTLED_BUDGET",
    "Progress",
    "Watch",
    "ask_again",
    "delay_until_next_look",
]

T = TypeVar("T")

# Seconds of unbroken failure after which asking again ends, by what is asked for.
# How an operation is going, or whether a pool is as wanted: that takes minutes.
LOOK_BUDGET = 300.0
# The same, when the service refuses to tell what it told, or began, before: one odd reply is none, many are an answer.
REFUSED_BUDGET = 20.0
# What somebody waits for with nothing else to see: a task, a place to upload to. Three more tries.
REQUEST_BUDGET = 7.0
# The status of a run that is followed: that takes up to hours.
STATUS_BUDGET = 600.0
# The rest of the log of a run that is over.
LOG_END_BUDGET = 15.0
# How often a run whose reply was lost is looked for, with the pauses that follow failures: 15 s altogether.
LOST_RUN_LOOKS = 4
# For how long a run is asked for again that was not queued, as the list of runs shows, or whose request never left.
LOST_RUN_BUDGET = 45.0
# A service that has too much to do queues nothing: it is asked again for as long as a run may wait anyway.
THROTTLED_BUDGET = 600.0
# Giving back instances of a pool, which cost money until somebody does.
RESTORE_BUDGET = 90.0
# Seconds for a run that was asked to be cancelled to be over. Somebody wants to leave.
CANCEL_BUDGET = 20.0
# Seconds for an operation that somebody follows to be over. The longest seen took 13 minutes.
OPERATION_LIMIT = 3600.0

_FIRST_MINUTE = 60.0
# Seconds. What is missing to 3 and 10 is for the requests themselves.
_LONGEST_DELAY_AT_FIRST = 1.9
_LONGEST_DELAY = 9.25
_LONGEST_DELAY_ASKED = 10.0

# Seconds; sleeping less may not move a clock at all, whose readings are rounded.
_INSTANT = 1e-6
_SHORTEST_PAUSE = 1.0


def delay_until_next_look(elapsed: float, asked: float | None = None) -> float:
    """Seconds from the beginning of one look, `elapsed` seconds into an operation, to the beginning of the next.

    1 s at first, growing within the first minute and after it: so the end is noticed at most 3 s late in the first
    minute, when someone is watching, and at most 10 s late in an operation of many minutes.

    `asked` is a Retry-After on a reply that was fine. ARM sends 10 there by default, for any operation; it is followed
    as far as the limits above allow. (Asked with a refusal, 429 or 503, it binds: see `web.pause_after_failure`.)
    """
    if elapsed < _FIRST_MINUTE:
        return min(max(elapsed / 4 if asked is None else asked, 1.0), _LONGEST_DELAY_AT_FIRST)
    if asked is None:
        return min(elapsed / 20, _LONGEST_DELAY)
    return min(max(asked, 1.0), _LONGEST_DELAY_ASKED)


def ask_again(
    ask: Callable[[], T],
    budget: float,
    clock: Clock,
    *,
    deadline: Deadline = NO_DEADLINE,
    tell: Callable[[str], None] = lambda _: None,
) -> T:
    """What `ask` returns, asked again through transient errors for `budget` seconds of unbroken failure.

    `tell` hears of a wait that takes long. Raises the last error when the budget is used up, OperationTimeoutError when
    the deadline comes first, and any other error at once.
    """

    def pause(seconds: float, error: AcrError) -> None:
        reason = printable(error.message.partition("\n")[0])
        left = deadline.left
        if seconds < left and is_long(seconds):
            tell(f"The service does not answer now; it is asked again in {format_duration(seconds)}: {reason}")
        clock.sleep(max(min(seconds, left), _INSTANT))
        if seconds >= left:
            raise OperationTimeoutError(
                f"The service has not answered within the time that was given to it. The last error was: {reason}"
            )

    return _insist(ask, budget, clock, pause)


def _insist(
    ask: Callable[[], T],
    budget: float,
    clock: Clock,
    pause: Callable[[float, AcrError], None],
    *,
    refused_budget: float = 0.0,
) -> T:
    failures, refusals = Failures(budget), Failures(refused_budget)
    doubt = False
    while True:
        try:
            return ask()
        except OperationError:
            raise
        except AcrError as error:
            # A refusal says nothing of the try before it.
            error.after_doubt = doubt
            doubt = error.leaves_doubt
            counted = failures if isinstance(error, TransientError) else refusals
            seconds = counted.pause(clock.monotonic(), error.retry_after)
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

    `subject` and `goal` are for messages: "the create of agent pool 'build'" is "done". `is_begun` says that the
    service accepted what is waited for. `on_progress` is called at least once a second while nothing is asked of the
    service.
    """

    def __init__(
        self,
        clock: Clock,
        subject: str,
        goal: str,
        *,
        on_progress: Callable[[Progress], None] = lambda _: None,
        deadline: Deadline = NO_DEADLINE,
        is_begun: bool = False,
    ) -> None:
        self._clock = clock
        self._subject = subject
        self._goal = goal
        self._on_progress = on_progress
        self._deadline = deadline
        self._started = clock.monotonic()
        self._state = ""
        self._trouble = ""
        self._was_answered = is_begun

    @property
    def elapsed(self) -> float:
        """Seconds since the wait began."""
        return self._clock.monotonic() - self._started

    def report(self, state: str) -> None:
        """Tell the caller the state; "" leaves it at what it was."""
        self._state, self._trouble = state or self._state, ""
        self._on_progress(Progress(self._state, self.elapsed))

    def tell_trouble(self, reason: str) -> None:
        """Tell the caller what is wrong, though it ends nothing."""
        self._on_progress(Progress(self._state, self.elapsed, reason))

    def pause(self, seconds: float, *, trouble: str = "") -> None:
        """Wait, but not beyond the deadline. Raises OperationTimeoutError once that has passed already."""
        self._trouble = trouble or self._trouble
        if self._deadline.left <= _INSTANT:
            raise self._timed_out()
        until = self.elapsed + min(seconds, self._deadline.left)
        while (left := until - self.elapsed) > _INSTANT:
            self._clock.sleep(min(left, 1.0))
            self._on_progress(Progress(self._state, self.elapsed, trouble))

    def pause_since(self, looked_at: float, interval: float) -> None:
        """Wait until `interval` seconds after the look that began at `looked_at` (seconds since the wait began).

        A look that took longer than that is followed by a second's rest. Raises OperationTimeoutError.
        """
        self.pause(max(looked_at + interval - self.elapsed, _SHORTEST_PAUSE))

    def insist(self, ask: Callable[[], T]) -> T:
        """What `ask` returns, asked again through transient errors until they have lasted too long.

        Once the service has answered, refusals are borne for a while, too: they say nothing of what is waited for.
        Raises OperationLostError in the end, OperationTimeoutError when the time limit comes first, and a first answer
        that is a refusal as it is.
        """
        since = self.elapsed
        try:
            answer = _insist(
                ask,
                LOOK_BUDGET,
                self._clock,
                lambda seconds, error: self.pause(seconds, trouble=error.message),
                refused_budget=REFUSED_BUDGET if self._was_answered else 0.0,
            )
        except OperationTimeoutError:
            # The requests below have the same deadline.
            raise self._timed_out() from None
        except OperationError:
            raise
        except AcrError as error:
            if not self._was_answered and not isinstance(error, TransientError):
                raise
            raise self._lost(self.elapsed - since, error) from error
        self._was_answered = True
        return answer

    def _timed_out(self) -> OperationTimeoutError:
        subject = self._subject[:1].upper() + self._subject[1:]
        # The limit may have begun before this watch.
        waited = format_duration(self._deadline.seconds if self._deadline.left <= _INSTANT else self.elapsed)
        last = f" The last error was: {self._trouble}" if self._trouble else ""
        return OperationTimeoutError(
            f"{subject} is still not {self._goal} after {waited} (state: {self._state or 'unknown'}).{last}"
        )

    def _lost(self, seconds: float, error: AcrError) -> OperationLostError:
        return OperationLostError(
            f"Whether {self._subject} is {self._goal} could not be found out for {format_duration(seconds)}; it may"
            f" go on at the service. The last error was: {error.message}",
            reason=error.message,
            **error.particulars,
        )
