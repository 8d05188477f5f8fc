"""`az acr task logs` and `az acr taskrun logs`: the log of a run that is there already, and how the run ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from azure.cli.core import azclierror

from ...client.replies import in_utc
from ...client.run_listing import newest_run
from ...client.task_runs import find_run_of
from ...clock import Clock
from ...runlog.exits import RunOutcome, outcome
from ...wording import az_command
from ..command import command
from ..console.errors import CommandError, ExitCode
from ..console.streams import reader_has_gone
from ..session import RegistryOptions, Session
from .ending import FollowedRun, describe_end, ended
from .follow import Follower
from .options import LogOptions, LogTarget
from .output import LogShown
from .pool import RunPool
from .selection import SelectionOptions, select_runs

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import Run

    from ...client.registries import RegistryId

__all__ = ["TaskLogsOptions", "TaskRunLogsOptions", "show_task_logs", "show_task_run_logs"]


@dataclass(frozen=True, kw_only=True)
class _ShownOptions(RegistryOptions, LogOptions):
    """How the log of a run is shown. `exit_status`: the exit code is the run's."""

    exit_status: bool = False

    @property
    def ends_unread(self) -> bool:
        """Whether a log that is not taken any more, as its reader is gone, is all there was to follow the run for."""
        return not (self.exit_status or self.returns_run)


@dataclass(frozen=True, kw_only=True)
class TaskLogsOptions(SelectionOptions, _ShownOptions):
    """The options of `az acr task logs`, under the names that az's own gives them."""

    run_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class TaskRunLogsOptions(_ShownOptions):
    """The options of `az acr taskrun logs`, under the names that az's own gives them."""

    taskrun_name: str


@command(TaskLogsOptions)
def show_task_logs(session: Session, options: TaskLogsOptions) -> Run | None:
    """Show the log of a run, or of the newest run that is of a task, has made an image, or is there at all.

    The run is followed until it is over. Returns it unless the log is on stdout.
    """
    if not options.run_id:
        return _show(session, *_last_run(session, options), options)
    if options.task_name or options.image:
        session.narrator.say(f"--run-id says which run it is: {_left_out(options)} not looked at.")
    registry = session.locate_registry(options)
    return _show(session, registry, session.runs(registry).find(options.run_id), options)


@command(TaskRunLogsOptions)
def show_task_run_logs(session: Session, options: TaskRunLogsOptions) -> Run | None:
    """Show the log of the run that a task run led to.

    The run is followed until it is over. Returns it unless the log is on stdout.
    """
    registry, name = session.locate_registry(options), options.taskrun_name
    run_id = find_run_of(session.arm, registry, name, session.clock, tell=session.narrator.say)
    if not run_id:
        show = az_command("acr taskrun show", "-r", registry.name, "-n", name)
        raise CommandError(
            azclierror.AzureResponseError(
                f"Task run '{name}' has no run yet, whose log there could be.", f"See how it is with: {show}"
            )
        )
    return _show(session, registry, session.runs(registry).find(run_id), options)


def _left_out(options: TaskLogsOptions) -> str:
    names = [name for name, value in (("--name", options.task_name), ("--image", options.image)) if value]
    return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'}"


def _last_run(session: Session, options: TaskLogsOptions) -> tuple[RegistryId, Run]:
    """The run that was created last, told in az's own words, as scripts take the run's ID out of them."""
    which = f" for task '{options.task_name}'" if options.task_name else ""
    which += f" for image '{options.image}'" if options.image else ""
    registry, wanted = select_runs(session, options)
    run = newest_run(session.arm, registry, wanted)
    if run is None:
        what = "task list" if options.task_name else "task list-runs"
        listing = az_command(f"acr {what}", "-r", registry.name, "-o", "table")
        raise CommandError(
            azclierror.ResourceNotFoundError(
                f"Could not find the last created run{which}.", f"See what there is with: {listing}"
            ),
            ExitCode.NOT_FOUND,
        )
    session.narrator.log(f"Showing logs of the last created run{which}.")
    session.narrator.log(f"Run ID: {run.run_id or run.name}")
    return registry, run


def _show(session: Session, registry: RegistryId, run: Run, options: _ShownOptions) -> Run | None:
    pool = RunPool(session.arm, registry, run.agent_pool_name) if run.agent_pool_name else None
    follower = Follower(_Shown(session, options, pool))
    followed = FollowedRun(
        run,
        session.runs(registry),
        registry.name,
        session.clock.monotonic(),
        is_result=options.returns_run,
        waiting_since=_created(run, session.clock),
    )
    follower.take(followed)
    with follower.leaving_on_interrupt():
        final = follower.watch(followed)
    if follower.refusal is not None and options.ends_unread:
        _require_reader_gone(follower.refusal, followed)
    else:
        _end(session, followed, final, follower.log_shown, options)
    return followed.result


@dataclass(frozen=True)
class _Shown:
    """A run that is there already, on the agent pool `pool`, or on shared agents."""

    session: Session
    options: LogOptions
    pool: RunPool | None


def _created(run: Run, clock: Clock) -> float:
    """When the run was created, in seconds on the clock, whose time of day is taken to be the service's."""
    now, created = clock.monotonic(), in_utc(run.create_time)
    return now if created is None else now - max(0.0, (clock.now() - created).total_seconds())


def _require_reader_gone(refusal: OSError, followed: FollowedRun) -> None:
    """Raise CommandError if the log is not taken any more for another reason than that its reader has enough of it."""
    if not reader_has_gone(refusal):
        raise CommandError(
            azclierror.FileOperationError(
                f"The log could not be written to stdout: {refusal.strerror or refusal}. It is not all there.",
                f"Make room for it, then show it again with: {followed.az_command('logs')}",
            )
        )


def _end(session: Session, followed: FollowedRun, final: Run, log: LogShown, options: _ShownOptions) -> None:
    """Say what did not go well, and raise CommandError if the command failed for it.

    What it is about is how the run ended with `exit_status`, and to show the log otherwise.
    """
    failed = outcome(final) is not RunOutcome.SUCCEEDED
    if not options.exit_status:
        if failed:
            session.narrator.say(describe_end(followed, final))
        _require_log(followed, final, log)
        return
    if log is LogShown.MISSING:
        session.narrator.warn(_no_log(followed, final))
    if failed:
        # A log that is not there needs not be looked up, either.
        was_shown = log is not LogShown.UNREADABLE and options.log_target is not LogTarget.NONE
        raise ended(followed, final, log_was_shown=was_shown)


def _require_log(followed: FollowedRun, final: Run, log: LogShown) -> None:
    """Raise CommandError unless the whole log was shown, or what there is of it."""
    if log is LogShown.MISSING:
        message, next_step = (
            _no_log(followed, final),
            f"See what is known of it with: {followed.az_command('show-run')}",
        )
    elif log is LogShown.UNREADABLE:
        message = f"The log of run {followed.run_id} is not shown to its end."
        next_step = f"Try again with: {followed.az_command('logs')}"
    else:
        return
    raise CommandError(azclierror.AzureResponseError(message, next_step), result=followed.result)


def _no_log(followed: FollowedRun, final: Run) -> str:
    if final.start_time is None:
        return f"Run {followed.run_id} has no log: it ended before an agent took it."
    # Microsoft, "View task run logs": what is not archived is deleted after some time.
    reason = "none was written, or the service has deleted it, as it does after a time unless a run is archived"
    return f"Run {followed.run_id} has no log: {reason}."
