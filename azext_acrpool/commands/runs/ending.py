"""How a command ends when its run did not simply succeed: exit code, last words, what becomes of the run."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NoReturn

from azure.cli.core import azclierror

from ...client.errors import AcrError
from ...clock import Clock
from ...runlog.cancel import cancel_run
from ...runlog.exits import RunOutcome, outcome, status_name
from ...runlog.follow import QueueTimeoutError
from ..console.errors import ExitCode, InterruptedCommandError, explain, fail
from ..console.narrator import Narrator
from .options import OnInterrupt

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import Run

    from ...client.runs import Runs

__all__ = ["FollowedRun", "fail_ended", "fail_lost", "fail_not_started", "leave_interrupted"]

_EXIT_CODES: Final = {
    RunOutcome.FAILED: ExitCode.FAILED,
    RunOutcome.CANCELED: ExitCode.RUN_CANCELED,
    RunOutcome.TIMED_OUT: ExitCode.TIMED_OUT,
}


@dataclass(frozen=True)
class FollowedRun:
    """A queued run, and what is needed to follow it.

    ``found_again``: the reply to its request was lost, so that it may be somebody else's; it is never cancelled.
    """

    run: "Run"
    runs: "Runs"
    registry_name: str
    found_again: bool = False

    @property
    def run_id(self) -> str:
        """The service's name for the run."""
        return str(self.run.run_id)

    def command(self, verb: str) -> str:
        """The ``az acr task`` command that does ``verb`` with this run."""
        return f"az acr task {verb} -r {self.registry_name} --run-id {self.run_id}"


def fail_ended(followed: FollowedRun, final: "Run") -> NoReturn:
    """The run ended without success."""
    reason = f": {final.run_error_message}" if final.run_error_message else "."
    fail(
        azclierror.AzureResponseError(
            f"Run {followed.run_id} ended as {status_name(final)}{reason}",
            f"See its whole log with: {followed.command('logs')}",
        ),
        _EXIT_CODES[outcome(final)],
    )


def fail_lost(followed: FollowedRun, error: AcrError) -> NoReturn:
    """The run's status cannot be read any more."""
    explained, exit_code = explain(error)
    explained.set_recommendation(
        f"Run {followed.run_id} goes on. See how it ends with: {followed.command('show-run')}, or follow it with: "
        f"{followed.command('logs')}"
    )
    fail(explained, exit_code)


def fail_not_started(
    followed: FollowedRun, late: QueueTimeoutError, reason: str, narrator: Narrator, clock: Clock
) -> "Run":
    """Cancel a run that waited too long and end the process; return the run if it ended otherwise in this moment.

    ``reason`` says why it waited.
    """
    fate, ended = _cancel(followed, narrator, clock, late.args[0])
    if ended is None or outcome(ended) is RunOutcome.CANCELED:
        fail(
            azclierror.AzureResponseError(
                f"{late} {fate.message} {reason}",
                f"{fate.recommendation}. To wait longer, give a larger --queue-timeout.",
            ),
            ExitCode.TIMED_OUT,
        )
    return ended


def leave_interrupted(
    followed: FollowedRun, action: OnInterrupt, narrator: Narrator, clock: Clock
) -> InterruptedCommandError:
    """Cancel or leave the run as ``action`` says, and say what came of it. A second interruption ends the wait."""
    if action is OnInterrupt.DETACH:
        return InterruptedCommandError(
            f"Interrupted. Run {followed.run_id} goes on.",
            f"Follow it again with: {followed.command('logs')}, cancel it with: {followed.command('cancel-run')}",
        )
    fate, _ = _cancel(followed, narrator, clock, "Interrupted")
    return InterruptedCommandError(fate.message, fate.recommendation)


@dataclass(frozen=True)
class _Fate:
    message: str
    recommendation: str


def _cancel(followed: FollowedRun, narrator: Narrator, clock: Clock, why: str) -> "tuple[_Fate, Run | None]":
    """What came of cancelling the run, in words, and the run if it has ended."""
    run_id, show, cancel = followed.run_id, followed.command("show-run"), followed.command("cancel-run")
    if followed.found_again:
        lost = (
            "It was not cancelled, since it may be somebody else's: the reply to the request that queued it was lost."
        )
        return _Fate(f"{why.rstrip('.')}. Run {run_id}: {lost}", f"If it is yours, cancel it with: {cancel}"), None
    narrator.say(f"{why.rstrip('.')}: cancelling run {run_id} (interrupt to leave at once)..")
    try:
        ended = cancel_run(followed.runs, run_id, clock)
    except KeyboardInterrupt:
        return _Fate(f"Left run {run_id} before it was seen cancelled.", f"See it with: {show}"), None
    except AcrError as error:
        return _Fate(f"Run {run_id} could not be cancelled: {error}", f"Try again with: {cancel}"), None
    if ended is None:
        message = f"Run {run_id} was asked to cancel, but has not ended yet."
        return _Fate(message, f"See whether it did with: {show}"), None
    if outcome(ended) is RunOutcome.CANCELED:
        return _Fate(f"Run {run_id} was cancelled.", f"See it with: {show}"), ended
    message = f"Run {run_id} had already ended as {status_name(ended)}."
    return _Fate(message, f"See it with: {show}"), ended
