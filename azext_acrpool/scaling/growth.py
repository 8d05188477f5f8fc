"""How long a pool took to get an instance more, as its runs show it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from .run_record import RunRecord

__all__ = ["growth_shown", "measured_growth", "took_new_instance"]

# An agent that has become free takes the next run within seconds; one that takes longer, to clean up, not a minute.
_FREED: Final = timedelta(minutes=1)
# A free agent takes a run within seconds as well (queue to start, recorded): who waited longer found none.
_WAITED: Final = timedelta(seconds=30)
# Recorded were 5 to 13 minutes. What is far from that is no growth: of a run that waited for hours, nobody knows what
# for.
_SHORTEST: Final = timedelta(seconds=30)
_LONGEST: Final = timedelta(hours=1)
# The median of so many is not moved by one that was odd, and soon is what the pool does now.
_LAST: Final = 5


def measured_growth(runs: Sequence[RunRecord], modified: datetime | None) -> float | None:
    """Seconds from asking for an instance until it took a run, the median of those seen; None if none was.

    `runs` are those of one pool. A run that waited and then started though no other one had just ended was taken by a
    new instance. It was asked for when the run was created, or at `modified`, the pool's last change, if that was later
    and before the start.
    """
    ends = sorted(run.finished for run in runs if run.finished)
    seen = sorted(
        (run.started, run.created)
        for run in runs
        if run.started and run.created and took_new_instance(run.created, run.started, ends)
    )
    return growth_shown(seen, modified)


def took_new_instance(created: datetime, started: datetime, ends: Sequence[datetime]) -> bool:
    """Whether a run shows how long growing takes. `ends` are those of runs, the earliest first; of those before it
    started, the last is enough.
    """
    return started - created > _WAITED and not _was_freed(started, ends)


def growth_shown(seen: Sequence[tuple[datetime, datetime]], modified: datetime | None) -> float | None:
    """What runs show together, each by when it started and when it was created, in the order of their starts."""
    spans: list[float] = []
    for started, created in reversed(seen):
        asked = modified if modified and created < modified < started else created
        if _SHORTEST <= started - asked <= _LONGEST:
            spans.append((started - asked).total_seconds())
        if len(spans) == _LAST:
            break
    return median(spans) if spans else None


def _was_freed(started: datetime, ends: Sequence[datetime]) -> bool:
    """Whether one of the runs had just ended: its agent may have taken this one."""
    first = bisect_left(ends, started - _FREED)
    return first < len(ends) and ends[first] <= started
