"""Following a run until the service says that it is over.

One loop, two sources. The log is shown as it grows; the run's status alone decides when the run is over and how it
ended. A log that is missing, stalled, cut short or unreadable delays nothing, and nothing the log says is the result.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from ..client.errors import ConnectionLostError
from ..client.patience import LOG_END_BUDGET, STATUS_BUDGET
from ..client.run_status import is_queued, status_name
from ..clock import Clock
from ..web import Failures, is_long
from ..wording import format_duration
from .decode import LogDecoder
from .exits import is_over
from .schedule import PollingSchedule
from .sources import LogChunk, LogSource, SourceUnavailableError, StatusSource

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import Run

__all__ = ["FollowLimits", "FollowOutput", "QueueTimeoutError", "RunSources", "follow"]

_SHORTEST_SLEEP: Final = 0.05
_FLUSH_AFTER: Final = 0.9
_TELL_AFTER_FAILURES: Final = 3
# Seconds. Asking for the log's URL, and for a part of the log.
_LONGEST_LOG_LOOK: Final = 45.0
# Seconds for the look at the end of a time limit.
_LAST_LOOK: Final = 3.0


class FollowOutput(Protocol):
    """Where a follower shows what it sees.

    None of these may raise because something cannot be shown, unless that is to end the following.
    """

    def log(self, text: str) -> None:
        """Show log text: whole lines, or the start of one whose end is long in coming."""

    def progress(self, run: Run, waited: float) -> None:
        """Called every second or two while the log is still empty; `waited` seconds so far."""

    def notice(self, message: str) -> None:
        """Tell the user something about following itself."""

    def log_missing(self) -> None:
        """The run is over, and there is no log of it."""

    def log_unreadable(self, reason: str) -> None:
        """The run is over, and the rest of its log cannot be read."""


class QueueTimeoutError(Exception):
    """The run was not started in time, as far as could be seen."""

    def __init__(self, run: Run, waited: float) -> None:
        super().__init__(f"Run {run.run_id} was not started within {format_duration(waited)}.")


@dataclass(frozen=True)
class FollowLimits:
    """Seconds.

    `queue_timeout` is how long the run may wait to be started, None for ever, counted from `asked_at` (on the clock of
    the follower; None: from when following begins); `waiting_since` is since when it waits as the user is told, on that
    clock too. Following ends after `status_lost_after` of unbroken failure to
    read the status; the user is told after `status_lost_notice_after`. The rest of the log is read until there was none
    for `log_end_grace`, and `longest_delay` since the run was last seen active, or until it could not be read for
    `log_end_patience`.
    """

    queue_timeout: float | None = None
    asked_at: float | None = None
    waiting_since: float | None = None
    status_lost_after: float = STATUS_BUDGET
    status_lost_notice_after: float = 30.0
    log_end_grace: float = 0.4
    longest_delay: float = 2.9
    log_end_patience: float = LOG_END_BUDGET


@dataclass(frozen=True)
class RunSources:
    """Where a run's status comes from, and its log, unless it is not to be shown."""

    status: StatusSource
    log: LogSource | None


def follow(
    run: Run, sources: RunSources, output: FollowOutput, clock: Clock, limits: FollowLimits | None = None
) -> Run:
    """Show the log of `run` until the run is over; return the run as the service reports it then.

    Raises QueueTimeoutError when nothing has shown after `queue_timeout` seconds that the run was started, and
    ConnectionLostError when the status could not be read for `status_lost_after` seconds. Either way the run goes on.
    """
    return _Follower(run, sources, output, clock, limits or FollowLimits()).follow()


