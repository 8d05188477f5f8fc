"""Who uses an agent pool: the runs that wait for it or run on it, and the tasks that name it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..aside import start_aside
from ..clock import Clock
from .arm import DEFAULT_OPTIONS, ArmClient, RequestOptions, with_query
from .registries import RegistryId
from .replies import in_utc
from .run_status import ACTIVE_RUN_STATUSES, is_active, is_queued, status_name
from .runs import as_run_model
from .tasks import Tasks

if TYPE_CHECKING:
    from datetime import datetime

    from azure.mgmt.containerregistrytasks.models import Run

__all__ = ["ActiveRun", "PoolUsers", "each_active_run", "find_pool_users", "list_active_runs"]


@dataclass(frozen=True)
class ActiveRun:
    """A run that has not ended, as it was at `seen`, by the service's own clock (None if that is not known)."""

    run: Run
    seen: datetime | None = None

    @property
    def run_id(self) -> str:
        """The service's name for the run."""
        return str(self.run.run_id or self.run.name or "")

    @property
    def status(self) -> str:
        """The status as the service spells it."""
        return status_name(self.run)

    @property
    def is_queued(self) -> bool:
        """Whether no agent has taken it yet."""
        return is_queued(self.status)

    @property
    def waited(self) -> float | None:
        """Seconds from the creation of the run until an agent took it, or until now if none has; None if unknown."""
        return _seconds_between(self.run.create_time, self.run.start_time or self.seen)

    @property
    def running(self) -> float | None:
        """Seconds since an agent took the run; None if none has."""
        return _seconds_between(self.run.start_time, self.seen)


def list_active_runs(
    arm: ArmClient, registry: RegistryId, pool: str, *, options: RequestOptions = DEFAULT_OPTIONS
) -> list[ActiveRun]:
    """All runs on `pool` that have not ended, the oldest first; `pool` may be in any case. Raises AcrErrors.

    Whether the service can filter by agent pool is unknown, so that is done here.
    """
    found = {active.run_id: active for active in each_active_run(arm, registry, options) if _is_on(active.run, pool)}
    return sorted(found.values(), key=_age)


def each_active_run(
    arm: ArmClient, registry: RegistryId, options: RequestOptions = DEFAULT_OPTIONS
) -> Iterator[ActiveRun]:
    """All runs of the registry that have not ended; of one that comes twice, the later holds. Raises AcrErrors.

    The service is asked for one status after the other, not side by side, and in the order in which a run goes through
    them: so a run that moves on meanwhile is seen in the next list at the latest, and none is ever missed.
    """
    for status in ACTIVE_RUN_STATUSES:
        url = with_query(f"{registry.path}/runs", {"$filter": f"Status eq '{status}'"})
        for page in arm.list_pages(url, options=options):
            runs = (ActiveRun(as_run_model(item), page.sent) for item in page.body["value"])
            yield from filter(_is_active, runs)


@dataclass(frozen=True)
class PoolUsers:
    """Names of tasks as the service lists them, and IDs of runs that are not finished, the oldest first."""

    tasks: tuple[str, ...] = ()
    active_runs: tuple[str, ...] = ()


def find_pool_users(arm: ArmClient, registry: RegistryId, pool: str, clock: Clock) -> PoolUsers:
    """Who uses `pool`; tasks and runs are asked for side by side. Raises AcrErrors."""
    tasks = start_aside(Tasks(arm, registry, clock).list)
    runs = list_active_runs(arm, registry, pool)
    names = (str(task.name) for task in tasks.result() if (task.agent_pool_name or "").lower() == pool.lower())
    return PoolUsers(tuple(names), tuple(active.run_id for active in runs))


def _is_active(active: ActiveRun) -> bool:
    # A run may have ended while it was asked for; what a reply leaves out excludes nothing.
    return not active.status or is_active(active.status)


def _is_on(run: Run, pool: str) -> bool:
    return (run.agent_pool_name or "").lower() == pool.lower()


def _age(active: ActiveRun) -> tuple[bool, float]:
    created = in_utc(active.run.create_time)
    return created is None, created.timestamp() if created else 0.0


def _seconds_between(begin: datetime | None, end: datetime | None) -> float | None:
    begin, end = in_utc(begin), in_utc(end)
    # The service's clocks differ by fractions of a second.
    return None if begin is None or end is None else max(0.0, (end - begin).total_seconds())
