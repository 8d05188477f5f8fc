"""`az acr task timer add`, `update`, `remove` and `list`: the schedules that start a task.

az's own add and update change the triggers alone, which takes the task off its agent pool (azure-cli#23373). These name
the pool in the change. A timer is removed by sending the whole task, as no PATCH can do it (az's own do the same).
After each change the task is looked at again.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from azure.cli.core import azclierror

from ...client.replies import text_of
from ...client.secrets import withheld_secrets
from ...clock import Clock
from ...wording import az_command, listed, printable
from ..command import command
from ..console.errors import CommandError, ExitCode, UsageError
from ..session import Session
from .changes import TaskChange, doubt_told
from .options import TaskOptions
from .schedules import Schedule, ScheduleError, announce_schedules, next_times
from .timer_triggers import DISABLED, ENABLED, TIMERS, Timer, find_timer, timers_of, without_timer

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import Task, TimerTrigger

__all__ = [
    "TimerAddOptions",
    "TimerOptions",
    "TimerUpdateOptions",
    "add_timer",
    "list_timers",
    "remove_timer",
    "update_timer",
]


@dataclass(frozen=True, kw_only=True)
class TimerOptions(TaskOptions):
    """Which timer of which task."""

    timer_name: str


@dataclass(frozen=True, kw_only=True)
class TimerAddOptions(TimerOptions):
    """A new timer: its cron expression, and whether it starts the task."""

    timer_schedule: str
    enabled: bool | None = True


@dataclass(frozen=True, kw_only=True)
class TimerUpdateOptions(TimerOptions):
    """What is to change of a timer; None: nothing."""

    timer_schedule: str | None = None
    enabled: bool | None = None


@command(TimerAddOptions)
def add_timer(session: Session, options: TimerAddOptions) -> Task:
    """Add a timer, or change the one of that name as az's own does; returns the task without its secrets."""
    _check_schedule(options.timer_schedule, session.clock)
    wanted = Timer(options.timer_name, options.timer_schedule, _status(enabled=bool(options.enabled)))
    change = TaskChange.begin(session, options)
    if change.before.step is None:
        raise UsageError(f"Task '{change.name}' cannot have timers: it is a system task, which runs nothing by itself.")
    existing = find_timer(change.before, wanted.name)
    if existing and existing.covers(wanted):
        session.narrator.say(f"Task '{change.name}' has such a timer '{wanted.name}' already: nothing to add.")
        return change.unchanged
    if existing:
        session.narrator.say(
            f"Task '{change.name}' has a timer '{wanted.name}' already, which is {existing}: it is changed."
        )
    return _make(session, change, wanted)


@command(TimerUpdateOptions)
def update_timer(session: Session, options: TimerUpdateOptions) -> Task:
    """Change a timer; returns the task without its secrets."""
    if options.timer_schedule is not None:
        _check_schedule(options.timer_schedule, session.clock)
    status = "" if options.enabled is None else _status(enabled=options.enabled)
    asked = Timer(options.timer_name, options.timer_schedule or "", status)
    change = TaskChange.begin(session, options)
    existing = find_timer(change.before, asked.name)
    if existing is None:
        raise _no_timer(change.before, asked.name, f"Add it with: {_adding(change, asked)}")
    if existing.covers(asked):
        nothing = "is so already" if asked.schedule or asked.status else "stays: give --schedule or --enabled"
        session.narrator.say(f"Timer '{asked.name}' of task '{change.name}' {nothing}.")
        return change.unchanged
    # The service's specification makes a timer Enabled that comes without a status.
    return _make(session, change, Timer(asked.name, asked.schedule, asked.status or existing.status), existing.schedule)


@command(TimerOptions)
def remove_timer(session: Session, options: TimerOptions) -> Task:
    """Remove a timer; returns the task without its secrets."""
    registry = session.find_managed_registry(options, "tasks")
    tasks = session.tasks(registry)
    where = ("-r", registry.name, "-n", options.task_name, "--timer-name", options.timer_name)
    removal = _Removal(
        options.timer_name,
        instead=az_command("acr task timer update", *where, "--enabled", "false"),
        listing=az_command("acr task timer list", *where[:4], "-o", "table"),
    )
    with doubt_told(registry, options.task_name):
        changed = tasks.rewrite(options.task_name, removal.apply, is_done=removal.is_done)
        before = removal.before or changed
        change = TaskChange(tasks, registry, session.narrator, before, read=tasks.details)
        besides = (f"{TIMERS}.{options.timer_name}", *(("agentConfiguration",) if before.agent_pool_name else ()))
        return change.verify(changed, removal.objection, besides)


