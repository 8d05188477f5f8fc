"""How a command ends when its run did not simply succeed: exit code, last words, what becomes of the run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from azure.cli.core import azclierror

from ...client.errors import AcrError
from ...client.run_status import status_name
from ...runlog.cancel import cancel_run
from ...runlog.exits import RunOutcome, is_over, outcome
from ...runlog.follow import QueueTimeoutError
from ...wording import az_command, listed, printable
from ..console.errors import CommandError, ExitCode, InterruptedCommandError, explain
from ..session import Session
from .options import OnInterrupt

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import Run

    from ...client.runs import Runs

__all__ = ["FollowedRun", "describe_end", "ended", "give_up_queued", "leave_interrupted", "lost"]

_EXIT_CODES: Final = {
    RunOutcome.FAILED: ExitCode.FAILED,
    RunOutcome.CANCELED: ExitCode.RUN_CANCELED,
    RunOutcome.TIMED_OUT: ExitCode.TIMED_OUT,
}


@dataclass
class FollowedRun:
    """A queued run, and what is needed to follow it.

    `run` is what was seen of it last, `run_id` the service's name for it. `asked_at` is when the service was first
    asked to queue it, in seconds on the session's clock, and `waiting_since` when it was created, if that was before
    somebody asked to follow it. `is_result`: the run is what the command gives az to print, however the run ends.
    `earlier` are the IDs of the runs in whose place this one was queued, oldest first.
    """

    run: Run
    runs: Runs
    registry_name: str
    asked_at: float
    is_result: bool
    earlier: tuple[str, ...] = ()
    waiting_since: float | None = None
    run_id: str = field(init=False)

    def __post_init__(self) -> None:
        self.run_id = str(self.run.run_id or self.run.name)

    @property
    def result(self) -> Run | None:
        """The run if it is the command's result."""
        return self.run if self.is_result else None

    def look(self, within: float) -> Run:
        """The run as it is now, if the service answers within so many seconds. Raises AcrErrors."""
        self.run = self.runs.get(self.run_id, timeout=within)
        return self.run

    def az_command(self, verb: str) -> str:
        """The `az acr task` command that does `verb` with this run."""
        return az_command(f"acr task {verb}", "-r", self.registry_name, "--run-id", self.run_id)


def ended(followed: FollowedRun, final: Run, *, log_was_shown: bool = False) -> CommandError:
    """The run ended without success. `log_was_shown`: nothing but the log, which so needs not be looked up."""
    earlier = [f"It was queued in place of {listed(followed.earlier)}."] if followed.earlier else []
    verb, more = ("show-run", "See what is known of it") if log_was_shown else ("logs", "See its whole log")
    return CommandError(
        azclierror.AzureResponseError(
            describe_end(followed, final), [*earlier, f"{more} with: {followed.az_command(verb)}"]
        ),
        _EXIT_CODES[outcome(final)],
        result=followed.result,
    )


def describe_end(followed: FollowedRun, final: Run) -> str:
    """How the run ended, and why if the service says, in one line: what it says may begin lines that look like ours."""
    reason = printable(" ".join((final.run_error_message or "").split()))
    return f"Run {followed.run_id} ended as {status_name(final)}{f': {reason}' if reason else '.'}"


def lost(followed: FollowedRun, error: AcrError) -> CommandError:
    """The run's status cannot be read any more."""
    ending = explain(error)
    ending.result = followed.result
    ending.error.set_recommendation(
        f"Run {followed.run_id} goes on. See how it ends with: {followed.az_command('show-run')}, or follow it with: "
        f"{followed.az_command('logs')}"
    )
    return ending


def give_up_queued(followed: FollowedRun, late: QueueTimeoutError, reason: str, session: Session) -> Run:
    """Cancel a run that waited too long; return it if it ended otherwise in this moment, else raise CommandError.

    `reason` says why it waited.
    """
    fate, final = _cancel(followed, session, late.args[0])
    if final is None or outcome(final) is RunOutcome.CANCELED:
        raise CommandError(
            azclierror.AzureResponseError(
                f"{late} {fate.message} {reason}",
                [fate.recommendation, "To wait longer, give a larger --queue-timeout."],
            ),
            ExitCode.TIMED_OUT,
            result=followed.result,
        )
    return final


def leave_interrupted(followed: FollowedRun, session: Session, action: OnInterrupt) -> InterruptedCommandError:
    """Cancel or leave the run as `action` says, and say what came of it. A second interruption ends the wait."""
    if is_over(followed.run):
        return InterruptedCommandError(
            f"Interrupted when run {followed.run_id} had already ended as {status_name(followed.run)}.",
            f"See it with: {followed.az_command('show-run')}",
            result=followed.result,
        )
    if action is OnInterrupt.DETACH:
        return InterruptedCommandError(
            f"Interrupted. Run {followed.run_id} goes on.",
            f"Follow it again with: {followed.az_command('logs')}, cancel it with: {followed.az_command('cancel-run')}",
            result=followed.result,
        )
    fate, _ = _cancel(followed, session, "Interrupted")
    return InterruptedCommandError(fate.message, fate.recommendation, result=followed.result)


@dataclass(frozen=True)
class _Fate:
    message: str
    recommendation: str


def _cancel(followed: FollowedRun, session: Session, why: str) -> tuple[_Fate, Run | None]:
    """What came of cancelling the run, in words, and the run if it has ended."""
    run_id, show, cancel = followed.run_id, followed.az_command("show-run"), followed.az_command("cancel-run")
    session.narrator.say(f"{why.rstrip('.')}: cancelling run {run_id} (interrupt to leave at once)..")
    try:
        final = cancel_run(followed.runs, run_id, session.clock)
    except KeyboardInterrupt:
        return _Fate(f"Left run {run_id} before it was seen cancelled.", f"See it with: {show}"), None
    except AcrError as error:
        return _Fate(f"Run {run_id} may not have been cancelled: {error}", f"Try again with: {cancel}"), None
    if final is None:
        message = f"Run {run_id} was asked to cancel, but has not ended yet."
        return _Fate(message, f"See whether it did with: {show}"), None
    followed.run = final
    if outcome(final) is RunOutcome.CANCELED:
        return _Fate(f"Run {run_id} was cancelled.", f"See it with: {show}"), final
    message = f"Run {run_id} had already ended as {status_name(final)}."
    return _Fate(message, f"See it with: {show}"), final
