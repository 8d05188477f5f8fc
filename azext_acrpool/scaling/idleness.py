"""For how long a pool had nothing to do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from .run_record import RunRecord

__all__ = ["longest_idle"]


def longest_idle(pool: str, runs: Sequence[RunRecord], start: datetime, end: datetime) -> timedelta:
    """The longest time between `start` and `end` in which no run of `pool` was queued or ran.

    A run counts from its creation until its end; one that has not ended, or does not say when, until `end`.
    """
    longest, idle_since = timedelta(0), start
    for created, finished in sorted(_times(run, start, end) for run in runs if run.pool.lower() == pool.lower()):
        longest = max(longest, min(created, end) - idle_since)
        idle_since = max(idle_since, min(finished, end))
    return max(longest, end - idle_since)


def _times(run: RunRecord, start: datetime, end: datetime) -> tuple[datetime, datetime]:
    created = run.created or run.started or start
    return created, end if run.is_active or run.finished is None else max(created, run.finished)