class _Follower:
    def __init__(self, run: Run, sources: RunSources, output: FollowOutput, clock: Clock, limits: FollowLimits) -> None:
        self._run = run
        self._sources = sources
        self._output = output
        self._clock = clock
        self._limits = limits
        self._decoder = LogDecoder()
        self._schedule = PollingSchedule()
        self._started = clock.monotonic()
        self._asked_at = self._started if limits.asked_at is None else limits.asked_at
        self._waiting_since = self._started if limits.waiting_since is None else limits.waiting_since
        self._status_seen = self._status_asked = self._started
        self._active_at = self._started
        self._status_loss_told = False
        self._bytes_at: float | None = None
        self._log_complete = False
        self._log_failures = 0
        self._log_loss_told = False
        self._schedule.status_looked(self._started)

    def follow(self) -> Run:
        self._show_progress()
        while not self._over():
            if self._log_wanted() and self._log_is_due():
                self._look_at_log()
            if self._clock.monotonic() >= self._status_due():
                self._look_at_status()
            if not self._over():
                self._sleep()
        self._read_rest_of_log()
        return self._run

    def _over(self) -> bool:
        return is_over(self._run)

    def _log_wanted(self) -> bool:
        """Whether to look at the log; not when a storage account that does not answer could cost the queue's limit."""
        deadline = self._queue_deadline()
        is_short = deadline is not None and deadline - self._clock.monotonic() < _LONGEST_LOG_LOOK
        return self._sources.log is not None and not self._log_complete and not is_short

    def _log_is_due(self) -> bool:
        now = self._clock.monotonic()
        return now >= self._schedule.log_due(now)

    def _sleep(self) -> None:
        now = self._clock.monotonic()
        due = self._status_due()
        if self._log_wanted():
            due = min(due, self._schedule.log_due(now))
        self._clock.sleep(max(due - now, _SHORTEST_SLEEP))

    def _status_due(self) -> float:
        due = self._schedule.status_due()
        deadline = self._queue_deadline()
        return due if deadline is None or self._status_asked >= deadline else min(due, deadline)

    def _queue_deadline(self) -> float | None:
        timeout = self._limits.queue_timeout
        is_waiting = is_queued(status_name(self._run)) and self._bytes_at is None
        return self._asked_at + timeout if timeout is not None and is_waiting else None

    def _look_at_status(self) -> None:
        self._status_asked = started = self._clock.monotonic()
        try:
            self._run = self._sources.status.look(self._time_for_status())
        except SourceUnavailableError as error:
            self._status_unavailable(error)
            return
        self._schedule.status_looked(started)
        if not self._over():
            self._active_at = started
        self._status_seen = self._clock.monotonic()
        self._status_loss_told = False
        self._end_if_late(started)
        self._show_progress()

    def _time_for_status(self) -> float:
        """Seconds that an answer may take: the queue's time limit is not spent on waiting for one."""
        deadline = self._queue_deadline()
        left = math.inf if deadline is None else deadline - self._clock.monotonic()
        return max(left, _LAST_LOOK)

    def _end_if_late(self, looked_at: float) -> None:
        deadline = self._queue_deadline()
        if deadline is not None and looked_at >= deadline:
            raise QueueTimeoutError(self._run, looked_at - self._asked_at)

    def _status_unavailable(self, error: SourceUnavailableError) -> None:
        now = self._clock.monotonic()
        # Neither its status nor its log has shown that it started.
        self._end_if_late(now)
        pause = self._schedule.status_failed(now, error.retry_after)
        lost_for = now - self._status_seen
        if lost_for >= self._limits.status_lost_after:
            raise ConnectionLostError(
                f"The status of run {self._run.run_id} could not be read for {format_duration(lost_for)}: {error}"
            ) from error
        if (lost_for >= self._limits.status_lost_notice_after or is_long(pause)) and not self._status_loss_told:
            self._status_loss_told = True
            then = _again(pause) or ", still trying"
            self._output.notice(f"The status of run {self._run.run_id} cannot be read right now{then}: {error}")

    def _show_progress(self) -> None:
        if self._bytes_at is None:
            self._output.progress(self._run, self._clock.monotonic() - self._waiting_since)

    def _look_at_log(self) -> None:
        started = self._clock.monotonic()
        try:
            chunk = self._read_log(run_ended=False)
            while chunk.more:
                chunk = self._read_log(run_ended=False)
        except SourceUnavailableError as error:
            self._log_unavailable(error)
            return
        self._log_failures = 0
        self._log_loss_told = False
        self._schedule.log_looked(started, got_bytes=self._bytes_at is not None and self._bytes_at >= started)
        self._flush_if_stale()
        self._show_progress()
        if chunk.complete:
            self._log_complete = True
            self._schedule.log_completed()

    def _read_log(self, *, run_ended: bool) -> LogChunk:
        if self._sources.log is None:
            return LogChunk(complete=True)
        chunk = self._sources.log.read(run_ended=run_ended)
        if chunk.data:
            self._bytes_at = self._clock.monotonic()
            self._show(self._decoder.feed(chunk.data))
        return chunk

    def _log_unavailable(self, error: SourceUnavailableError) -> None:
        pause = self._schedule.log_failed(self._clock.monotonic(), error.retry_after)
        self._log_failures += 1
        if (self._log_failures >= _TELL_AFTER_FAILURES or is_long(pause)) and not self._log_loss_told:
            self._log_loss_told = True
            then = f"the run is followed all the same{_again(pause)}"
            self._output.notice(f"The log cannot be read right now, {then}: {error}")

    def _flush_if_stale(self) -> None:
        if self._bytes_at is not None and self._clock.monotonic() - self._bytes_at >= _FLUSH_AFTER:
            self._show(self._decoder.flush())

    def _show(self, text: str) -> None:
        if text:
            self._output.log(text)

    def _read_rest_of_log(self) -> None:
        """Read on until the log is complete, or nothing comes any more though the run is over."""
        if self._sources.log is None:
            return
        now = self._clock.monotonic()
        patience = self._limits.log_end_patience
        failures = Failures(0.0 if self._log_failures >= _TELL_AFTER_FAILURES else patience)
        # The last bytes may come a little after the run's end, which was no earlier than it was last seen active.
        quiet_until = max(now + self._limits.log_end_grace, self._active_at + self._limits.longest_delay)
        while not self._log_complete:
            try:
                chunk = self._read_log(run_ended=True)
            except SourceUnavailableError as error:
                pause = failures.pause(self._clock.monotonic(), error.retry_after)
                if pause is None:
                    self._output.log_unreadable(str(error))
                    break
                pause = min(pause, patience)
                if is_long(pause):
                    self._output.notice(f"The rest of the log cannot be read right now{_again(pause)}: {error}")
                self._clock.sleep(pause)
                continue
            failures = Failures(patience)
            now = self._clock.monotonic()
            self._log_complete = chunk.complete
            if chunk.data:
                quiet_until = max(quiet_until, now + self._limits.log_end_grace)
            if not chunk.more and not chunk.complete:
                if now >= quiet_until:
                    self._tell_of_absence(chunk)
                    break
                self._clock.sleep(min(self._limits.log_end_grace / 2, max(quiet_until - now, _SHORTEST_SLEEP)))
        self._show(self._decoder.finish())

    def _tell_of_absence(self, last: LogChunk) -> None:
        if not last.exists and self._bytes_at is None:
            self._output.log_missing()


def _again(pause: float) -> str:
    return f", next try in {format_duration(pause)}" if is_long(pause) else ""
