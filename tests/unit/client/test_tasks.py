"""Reading and changing tasks over ARM: patience, secrets, errors."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from azure.core.exceptions import ServiceResponseError
from azure.mgmt.containerregistrytasks.models import (
    DockerBuildStepUpdateParameters,
    Task,
    TaskPropertiesUpdateParameters,
    TaskUpdateParameters,
)
from scripted_arm import REGISTRY, arm_error, scripted_arm
from scripted_transport import Reply
from task_azure import task_body
from whole_messages import raises

from azext_acrpool.client.errors import (
    BadRequestError,
    ChangeUnconfirmedError,
    ConflictError,
    ForbiddenError,
    InvalidReplyError,
    ServiceFailureError,
    TaskNotFoundError,
    ThrottledError,
)
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


@pytest.mark.parametrize(
    "body",
    [
        *({"value": []}, [], "null", "<html>", {**task_body(), "name": 7}, {**task_body(), "properties": "x"}),
        *(
            task_body(agentPoolName=7),
            task_body(timeout="soon"),
            task_body(step=[]),
            task_body(trigger={"t": 1}) | {"name": ""},
        ),
        *(task_body(credentials=[]), task_body(platform="linux"), {**task_body(), "identity": 5}),
    ],
)
def test_a_reply_that_is_no_task(body: Any) -> None:
    tasks, _, _ = tasks_over(*[Reply(200, body)] * 4)
    with pytest.raises(InvalidReplyError):
        tasks.get("mytask")


def test_an_odd_reply_is_no_answer_yet() -> None:
    tasks, _, transport = tasks_over(Reply(200, "<html>"), Reply(404, "<html>"), Reply(200, task_body("mypool")))
    assert tasks.get("mytask").agent_pool_name == "mypool"
    assert len(transport.requests) == 3


TASK = Task(location="westus2")
LOST: list[Any] = [
    ServiceResponseError("reset"),
    arm_error(503, "Busy", "reset"),
    Reply(200, "<html>"),
    Reply(404, "<html>"),
    Reply(200, {}),
]


@pytest.mark.parametrize(
    "change", [lambda tasks: tasks.update("mytask", CHANGES), lambda tasks: tasks.create("mytask", TASK)]
)
@pytest.mark.parametrize("lost", LOST)
def test_a_change_whose_reply_never_comes_may_have_been_made(change: Any, lost: Any) -> None:
    tasks, _, transport = tasks_over(*[lost] * 4)
    with pytest.raises(ChangeUnconfirmedError) as unknown:
        change(tasks)
    assert unknown.value.message.startswith(
        "Task 'mytask' may have been changed: the service was asked, but did not say. "
    )
    assert len(transport.requests) == 4


@pytest.mark.parametrize("lost", LOST)
def test_a_change_whose_reply_is_lost_is_asked_for_again(lost: Any) -> None:
    tasks, _, transport = tasks_over(lost, Reply(200, task_body("mypool")))
    assert tasks.update("mytask", CHANGES).agent_pool_name == "mypool"
    assert len(transport.requests) == 2


def test_a_change_that_is_refused_was_not_made() -> None:
    tasks, _, transport = tasks_over(arm_error(409, "Conflict", "Busy."))
    with raises(ConflictError, "Busy."):
        tasks.update("mytask", CHANGES)
    assert len(transport.requests) == 1


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


@pytest.mark.parametrize("refusal", [arm_error(403, "No"), arm_error(404, "NotFound"), arm_error(409, "Conflict")])
@pytest.mark.parametrize(
    "change", [lambda tasks: tasks.update("mytask", CHANGES), lambda tasks: tasks.create("mytask", TASK)]
)
def test_a_refusal_says_nothing_of_the_change_before_it_whose_reply_was_lost(change: Any, refusal: Reply) -> None:
    tasks, _, _ = tasks_over(Reply(200, "null"), refusal)
    with pytest.raises(ChangeUnconfirmedError):
        change(tasks)


@pytest.mark.parametrize("refusal", [arm_error(403, "No"), arm_error(409, "Conflict")])
def test_a_refusal_of_a_change_that_was_only_put_off_before_is_one(refusal: Reply) -> None:
    tasks, _, _ = tasks_over(arm_error(429, "TooManyRequests"), refusal)
    with pytest.raises((ForbiddenError, ConflictError)):
        tasks.update("mytask", CHANGES)


def test_a_change_that_is_always_too_much_was_not_made() -> None:
    tasks, _, _ = tasks_over(*[arm_error(429, "TooManyRequests")] * 4)
    with pytest.raises(ThrottledError):
        tasks.update("mytask", CHANGES)
