"""The list of a registry's runs, newest first: filtered, in pages, each run once."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .arm import ArmClient, with_query
from .registries import RegistryId
from .replies import read_json
from .runs import as_run_model

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import Run

__all__ = ["EVERY_RUN", "RunFilter", "RunPage", "list_runs", "newest_run"]

# IDs of runs that are remembered. Where runs are queued while pages are read, a page may begin with what the last ones
# ended with: as many as were queued between two pages, and whoever reads in a pager may let some time pass.
_REMEMBERED: Final = 5_000


@dataclass(frozen=True)
class RunFilter:
    """Which runs: those for which all of these hold that are not "".

    `task` is its name, `status` the service's word, `manifest` an image that the run pushed, as REPOSITORY@DIGEST.
    Those the service filters by. Whether it can by the agent pool is not known, and by tag it cannot (service's
    specification, RunFilter): `pool`, in any case, and `pushed`, as REPOSITORY:TAG, are filtered by here.
    """

    task: str = ""
    status: str = ""
    manifest: str = ""
    pool: str = ""
    pushed: str = ""

    @property
    def odata(self) -> str:
        """What the service filters by, "" for nothing; a quote in a text is doubled, as OData has it.

        >>> RunFilter(task="it's", status="Failed", manifest="app@sha256:1").odata
        "TaskName eq 'it''s' and Status eq 'Failed' and contains(OutputImageManifests, 'app@sha256:1')"
        """
        conditions = (
            ("TaskName eq {}", self.task),
            ("Status eq {}", self.status),
            ("contains(OutputImageManifests, {})", self.manifest),
        )
        return " and ".join(text.format("'" + value.replace("'", "''") + "'") for text, value in conditions if value)

    @property
    def is_filtered_by_service(self) -> bool:
        """Whether the service filters by all of it, so that it can count the runs as well."""
        return not (self.pool or self.pushed)

    def takes(self, run: dict[str, Any]) -> bool:
        """Whether a run that the service has let through is one of those."""
        properties = run.get("properties") or {}
        if self.pool and (properties.get("agentPoolName") or "").lower() != self.pool.lower():
            return False
        return not self.pushed or self.pushed in map(_tagged, properties.get("outputImages") or ())


EVERY_RUN: Final = RunFilter()


class RunPage(NamedTuple):
    """Some runs, as ARM's own JSON, and whether no others follow."""

    runs: list[dict[str, Any]]
    is_last: bool


def list_runs(arm: ArmClient, registry: RegistryId, wanted: RunFilter = EVERY_RUN, *, top: int) -> Iterator[RunPage]:
    """The newest runs, at most `top` of them, page by page; no page is asked for that is not needed.

    A page may be empty where pages are filtered here; the last one says that it is. No run comes twice. Raises
    AcrErrors, between pages too.
    """
    params = {"$filter": wanted.odata} if wanted.odata else {}
    if wanted.is_filtered_by_service:
        params["$top"] = str(top)
    left, told = top, _Remembered()
    for page in arm.list_pages(with_query(f"{registry.path}/runs", params)):
        runs = [run for run in map(_as_run, page.body["value"]) if wanted.takes(run) and told.is_new(_id_of(run))]
        runs = runs[:left]
        left -= len(runs)
        is_last = not left or not page.body.get("nextLink")
        yield RunPage(runs, is_last)
        if is_last:
            return


def newest_run(arm: ArmClient, registry: RegistryId, wanted: RunFilter = EVERY_RUN) -> Run | None:
    """The run that was queued last of those that are wanted, None if there is none. Raises AcrErrors."""
    for page in list_runs(arm, registry, wanted, top=1):
        for run in page.runs:
            return as_run_model(run)
    return None


class _Remembered:
    """The newest of the IDs that were told."""

    def __init__(self) -> None:
        self._in_order: deque[str] = deque()
        self._ids: set[str] = set()

    def is_new(self, run_id: str) -> bool:
        """Whether this one was not told; it is then. What has no ID is always new."""
        if run_id in self._ids:
            return False
        if run_id:
            self._ids.add(run_id)
            self._in_order.append(run_id)
        if len(self._in_order) > _REMEMBERED:
            self._ids.remove(self._in_order.popleft())
        return True


def _as_run(item: Any) -> dict[str, Any]:
    """An item of the list, once its members have the types that the SDK's model says."""
    from azure.mgmt.containerregistrytasks.models import Run

    run: Any = read_json(Run, item, "the list of runs")
    body: dict[str, Any] = run
    return body


def _id_of(run: dict[str, Any]) -> str:
    return str((run.get("properties") or {}).get("runId") or run.get("name") or "").lower()


def _tagged(image: dict[str, Any]) -> str:
    return f"{image.get('repository')}:{image.get('tag')}"
