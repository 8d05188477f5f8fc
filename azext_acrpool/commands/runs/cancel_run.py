"""`az acr task cancel-run`: cancel runs, and see what becomes of them.

az's own asks the service once, and says nothing of whether a run was cancelled.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from azure.cli.core import azclierror

from ...client.errors import NotFoundError
from ...client.run_status import status_name
from ...runlog.cancel import CancelEnd, cancel_runs
from ...runlog.exits import RunOutcome, outcome
from ...wording import az_command, counted
from ..command import command
from ..console.errors import CommandError, ExitCode, InterruptedCommandError, explain, interrupted_at_end
from ..session import RegistryOptions, Session

__all__ = ["CancelRunOptions", "cancel"]


@dataclass(frozen=True, kw_only=True)
class CancelRunOptions(RegistryOptions):
    """The options of `az acr task cancel-run`, under the name that az's own gives them."""

    run_id: list[str]


@command(CancelRunOptions)
def cancel(session: Session, options: CancelRunOptions) -> None:
    """Cancel runs side by side; raises CommandError unless all are seen cancelled, whoever cancelled them."""
    registry = session.find_managed_registry(options, "runs")
    run_ids = _each_once(options.run_id)
    ends: list[CancelEnd] = []
    session.narrator.show(f"Cancelling {counted(len(run_ids), 'run')}..")
    try:
        for end in cancel_runs(session.runs(registry), run_ids, session.clock):
            ends.append(end)
            if _is_cancelled(end):
                session.narrator.say(f"Run {end.run_id} was cancelled.")
    except KeyboardInterrupt:
        raise _interrupted(registry.name, run_ids, ends) from None
    finally:
        session.narrator.clear()
    missed = [end for end in ends if not _is_cancelled(end)]
    if missed:
        raise _failed(registry.name, missed)


def _each_once(run_ids: Sequence[str]) -> list[str]:
    found: dict[str, str] = {}
    for run_id in run_ids:
        found.setdefault(run_id.lower(), run_id)
    return list(found.values())


def _is_cancelled(end: CancelEnd) -> bool:
    return end.run is not None and outcome(end.run) is RunOutcome.CANCELED


def _failed(registry: str, missed: Sequence[CancelEnd]) -> CommandError:
    """What became of each run that was not seen cancelled: exit code 3 if none of them is there, 1 otherwise."""
    message = "\n".join(_describe(end) for end in missed)
    advice = list(_recommend(registry, missed))
    if all(isinstance(end.error, NotFoundError) for end in missed):
        return CommandError(azclierror.ResourceNotFoundError(message, advice), ExitCode.NOT_FOUND)
    return CommandError(azclierror.AzureResponseError(message, advice))


def _describe(end: CancelEnd) -> str:
    if end.run is not None:
        return f"Run {end.run_id} had already ended as {status_name(end.run)}."
    if isinstance(end.error, NotFoundError):
        return str(end.error)
    if end.error is not None:
        return f"Run {end.run_id} may not have been cancelled: {end.error}"
    return f"Run {end.run_id} was asked to cancel, but was not seen to end: it may go on."


def _recommend(registry: str, missed: Sequence[CancelEnd]) -> Iterator[str]:
    errors = {type(end.error): end.error for end in missed if end.error is not None}
    for error in errors.values():
        yield from explain(error).error.recommendations
    for end in [end for end in missed if end.error is None][:1]:
        yield f"See it with: {az_command('acr task show-run', '-r', registry, '--run-id', end.run_id)}"
    again = [end.run_id for end in missed if end.run is None and not isinstance(end.error, NotFoundError)]
    if again:
        yield f"Try again with: {_command(registry, again)}"


def _interrupted(registry: str, run_ids: Sequence[str], ends: Sequence[CancelEnd]) -> InterruptedCommandError:
    """Which runs were seen cancelled when nobody wanted to wait any more, and which were not."""
    known = {end.run_id for end in ends}
    cancelled = [end.run_id for end in ends if _is_cancelled(end)]
    left = [run_id for run_id in run_ids if run_id not in known]
    if not left:
        return interrupted_at_end()
    seen = f" Seen cancelled: {', '.join(cancelled)}." if cancelled else ""
    others = "".join(f" {_describe(end)}" for end in ends if not _is_cancelled(end))
    return InterruptedCommandError(
        f"Interrupted.{seen}{others} Not seen to end: {', '.join(left)}.",
        f"Cancel what goes on, and see it end, with: {_command(registry, left)}",
    )


def _command(registry: str, run_ids: Sequence[str]) -> str:
    return az_command("acr task cancel-run", "-r", registry, "--run-id", *run_ids)
