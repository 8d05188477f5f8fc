"""`az acr task list-runs`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ...client.errors import AcrError
from ...client.pools import AgentPools
from ...client.registries import RegistryId
from ...client.run_listing import RunFilter, RunPage, list_runs
from ...wording import counted
from ..command import command
from ..console.errors import CommandError, explain
from ..console.pages import Page
from ..session import Session
from .selection import SelectionOptions, select_runs
from .shown_run import shown_run

__all__ = ["ListRunsOptions", "list_registry_runs"]

_TOP = 15


@dataclass(frozen=True, kw_only=True)
class ListRunsOptions(SelectionOptions):
    """The command line of `list-runs`."""

    top: int = _TOP
    run_status: str | None = None
    agent_pool_name: str | None = None


@command(ListRunsOptions)
def list_registry_runs(session: Session, options: ListRunsOptions) -> list[dict[str, Any]] | None:
    """The newest runs of a registry, at most `top` of them; None once they are printed."""
    registry, wanted = select_runs(
        session, options, status=options.run_status or "", pool=options.agent_pool_name or ""
    )
    pages = _told_of_breaks(list_runs(session.arm, registry, wanted, top=options.top))
    return session.print_pages(_shown(session, registry, wanted, pages))


def _shown(session: Session, registry: RegistryId, wanted: RunFilter, pages: Iterator[RunPage]) -> Iterator[Page]:
    """The pages as az shows them. That no run was sent to an agent pool is said only if there is such a pool."""
    is_empty = True
    for page in pages:
        is_empty = is_empty and not page.runs
        if page.is_last and is_empty and wanted.pool:
            AgentPools(session.arm).get(registry, wanted.pool)
        yield Page([shown_run(run) for run in page.runs], page.is_last)


def _told_of_breaks(pages: Iterator[RunPage]) -> Iterator[RunPage]:
    """The pages. One that cannot be had ends the command, which says how far the list goes."""
    told = 0
    try:
        for page in pages:
            told += len(page.runs)
            yield page
    except AcrError as error:
        if not told:
            raise
        raise _broken_off(error, told) from error


def _broken_off(error: AcrError, told: int) -> CommandError:
    ending = explain(error)
    ending.error.error_msg = f"Only the newest {counted(told, 'run')} could be read. {ending.error.error_msg}"
    return ending
