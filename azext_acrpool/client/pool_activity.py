"""The runs of a registry that tell how busy its agent pools are: all that have not ended, and the newest.

Two requests, whatever the registry's history. What has not ended is asked for first, the newest second: so a run that
is queued in between is among the newest, and of a run that is in both lists the later reading says how it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from ..clock import Clock
from ..scaling.run_record import RunRecord
from .active_runs import each_active_run
from .arm import ArmClient, ArmResponse, with_query
from .errors import BadRequestError
from .registries import RegistryId
from .replies import known_moment
from .run_status import ACTIVE_RUN_STATUSES, has_ended, is_active, is_queued, status_name
from .runs import as_run_model

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import Run

__all__ = ["RegistryRuns", "read_active_runs", "read_newest_runs", "run_record"]

# Runs of a page. The service may have an opinion of its own: then it says that others follow.
_TOP: Final = 200
# "All logical operators except 'Not', 'Has', 'All' are allowed" (service's specification, filter of the list of runs).
_NOT_ENDED: Final = " or ".join(f"Status eq '{status}'" for status in ACTIVE_RUN_STATUSES)


@dataclass(frozen=True)
class RegistryRuns:
    """Runs of all pools, each as often as it was seen, the latest reading last. `seen` is the service's time.

    `known_since`: all that were created after it are among them, None for all that ever were. `is_complete`: all that
    have not ended are among them.
    """

    runs: tuple[RunRecord, ...]
    seen: datetime
    known_since: datetime | None
    is_complete: bool = True


def read_active_runs(arm: ArmClient, registry: RegistryId, clock: Clock) -> RegistryRuns:
    """The runs that have not ended, as many as fit on a page: one request. Raises AcrErrors.

    If the service refuses to filter by several statuses at once, which nobody has recorded, all of them are asked for
    status by status: three requests more, at least.
    """
    try:
        page = _read_page(arm, registry, {"$filter": _NOT_ENDED})
    except BadRequestError:
        return _read_one_status_after_the_other(arm, registry, clock)
    records = (record for record in _records(page) if record.is_active)
    seen = page.sent or clock.now()
    return RegistryRuns(tuple(records), seen, known_since=seen, is_complete=not _is_cut(page))


def read_newest_runs(arm: ArmClient, registry: RegistryId, active: RegistryRuns) -> RegistryRuns:
    """`active` and a page of the newest runs, whatever has become of them: one request. Raises AcrErrors."""
    page = _read_page(arm, registry, {})
    newest = _records(page)
    seen = page.sent or active.seen
    return RegistryRuns(
        (*active.runs, *newest), seen, known_since=_known_since(page, newest, seen), is_complete=active.is_complete
    )


def run_record(run: Run) -> RunRecord:
    """A run of the service's; what says neither by its status nor by a time that it has ended has not."""
    status, finished = status_name(run), known_moment(run.finish_time)
    return RunRecord(
        run_id=str(run.run_id or run.name or ""),
        pool=run.agent_pool_name or "",
        status=status,
        is_queued=is_queued(status),
        is_active=not (has_ended(status) or (finished and not is_active(status))),
        task=run.task or "",
        created=known_moment(run.create_time),
        started=known_moment(run.start_time),
        finished=finished,
    )


def _read_page(arm: ArmClient, registry: RegistryId, params: dict[str, str]) -> ArmResponse:
    url = with_query(f"{registry.path}/runs", {**params, "$top": str(_TOP)})
    return next(arm.list_pages(url))


def _records(page: ArmResponse) -> list[RunRecord]:
    return [run_record(as_run_model(item)) for item in page.body["value"]]


def _is_cut(page: ArmResponse) -> bool:
    """Whether the list may go on. With `$top`, the service need not say so."""
    body: Any = page.body
    return bool(body.get("nextLink")) or len(body["value"]) >= _TOP


def _known_since(page: ArmResponse, newest: Sequence[RunRecord], seen: datetime) -> datetime | None:
    if not _is_cut(page):
        return None
    return min((record.created for record in newest if record.created), default=seen)


def _read_one_status_after_the_other(arm: ArmClient, registry: RegistryId, clock: Clock) -> RegistryRuns:
    found = list(each_active_run(arm, registry))
    seen = _latest(active.seen for active in found) or clock.now()
    return RegistryRuns(tuple(run_record(active.run) for active in found), seen, known_since=seen)


def _latest(moments: Iterable[datetime | None]) -> datetime | None:
    return max((moment for moment in moments if moment), default=None)
