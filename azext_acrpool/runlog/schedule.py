"""When to look at a run's log and at its status next. Pure: times come in and go out (seconds, one monotonic clock).

While lines flow the log is read about once a second. A log that grows belongs to a run that goes on, so the status is
asked only when nothing came for a while. When the log is silent, or not there yet, both are looked at often enough
that nothing is noticed more than three seconds late.

az's own makes up to three requests per 2.5 s while lines flow, 72 a minute, and fewer, and later, the slower they come.
This makes up to 61 while they flow, and 85 where seconds pass between them.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..web import pause_after_failure

__all__ = ["Pace", "PollingSchedule"]


@dataclass(frozen=True)
class Pace:
    """Intervals in seconds."""

    log_flowing: float = 0.98
    log_quiet: float = 1.3
    log_awaited: float = 1.8
    status_awaited: float = 2.1
    status_quiet: float = 2.55
    status_flowing: float = 60.0
    status_after_log: float = 1.0
    flows_for: float = 10.0


class PollingSchedule:
    """Keeps when each source was looked at and how it went, and says when each is due again.

    Both sources are due at once at the start. A source that failed is left alone for a growing while, or for as long
    as it asked (`retry_after`), within bounds.
    """

    def __init__(self, pace: Pace | None = None) -> None:
        self._pace = pace or Pace()
        self._log_at: float | None = None
        self._status_at: float | None = None
        self._bytes_at: float | None = None
        self._log_complete = False
        self._log_failures = 0
        self._status_failures = 0
        self._log_not_before = 0.0
        self._status_not_before = 0.0

    def log_looked(self, started: float, *, got_bytes: bool) -> None:
        """The log was looked at; the look began at `started`."""
        self._log_at = started
        if got_bytes:
            self._bytes_at = started
        self._log_failures = 0

    def log_failed(self, now: float, retry_after: float | None = None) -> float:
        """The log could not be looked at; returns for how many seconds it is left alone."""
        self._log_at = now
        self._log_failures += 1
        pause = pause_after_failure(self._log_failures, retry_after)
        self._log_not_before = now + pause
        return pause

    def log_completed(self) -> None:
        """The log is marked complete: the run is about to be over, or is already. The status is due at once."""
        self._log_complete = True
        self._status_at = None

    def status_looked(self, started: float) -> None:
        """The status was looked at; the look began at `started`."""
        self._status_at = started
        self._status_failures = 0

    def status_failed(self, now: float, retry_after: float | None = None) -> float:
        """The status could not be looked at; returns for how many seconds it is left alone."""
        self._status_at = now
        self._status_failures += 1
        pause = pause_after_failure(self._status_failures, retry_after)
        self._status_not_before = now + pause
        return pause

    def log_due(self, now: float) -> float:
        """When to look at the log next."""
        if self._log_at is None:
            return now
        return max(self._log_at + self._log_interval(now), self._log_not_before)

    def status_due(self) -> float:
        """When to look at the status next; a time in the past means now."""
        if self._status_at is None:
            return self._status_not_before
        if self._log_complete:
            return max(self._status_at + self._pace.status_after_log, self._status_not_before)
        if self._bytes_at is None:
            return max(self._status_at + self._pace.status_awaited, self._status_not_before)
        seen_active = max(self._status_at, self._bytes_at)
        due = min(seen_active + self._pace.status_quiet, self._status_at + self._pace.status_flowing)
        return max(due, self._status_not_before)

    def _log_interval(self, now: float) -> float:
        if self._bytes_at is None:
            return self._pace.log_awaited
        flowing = now - self._bytes_at <= self._pace.flows_for
        return self._pace.log_flowing if flowing else self._pace.log_quiet
