"""The timer triggers of a task, as values. Pure."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ...client.replies import text_of
from ...wording import printable

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import Task, TriggerUpdateParameters

__all__ = ["DISABLED", "ENABLED", "TIMERS", "Timer", "find_timer", "timers_of", "without_timer"]

ENABLED: Final = "Enabled"
DISABLED: Final = "Disabled"
TIMERS: Final = "trigger.timerTriggers"


@dataclass(frozen=True)
class Timer:
    """A timer's name, cron expression and status; "" for what is not known, or is not to change."""

    name: str
    schedule: str = ""
    status: str = ""

    def covers(self, asked: Timer) -> bool:
        """Whether the timer is as asked already."""
        return asked.schedule in ("", self.schedule) and asked.status in ("", self.status)

    def objection(self, task: Task) -> str | None:
        """In what the task's timer of this name is not as this one, None if it is."""
        actual = find_timer(task, self.name)
        if actual is None:
            return f"it has no timer '{printable(self.name)}'"
        return None if actual.covers(self) else f"its timer '{printable(self.name)}' is {actual}, and not {self}"

    def __str__(self) -> str:
        """The schedule and the status, as a message says them.

        >>> str(Timer("t1", "0 21 * * *", "Enabled")), str(Timer("t1", status="Disabled"))
        ("'0 21 * * *' (Enabled)", 'Disabled')
        """
        if not self.schedule:
            return printable(self.status)
        status = f" ({printable(self.status)})" if self.status else ""
        return f"'{printable(self.schedule)}'{status}"

    def as_change(self) -> TriggerUpdateParameters:
        """The change that makes the timer such. Triggers merge by name: all others stay."""
        from azure.mgmt.containerregistrytasks.models import TimerTriggerUpdateParameters, TriggerUpdateParameters

        timer = TimerTriggerUpdateParameters(name=self.name, schedule=self.schedule or None, status=self.status or None)
        return TriggerUpdateParameters(timer_triggers=[timer])


def timers_of(task: Task) -> list[Timer]:
    """The timers of a task."""
    triggers = (task.trigger.timer_triggers if task.trigger else None) or ()
    return [Timer(each.name or "", each.schedule or "", text_of(each.status)) for each in triggers]


def find_timer(task: Task, name: str) -> Timer | None:
    """The timer of this name, in this case, as az's own look for it."""
    return next((timer for timer in timers_of(task) if timer.name == name), None)


def without_timer(task: Task, name: str) -> Task:
    """A copy of a task without the timer of this name, to be sent whole."""
    from azure.mgmt.containerregistrytasks.models import Task

    body: dict[str, Any] = deepcopy(task.as_dict())
    trigger = body["properties"]["trigger"]
    trigger["timerTriggers"] = [timer for timer in trigger["timerTriggers"] if timer.get("name") != name]
    if body["properties"].get("agentPoolName"):
        # A pool's tier sets the number of CPUs; the service refuses both.
        body["properties"].pop("agentConfiguration", None)
    return Task(body)
