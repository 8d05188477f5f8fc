"""Timer triggers fire on the emulator's clock, in UTC, once for every time that is due."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from emulated_azure import REGISTRY, EmulatedAzure

TASK = f"{REGISTRY}/tasks/nightly"


@pytest.fixture
def azure() -> Iterator[EmulatedAzure]:
    with EmulatedAzure() as azure:
        yield azure


def put_task(azure: EmulatedAzure, schedule: str = "0 21 * * *", **members: Any) -> None:
    properties = {
        "platform": {"os": "Linux"},
        "step": {"type": "EncodedTask", "encodedTaskContent": "c3RlcHM6"},
        "trigger": {"timerTriggers": [{"name": "t1", "schedule": schedule}]},
        **members,
    }
    assert azure.put(TASK, {"location": "westus2", "properties": properties}).status == 200


def runs(azure: EmulatedAzure) -> list[dict[str, Any]]:
    return [run["properties"] for run in reversed(azure.get(f"{REGISTRY}/runs").body["value"])]


def test_fires_when_due_and_not_before(azure: EmulatedAzure) -> None:
    put_task(azure)
    azure.advance(9 * 3600 - 1)
    assert runs(azure) == []
    azure.advance(2)
    (run,) = runs(azure)
    assert (run["runType"], run["task"]) == ("AutoRun", "nightly")
    assert run["timerTrigger"] == {"timerTriggerName": "t1", "scheduleOccurrence": "2025-06-01T21:00:00+00:00"}
    assert run["createTime"] == "2025-06-01T21:00:00+00:00"


def test_a_leap_in_time_fires_every_due_time_at_its_own_time(azure: EmulatedAzure) -> None:
    put_task(azure, "0 * * * *")
    azure.advance(3 * 3600 + 60)
    assert [run["createTime"] for run in runs(azure)] == [f"2025-06-01T{hour}:00:00+00:00" for hour in (13, 14, 15)]
    assert {run["status"] for run in runs(azure)} == {"Succeeded"}


def test_a_changed_schedule_replaces_the_old_one(azure: EmulatedAzure) -> None:
    put_task(azure, "0 * * * *")
    azure.patch(TASK, {"properties": {"trigger": {"timerTriggers": [{"name": "t1", "schedule": "30 * * * *"}]}}})
    azure.advance(3600)
    assert [run["createTime"] for run in runs(azure)] == ["2025-06-01T12:30:00+00:00"]


@pytest.mark.parametrize(
    "change",
    [
        {"status": "Disabled"},
        {"trigger": {"timerTriggers": [{"name": "t1", "status": "Disabled"}]}},
    ],
)
def test_disabled_triggers_and_tasks_do_not_fire(azure: EmulatedAzure, change: dict[str, Any]) -> None:
    put_task(azure, "0 * * * *")
    azure.patch(TASK, {"properties": change})
    azure.advance(7200)
    assert runs(azure) == []


def test_a_deleted_task_does_not_fire(azure: EmulatedAzure) -> None:
    put_task(azure, "0 * * * *")
    azure.delete(TASK)
    azure.advance(7200)
    assert runs(azure) == []


def test_a_pool_that_is_gone_costs_a_run_but_not_the_timer(azure: EmulatedAzure) -> None:
    azure.create_pool()
    put_task(azure, "0 * * * *", agentPoolName="pool1")
    azure.advance(300)
    azure.delete(f"{REGISTRY}/agentPools/pool1")
    azure.advance(3600)
    assert runs(azure) == []
    azure.create_pool()
    azure.advance(3600)
    assert [run["agentPoolName"] for run in runs(azure)] == ["pool1"]
