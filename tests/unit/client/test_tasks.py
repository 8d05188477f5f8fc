"""Reading and changing tasks over ARM: patience, secrets, errors."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from azure.core.exceptions import ServiceResponseError
from azure.mgmt.containerregistrytasks.models import (
    DockerBuildStepUpdateParameters,
    TaskPropertiesUpdateParameters,
    TaskUpdateParameters,
)
from scripted_arm import REGISTRY, arm_error, scripted_arm
from scripted_transport import Reply
from task_azure import task_body
from whole_messages import raises

from azext_acrpool.client.errors import BadRequestError, InvalidReplyError, ServiceFailureError, TaskNotFoundError
from azext_acrpool.client.registries import RegistryId
from azext_acrpool.client.tasks import Tasks, task_id
from azext_acrpool.testing import JumpingClock


def tasks_over(*replies: Any) -> tuple[Tasks, JumpingClock, Any]:
    arm, transport = scripted_arm(*replies)
    clock = JumpingClock()
    return Tasks(arm, REGISTRY, clock), clock, transport


CHANGES = TaskUpdateParameters(
    properties=TaskPropertiesUpdateParameters(step=DockerBuildStepUpdateParameters(context_access_token="s3cret"))
)


def test_transient_errors_are_waited_out() -> None:
    lost = ServiceResponseError("connection reset")
    tasks, clock, transport = tasks_over(
        arm_error(503, "Busy"), lost, arm_error(429, "Slow", Retry_After="9"), Reply(200, task_body("mypool"))
    )
    assert tasks.update("mytask", CHANGES).agent_pool_name == "mypool"
    assert len(transport.requests) == 4
    assert clock.sleeps == [1.0, 2.0, 9.0]


def test_being_asked_to_wait_for_an_hour_is_bounded_and_told() -> None:
    arm, transport = scripted_arm(arm_error(429, "Slow", "Slow down.", Retry_After="3600"), Reply(200, task_body()))
    clock, told = JumpingClock(), list[str]()
    Tasks(arm, REGISTRY, clock, tell=told.append).get("mytask")
    assert len(transport.requests) == 2
    assert clock.sleeps == [60.0]
    assert told == ["The service does not answer now; it is asked again in 1 min 0 s: Slow down."]


def test_patience_ends() -> None:
    tasks, _, transport = tasks_over(*[arm_error(503, "Busy")] * 4)
    with pytest.raises(ServiceFailureError):
        tasks.get("mytask")
    assert len(transport.requests) == 4


@pytest.mark.parametrize("ask", [Tasks.get, Tasks.details, lambda tasks, name: tasks.update(name, CHANGES)])
def test_missing_task(ask: Any) -> None:
    tasks, _, _ = tasks_over(arm_error(404, "ResourceNotFound"))
    with raises(TaskNotFoundError, "Could not find a task named 'mytask' in registry 'myregistry'."):
        ask(tasks, "mytask")


def test_a_reply_that_is_no_task() -> None:
    tasks, _, _ = tasks_over(*[Reply(200, {"value": []})])
    with pytest.raises(InvalidReplyError):
        tasks.get("mytask")


def test_secrets_that_the_service_repeats_are_left_out_and_blotted_out(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    shown = task_body()
    shown["properties"]["step"]["contextAccessToken"] = "s3cret"
    shown["properties"]["credentials"] = {
        "customRegistries": {"a.b": {"password": {"type": "Opaque", "value": "s3cret"}, "identity": "[system]"}}
    }
    tasks, _, _ = tasks_over(Reply(200, shown), arm_error(400, "Invalid", "The token s3cret is no good."))
    assert "s3cret" not in str(tasks.update("mytask", CHANGES).as_dict())
    with raises(BadRequestError, "The token *** is no good."):
        tasks.update("mytask", CHANGES)
    assert "s3cret" not in caplog.text


def test_id_of_a_task() -> None:
    registry = RegistryId("sub", "my group", "myregistry")
    assert task_id(registry, "t") == (
        "/subscriptions/sub/resourceGroups/my group/providers/Microsoft.ContainerRegistry/registries/myregistry/tasks/t"
    )


def test_list_goes_on_to_the_last_page() -> None:
    pages = [
        Reply(200, {"value": [task_body()], "nextLink": "https://management.example/next?page=2"}),
        Reply(200, {"value": [task_body("mypool")]}),
    ]
    tasks, _, _ = tasks_over(*pages)
    assert [task.agent_pool_name for task in tasks.list()] == [None, "mypool"]
