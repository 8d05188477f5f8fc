"""`az acr task show-run` and `update-run`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from azure.cli.core import azclierror

from ...client.errors import AcrError, ChangeUnconfirmedError
from ...client.runs import Runs
from ...wording import az_command
from ..command import command
from ..console.errors import CommandError, change_in_doubt, explain
from ..session import RegistryOptions, Session

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import Run

    from ...client.registries import RegistryId

__all__ = ["ShowRunOptions", "UpdateRunOptions", "show_run", "update_run"]


@dataclass(frozen=True, kw_only=True)
class ShowRunOptions(RegistryOptions):
    """The command line of `show-run`."""

    run_id: str


@command(ShowRunOptions)
def show_run(session: Session, options: ShowRunOptions) -> Run:
    """A run as it is now."""
    return session.runs(session.locate_registry(options)).find(options.run_id)


@dataclass(frozen=True, kw_only=True)
class UpdateRunOptions(ShowRunOptions):
    """The command line of `update-run`."""

    no_archive: bool | None = None


@command(UpdateRunOptions)
def update_run(session: Session, options: UpdateRunOptions) -> Run:
    """The run, kept for good or not as asked; a run that is as asked is left alone, and so it is if nothing is."""
    registry = session.locate_registry(options)
    runs = session.runs(registry)
    run = runs.find(options.run_id)
    if options.no_archive is None or run.is_archive_enabled is not options.no_archive:
        return run
    with change_in_doubt(f"Run {options.run_id}", _how_to_see(registry, options.run_id)):
        return _archive(runs, registry, options.run_id, archived=not options.no_archive)


def _archive(runs: Runs, registry: RegistryId, run_id: str, *, archived: bool) -> Run:
    """Change it, and be sure: what a reply does not say, or one that was lost, is looked up."""
    lost: AcrError | None = None
    try:
        changed = runs.archive(run_id, archived=archived)
    except AcrError as error:
        if not error.leaves_doubt:
            raise
        lost, changed = error, _look_at(runs, registry, run_id)
    if changed.is_archive_enabled is not archived:
        changed = _look_at(runs, registry, run_id)
    if changed.is_archive_enabled is not archived and lost is not None:
        raise lost
    if changed.is_archive_enabled is not archived:
        raise CommandError(
            azclierror.AzureResponseError(
                f"Run {run_id} is {'not ' if archived else ''}archived, although the service accepted the change.",
                _how_to_see(registry, run_id),
            )
        )
    return changed


def _look_at(runs: Runs, registry: RegistryId, run_id: str) -> Run:
    try:
        return runs.find(run_id)
    except AcrError as error:
        # The error alone would read as if nothing had been changed.
        unknown = ChangeUnconfirmedError(
            f"Run {run_id} may have been changed, but could not be looked at afterwards: {error.message}",
            **error.particulars,
        )
        raise explain(unknown, [_how_to_see(registry, run_id)]) from error


def _how_to_see(registry: RegistryId, run_id: str) -> str:
    return f"See what it is with: {az_command('acr task show-run', '-r', registry.name, '--run-id', run_id)}"
