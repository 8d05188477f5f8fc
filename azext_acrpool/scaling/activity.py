"""What the runs of a registry say about one of its pools."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ..pool import Pool
from .growth import measured_growth
from .run_record import RunRecord

__all__ = ["NEWEST_DURATIONS", "Activity", "activity_of"]

# How many of the newest runs tell how long a run takes.
NEWEST_DURATIONS: Final = 50


@dataclass(frozen=True)
class Activity:
    """What is known of a pool's runs at `seen`, by the service's clock.

    `queued` is how many wait, `running` for how many seconds each of the others has had its agent (None: unknown).
    `last_busy` is when the last one ended that is known, `known_since` from when on all are known (None: all of them
    are). `durations` are those of runs that ended lately, in seconds, the newest first; `growth` is how many seconds
    this pool took for an instance more, None if no run has shown it.
    """

    seen: datetime
    queued: int = 0
    running: tuple[float | None, ...] = ()
    last_busy: datetime | None = None
    known_since: datetime | None = None
    durations: tuple[float, ...] = ()
    growth: float | None = None

    @property
    def active(self) -> int:
        """How many runs have not ended."""
        return self.queued + len(self.running)


def activity_of(
    pool: Pool, runs: Sequence[RunRecord], seen: datetime, *, known_since: datetime | None = None
) -> Activity:
    """What `runs` say about `pool`: those of others among them do not count, in any order, each once.

    `known_since`: all that were created after it are among them, and all that have not ended.
    """
    by_id: dict[str, RunRecord] = {}
    for number, run in enumerate(runs):
        by_id[run.run_id.lower() or f"#{number}"] = run
    own = [run for run in by_id.values() if run.pool.lower() == pool.name.lower()]
    ended = [run for run in own if not run.is_active]
    timed = sorted(((run.finished, run.started) for run in ended if run.finished and run.started), reverse=True)
    ends = [end for run in ended if (end := run.finished or run.started or run.created)]
    return Activity(
        seen=seen,
        queued=sum(run.is_active and run.is_queued for run in own),
        running=tuple(_seconds(run.started, seen) for run in own if run.is_active and not run.is_queued),
        last_busy=max(ends, default=None),
        known_since=known_since,
        durations=tuple(_span(started, finished) for finished, started in timed[:NEWEST_DURATIONS]),
        growth=measured_growth(own, pool.modified),
    )


def _seconds(begin: datetime | None, end: datetime) -> float | None:
    return None if begin is None else _span(begin, end)


def _span(begin: datetime, end: datetime) -> float:
    """Seconds from one to the other: none where the clocks that said so disagree."""
    return max(0.0, (end - begin).total_seconds())
