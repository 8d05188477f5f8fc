"""The agent pool of a task: it exists, it stays, and it can be taken away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from scripted_arm import interrupt
from scripted_transport import Reply
from task_azure import LOGIN, TASK, TaskAzure, task_body

from azext_acrpool.commands.tasks.create import create_task
from azext_acrpool.commands.tasks.credentials import add_credential
from azext_acrpool.commands.tasks.run import run_task
from azext_acrpool.commands.tasks.update import update_task

Command = Callable[..., Any]

COMMAND = {"context_path": "/dev/null", "cmd_value": "bash"}
NO_INSTANCES = (
    "Agent pool 'emptypool' has no instances: the run would stay queued. Scale it up with: az acr agentpool update"
    " -r myregistry -n emptypool --count 1"
)
NO_CPUS = (
    "--cpu cannot be used with an agent pool: runs on agent pool 'mypool' get the CPUs of its tier, and the service"
    " refuses a number beside it."
)
LEAVE_OUT = [
    "Leave out --cpu. See the pool's tier with: az acr agentpool show -r myregistry -n mypool",
    'To run the task without the pool: az acr task update -r myregistry -n mytask --agent-pool ""',
]


def test_a_new_task_is_sent_to_its_pool_without_cpus(azure: TaskAzure) -> None:
    azure.has_task(task_body("mypool"))
    assert azure.call(create_task, agent_pool_name="mypool", **COMMAND).exit_code == 0
    (body,) = azure.sent("PUT")
    assert body["properties"]["agentPoolName"] == "mypool"
    assert "agentConfiguration" not in body["properties"]


@pytest.mark.parametrize("command", [create_task, update_task, run_task])
def test_a_pool_that_is_not_there_is_refused_before_anything_is_sent(azure: TaskAzure, command: Command) -> None:
    azure.has_task(task_body())
    options = COMMAND if command is create_task else {}
    finished = azure.call(command, agent_pool_name="nopool", **options)
    assert finished.exit_code == 3
    assert finished.told == [
        "There is no agent pool 'nopool' in registry 'myregistry'. It has: emptypool, mypool.",
        "Create it with: az acr agentpool create -r myregistry -n nopool --tier S2",
    ]
    assert azure.sent("PUT") == azure.sent("PATCH") == azure.sent("POST") == []


@pytest.mark.parametrize("command", [create_task, update_task])
def test_a_pool_without_instances_is_a_warning_for_a_task(azure: TaskAzure, command: Command) -> None:
    azure.has_task(task_body("emptypool"))
    options = COMMAND if command is create_task else {}
    finished = azure.call(command, agent_pool_name="emptypool", **options)
    assert finished.exit_code == 0
    assert finished.told == [NO_INSTANCES]


@pytest.mark.parametrize(
    ("own", "options", "sent"),
    [
        ("mypool", {}, {"agentPoolName": "mypool"}),
        ("mypool", {"agent_pool_name": "emptypool"}, {"agentPoolName": "emptypool"}),
        ("mypool", {"agent_pool_name": ""}, {"agentPoolName": None}),
        (None, {"agent_pool_name": ""}, {"agentPoolName": None}),
        (None, {}, {}),
    ],
)
def test_an_update_names_the_pool(
    azure: TaskAzure, own: str | None, options: dict[str, Any], sent: dict[str, Any]
) -> None:
    azure.has_task(task_body(own), after=task_body(sent.get("agentPoolName")))
    assert azure.call(update_task, timeout=900, **options).exit_code == 0
    (body,) = azure.sent("PATCH")
    assert {name: value for name, value in body["properties"].items() if name == "agentPoolName"} == sent


@pytest.mark.parametrize(
    ("command", "options"),
    [
        (update_task, {"timeout": 900}),
        (update_task, {"agent_pool_name": "mypool"}),
        (add_credential, LOGIN),
        (create_task, {**COMMAND, "agent_pool_name": "mypool"}),
    ],
)
def test_a_pool_that_is_lost_all_the_same_is_an_error(
    azure: TaskAzure, command: Command, options: dict[str, Any]
) -> None:
    azure.has_task(task_body("mypool"), after=task_body(None))
    finished = azure.call(command, **options)
    assert finished.exit_code == 1
    assert finished.told == [
        "Task 'mytask' was changed, but the service left it without an agent pool instead of on agent pool 'mypool'.",
        "Try again with: az acr task update -r myregistry -n mytask --agent-pool mypool",
    ]


def test_a_pool_that_is_kept_though_it_was_taken_away_is_an_error(azure: TaskAzure) -> None:
    azure.has_task(task_body("mypool"))
    finished = azure.call(update_task, agent_pool_name="")
    assert finished.exit_code == 1
    assert finished.told == [
        "Task 'mytask' was changed, but the service left it on agent pool 'mypool' instead of without an agent pool.",
        'Try again with: az acr task update -r myregistry -n mytask --agent-pool ""',
    ]


def test_an_old_reply_to_a_change_is_looked_at_again(azure: TaskAzure) -> None:
    azure.has_task(task_body("mypool"))
    azure.replies[f"PATCH {TASK}"] = Reply(200, task_body(None))
    assert azure.call(update_task, timeout=900).result.agent_pool_name == "mypool"


@pytest.mark.parametrize(
    ("command", "own", "options"),
    [
        (create_task, None, {**COMMAND, "cpu": 2, "agent_pool_name": "mypool"}),
        (update_task, None, {"cpu": 2, "agent_pool_name": "mypool"}),
        (update_task, "mypool", {"cpu": 2}),
    ],
)
def test_cpus_and_a_pool_contradict_each_other(
    azure: TaskAzure, command: Command, own: str | None, options: dict[str, Any]
) -> None:
    azure.has_task(task_body(own))
    finished = azure.call(command, **options)
    assert finished.exit_code == 2
    assert finished.told == [NO_CPUS, *LEAVE_OUT]
    assert azure.sent("PUT") == azure.sent("PATCH") == []


def test_cpus_can_be_asked_for_when_the_pool_is_taken_away(azure: TaskAzure) -> None:
    azure.has_task(task_body("mypool"), after=task_body(None))
    assert azure.call(update_task, cpu=2, agent_pool_name="").exit_code == 0
    (body,) = azure.sent("PATCH")
    assert (body["properties"]["agentConfiguration"], body["properties"]["agentPoolName"]) == ({"cpu": 2}, None)


@pytest.mark.parametrize(
    ("command", "options", "method"),
    [
        (create_task, COMMAND, "PUT"),
        (update_task, {"status": "Disabled"}, "PATCH"),
        (add_credential, LOGIN, "PATCH"),
    ],
    ids=["create", "update", "credential"],
)
def test_an_interrupted_change_may_have_been_made(
    azure: TaskAzure, command: Command, options: dict[str, Any], method: str
) -> None:
    task = azure.serves(task_body("mypool"))
    task.meanwhile[method] = interrupt
    finished = azure.call(command, **options)
    assert (finished.exit_code, finished.told) == (
        130,
        [
            "Interrupted. Task 'mytask' may have been changed.",
            "See whether it was with: az acr task show -r myregistry -n mytask",
        ],
    )
