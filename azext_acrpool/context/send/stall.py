"""Saying that an upload stands still. A terminal shows how far it is; a CI job's log would show nothing at all."""

from __future__ import annotations

from collections.abc import Callable

from ...clock import Clock
from ...wording import format_duration

__all__ = ["STALL_SECONDS", "StallWatch"]

STALL_SECONDS = 15.0


class StallWatch:
    """Calls `tell` when an upload has not come further for STALL_SECONDS, once each time that it stands still."""

    def __init__(self, clock: Clock, tell: Callable[[str], None]) -> None:
        self._clock = clock
        self._tell = tell
        self._furthest = (0, 0)
        self.restart()

    def restart(self) -> None:
        """There is something to upload from now on."""
        self._since = self._clock.monotonic()
        self._told = False

    def look(self, finished: int, sent_bytes: int, trouble: str = "") -> None:
        """See how far it is: requests that are done, and bytes, those that had to be taken back left out.

        `trouble` is what went wrong last.
        """
        most_finished, most_sent = self._furthest
        if finished > most_finished or sent_bytes > most_sent:
            self._furthest = (max(finished, most_finished), max(sent_bytes, most_sent))
            self.restart()
            return
        stands_still = self._clock.monotonic() - self._since
        if not self._told and stands_still >= STALL_SECONDS:
            self._told = True
            reason = f": {trouble}" if trouble else "."
            self._tell(f"Nothing could be uploaded for {format_duration(stands_still)}, still trying{reason}")
