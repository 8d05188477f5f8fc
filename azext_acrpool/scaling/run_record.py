"""A run, as far as it tells how busy a pool is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

__all__ = ["RunRecord"]


@dataclass(frozen=True)
class RunRecord:
    """A run as the service lists it. Times are in UTC, None where the service says none.

    `is_queued`: no agent has taken it yet; `is_active`: it has not ended. `pool` is "" for shared agents.
    """

    run_id: str
    pool: str
    status: str
    is_queued: bool
    is_active: bool
    task: str = ""
    created: datetime | None = None
    started: datetime | None = None
    finished: datetime | None = None
