"""A task's timers, and the runs that it leads to, through the client layer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from azure.mgmt.containerregistrytasks.models import (
    EncodedTaskStep,
    PlatformProperties,
    Task,
    TaskProperties,
    TaskPropertiesUpdateParameters,
    TaskRunRequest,
    TaskUpdateParameters,
    TimerTriggerUpdateParameters,
    TriggerUpdateParameters,
)
from scenarios import Scenario

from azext_acrpool.client.errors import RunNotFoundError, TaskNotFoundError
from azext_acrpool.client.registries import find_registry
from azext_acrpool.client.run_listing import RunFilter, list_runs, newest_run
from azext_acrpool.client.runs import Runs
from azext_acrpool.client.tasks import Tasks, task_id
from azext_acrpool.runlog.exits import is_over

NAME = "scenario"
# steps: [cmd: bash echo hello]
STEP = EncodedTaskStep(encoded_task_content="c3RlcHM6CiAgLSBjbWQ6IGJhc2ggZWNobyBoZWxsbwo=")


@pytest.fixture
def tasks(scenario: Scenario) -> Iterator[Tasks]:
    """The registry's tasks, of which `scenario` is one that starts nothing by itself."""
    registry = find_registry(scenario.arm, scenario.registry)
    tasks = Tasks(scenario.arm, registry, scenario.clock)
    properties = TaskProperties(platform=PlatformProperties(os="linux", architecture="amd64"), step=STEP)
    tasks.create(NAME, Task(location=registry.location, properties=properties))
    yield tasks
    scenario.arm.send("DELETE", f"{registry.path}/tasks/{NAME}?api-version=2025-03-01-preview")


def timer(name: str, schedule: str | None = None, status: str | None = None) -> TaskUpdateParameters:
    """The change that makes a timer such."""
    change = TimerTriggerUpdateParameters(name=name, schedule=schedule, status=status)
    trigger = TriggerUpdateParameters(timer_triggers=[change])
    return TaskUpdateParameters(properties=TaskPropertiesUpdateParameters(trigger=trigger))


def timers_of(task: Task) -> list[tuple[Any, ...]]:
    triggers = (task.trigger.timer_triggers if task.trigger else None) or ()
    return [(each.name, each.schedule, each.status) for each in triggers]


def without_timers(task: Task) -> Task:
    body = task.as_dict()
    body["properties"]["trigger"]["timerTriggers"] = []
    return Task(body)


def test_timers_of_a_task(tasks: Tasks) -> None:
    tasks.update(NAME, timer("yearly", "0 0 1 1 *", "Disabled"))
    added = tasks.update(NAME, timer("leap", "0 0 29 2 *", "Disabled"))
    assert timers_of(added) == [("yearly", "0 0 1 1 *", "Disabled"), ("leap", "0 0 29 2 *", "Disabled")]
    changed = tasks.update(NAME, timer("leap", "0 1 29 2 *"))
    assert timers_of(changed)[1] == ("leap", "0 1 29 2 *", "Disabled")
    rewritten = tasks.rewrite(NAME, without_timers, is_done=lambda task: not timers_of(task))
    assert timers_of(rewritten) == []
    assert timers_of(tasks.get(NAME)) == []
    with pytest.raises(TaskNotFoundError):
        tasks.update("nosuchtask", timer("yearly", "0 0 1 1 *"))


def test_runs_of_a_task(scenario: Scenario, tasks: Tasks) -> None:
    registry = find_registry(scenario.arm, scenario.registry)
    runs = Runs(scenario.arm, registry, scenario.clock)
    queued = [str(runs.schedule(TaskRunRequest(task_id=task_id(registry, NAME))).run_id) for _ in range(2)]
    for run_id in queued:
        while not is_over(runs.get(run_id)):
            scenario.clock.sleep(2)
    wanted = RunFilter(task=NAME, status="Succeeded")
    (page,) = list_runs(scenario.arm, registry, wanted, top=2)
    assert [run["properties"]["runId"] for run in page.runs] == queued[::-1]
    newest = newest_run(scenario.arm, registry, wanted)
    assert newest is not None
    assert newest.run_id == queued[-1]

    assert runs.archive(queued[0], archived=True).is_archive_enabled is True
    assert runs.archive(queued[0], archived=False).is_archive_enabled is False
    with pytest.raises(RunNotFoundError):
        runs.find("cf0")
