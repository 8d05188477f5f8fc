"""Runs that were, made ready to be replayed."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from datetime import datetime

from ..run_record import RunRecord
from .model import SimulatedRun

__all__ = ["recorded_runs", "recorded_waits"]


def recorded_runs(pool: str, records: Sequence[RunRecord], start: datetime, end: datetime) -> list[SimulatedRun]:
    """The runs of `pool` that were created from `start` until `end`, the earliest first; times from `start` on.

    A run keeps its agent for as long as it did. One that goes on has had it until `end` at least: it is taken to be as
    long as that or as the median of those that ended, whichever is more; so is one that waits. One that was cancelled
    before an agent took it needs none, and is left out.
    """
    ours = {record.run_id: record for record in records if record.pool.lower() == pool.lower()}
    known = [length for record in ours.values() if (length := _duration(record)) is not None]
    usual = statistics.median(known) if known else 0.0
    replayed = []
    for record in ours.values():
        if record.created is None or not start <= record.created < end or not (record.started or record.is_active):
            continue
        length = _duration(record)
        if length is None:
            so_far = (end - record.started).total_seconds() if record.started else 0.0
            length = max(so_far, usual)
        replayed.append(SimulatedRun((record.created - start).total_seconds(), length))
    return sorted(replayed, key=lambda run: run.created)


def recorded_waits(pool: str, records: Sequence[RunRecord], start: datetime, end: datetime) -> list[float]:
    """For how many seconds those runs waited that were created then and have had an agent, in any order."""
    ours = {record.run_id: record for record in records if record.pool.lower() == pool.lower()}
    return [
        max(0.0, (record.started - record.created).total_seconds())
        for record in ours.values()
        if record.started is not None and record.created is not None and start <= record.created < end
    ]


def _duration(record: RunRecord) -> float | None:
    if record.started is None or record.finished is None:
        return None
    return max(0.0, (record.finished - record.started).total_seconds())