@command(TaskOptions)
def list_timers(session: Session, options: TaskOptions) -> list[TimerTrigger] | Mapping[str, Any] | None:
    """The timers of a task; as with az's own an empty object for a task that has no triggers at all."""
    task = session.tasks(session.find_managed_registry(options, "tasks")).get(options.task_name)
    return task.trigger.timer_triggers if task.trigger else {}


def _status(*, enabled: bool) -> str:
    return ENABLED if enabled else DISABLED


def _check_schedule(expression: str, clock: Clock) -> None:
    """Raise ScheduleError for an expression that the service cannot read."""
    next_times(expression, clock.now(), count=1)


def _make(session: Session, change: TaskChange, wanted: Timer, schedule: str = "") -> Task:
    """Give the task a timer such as wanted; `schedule` is the one that it has, if that stays."""
    _tell_what_comes(session, change, Timer(wanted.name, wanted.schedule or schedule, wanted.status))
    others = [timer for timer in timers_of(change.before) if timer.name != wanted.name]
    same = [printable(timer.name) for timer in others if wanted.schedule and timer.schedule == wanted.schedule]
    if same:
        session.narrator.warn(
            f"Timer '{same[0]}' has the same schedule. Azure's documentation allows several timers if their schedules"
            " differ."
        )
    return change.make(wanted.objection, (f"{TIMERS}.{wanted.name}",), trigger=wanted.as_change())


def _tell_what_comes(session: Session, change: TaskChange, timer: Timer) -> None:
    if timer.status == DISABLED:
        session.narrator.say(f"Timer {timer.name} starts nothing as long as it is disabled.")
        return
    # An expression that the service has taken before is not judged.
    with suppress(ScheduleError):
        announce_schedules([Schedule(timer.name, timer.schedule)], session.clock, session.narrator)
    if text_of(change.before.status) == DISABLED:
        enable = change.az_command("update", "--status", ENABLED)
        session.narrator.say(f"Task '{change.name}' is disabled, so that no timer starts it. Enable it with: {enable}")


def _no_timer(task: Task, name: str, *recommendations: str) -> CommandError:
    names = [printable(timer.name) for timer in timers_of(task)]
    known = f"It has: {listed(names)}." if names else "It has none."
    return CommandError(
        azclierror.ResourceNotFoundError(
            f"Task '{task.name}' has no timer '{printable(name)}'. {known}", list(recommendations)
        ),
        ExitCode.NOT_FOUND,
    )


def _adding(change: TaskChange, timer: Timer) -> str:
    return change.az_command("timer add", "--timer-name", timer.name, "--schedule", timer.schedule or "CRON")


@dataclass
class _Removal:
    """A timer that is taken away; `before` is the task as it was read last, once that was.

    `instead` is a command that stops the timer, and `listing` one that shows those that there are.
    """

    name: str
    instead: str
    listing: str
    before: Task | None = None

    def apply(self, task: Task) -> Task:
        """The task without the timer. Raises CommandError if it has no such timer, or would lose a secret."""
        self.before = task
        if find_timer(task, self.name) is None:
            raise _no_timer(task, self.name, f"See them with: {self.listing}")
        withheld = withheld_secrets(task.as_dict())
        if withheld:
            raise CommandError(
                azclierror.ValidationError(
                    f"Timer '{self.name}' was not removed: for that the whole task has to be sent, and the service does"
                    f" not give away its secrets ({listed(list(map(printable, withheld)))}), which would be lost.",
                    f"It starts nothing any more once it is disabled: {self.instead}",
                )
            )
        return without_timer(task, self.name)

    def is_done(self, task: Task) -> bool:
        """Whether the timer is gone."""
        return find_timer(task, self.name) is None

    def objection(self, task: Task) -> str | None:
        """As `TaskChange.verify` asks for it."""
        return None if self.is_done(task) else f"it still has timer '{self.name}'"
