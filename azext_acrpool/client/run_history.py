"""What ran on a registry in some time past, as its list of runs tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ..scaling.run_record import RunRecord
from .arm import ArmClient, with_query
from .pool_activity import run_record
from .registries import RegistryId
from .runs import as_run_model

__all__ = ["RunHistory", "read_run_history"]

_MOST_PAGES: Final = 20


@dataclass(frozen=True)
class RunHistory:
    """Runs of all pools, each once, and since when all that were created are among them."""

    runs: tuple[RunRecord, ...]
    known_since: datetime


def read_run_history(arm: ArmClient, registry: RegistryId, since: datetime, seen: datetime) -> RunHistory:
    """The runs that were created from `since` until `seen`, and maybe older ones; at most 20 pages. Raises AcrErrors.

    The list is newest first. A run that a later page shows again, as others were queued meanwhile, is as that shows it.
    """
    found: dict[str, RunRecord] = {}
    reached = seen
    pages = arm.list_pages(with_query(f"{registry.path}/runs"))
    for _, page in zip(range(_MOST_PAGES), pages, strict=False):
        for record in (run_record(as_run_model(item)) for item in page.body["value"]):
            found[record.run_id.lower()] = record
            reached = min(reached, record.created or reached)
        if reached < since or not page.body.get("nextLink"):
            return RunHistory(tuple(found.values()), since)
    return RunHistory(tuple(found.values()), reached)
