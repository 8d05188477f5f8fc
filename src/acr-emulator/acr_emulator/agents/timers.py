"""Timer triggers: tasks that start by themselves, by cron expressions in UTC."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime

from croniter import croniter

from ..clock import EmulatorClock
from ..world.state import Registry, Task
from .background import Background

__all__ = ["Timers", "is_valid_schedule"]

Fire = Callable[[Registry, Task, str, datetime], None]


def is_valid_schedule(schedule: object) -> bool:
    """Whether this is a cron expression of five fields."""
    return isinstance(schedule, str) and len(schedule.split()) == 5 and bool(croniter.is_valid(schedule))


class Timers:
    """Starts a run of type AutoRun at every due time of every enabled timer trigger of every enabled task."""

    def __init__(self, clock: EmulatorClock, background: Background, fire: Fire) -> None:
        self._clock = clock
        self._background = background
        self._fire = fire
        self._planned: dict[str, list[asyncio.Event]] = {}

    def plan(self, registry: Registry, task: Task) -> None:
        """Follow the task's triggers as they are now, instead of those planned before."""
        self.forget(task)
        if task.properties.get("status", "Enabled") != "Enabled":
            return
        for name, schedule in _schedules(task):
            stopped = asyncio.Event()
            self._planned.setdefault(task.id.lower(), []).append(stopped)
            self._background.start(self._follow(registry, task, name, schedule, stopped))

    def forget(self, task: Task) -> None:
        """Stop following the task's triggers."""
        for stopped in self._planned.pop(task.id.lower(), []):
            stopped.set()

    async def _follow(self, registry: Registry, task: Task, name: str, schedule: str, stopped: asyncio.Event) -> None:
        due_times = croniter(schedule, self._clock.now(), ret_type=datetime)
        while True:
            due = due_times.get_next()
            await self._clock.sleep_until(due)
            if stopped.is_set():
                return
            self._fire(registry, task, name, due)


def _schedules(task: Task) -> Iterator[tuple[str, str]]:
    for trigger in (task.properties.get("trigger") or {}).get("timerTriggers") or []:
        if trigger.get("status", "Enabled") == "Enabled":
            yield trigger["name"], trigger["schedule"]
