"""Looking at something again and again until it is as wanted: pauses, patience with failures, a time limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from ...clock import Clock
from ..errors import OperationLostError, OperationTimeoutError, TransientError
from ..polling import pause_after_failure

__all__ = ["Progress", "Watch"]

T = TypeVar("T")

# Seconds of unbroken failure to look after which we stop.
FAILURE_BUDGET = 300.0
# Seconds; sleeping less may not move a clock at all, whose readings are rounded.
INSTANT = 1e-6
SHORTEST_PAUSE = 1.0


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
        failures, since = 0, self.elapsed
        while True:
            try:
                return ask()
            except TransientError as error:
                failures += 1
                pause = pause_after_failure(failures, error.retry_after)
                if self.elapsed + pause - since > FAILURE_BUDGET:
                    raise self._lost(self.elapsed - since, error) from error
                self.pause(pause, trouble=error.message)

    def _timed_out(self, timeout: float) -> OperationTimeoutError:
        subject = self._subject[:1].upper() + self._subject[1:]
        return OperationTimeoutError(
            f"{subject} is still not {self._goal} after {timeout:g} s (state: {self._state or 'unknown'})."
        )

    def _lost(self, seconds: float, error: TransientError) -> OperationLostError:
        return OperationLostError(
            f"Whether {self._subject} is {self._goal} could not be found out for {seconds:.0f} s; it may go on at"
            f" the service. The last error was: {error.message}",
            code=error.code,
            status=error.status,
            correlation_id=error.correlation_id,
        )
