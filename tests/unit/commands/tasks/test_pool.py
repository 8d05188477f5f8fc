"""The agent pool of a task: it exists, it stays, and it can be taken away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from scripted_transport import Reply
from task_azure import TASK, Azure, task_body

from azext_acrpool.commands.tasks.create import create_task
from azext_acrpool.commands.tasks.credentials import add_credential, remove_credential, update_credential
from azext_acrpool.commands.tasks.run import run_task
from azext_acrpool.commands.tasks.update import update_task

COMMAND = {"context_path": "/dev/null", "cmd_value": "bash"}
SERVER = "other.azurecr.io"
LOGIN = {"login_server": SERVER, "username": "me", "password": "s3cret"}


def with_credential(pool: str | None) -> dict[str, Any]:
    return task_body(pool, credentials={"customRegistries": {SERVER: {"userName": {"type": "Opaque"}}}})


def test_a_new_task_is_sent_to_its_pool_without_cpus(azure: Azure) -> None:
    azure.has_task(task_body("mypool"))
    azure.call(create_task, agent_pool_name="mypool", **COMMAND)
    (body,) = azure.sent("PUT")
    assert body["properties"]["agentPoolName"] == "mypool"
    assert "agentConfiguration" not in body["properties"]


@pytest.mark.parametrize("command", [create_task, update_task, run_task])
def test_a_pool_that_is_not_there_is_refused_before_anything_is_sent(
    azure: Azure, command: Any, shown: Callable[[], str]
) -> None:
    azure.has_task(task_body())
    options = COMMAND if command is create_task else {}
    assert azure.fails(command, agent_pool_name="nopool", **options) == 3
    assert "There is no agent pool 'nopool' in registry 'myregistry'. It has: emptypool, mypool." in shown()
    assert azure.sent("PUT") == azure.sent("PATCH") == azure.sent("POST") == []


@pytest.mark.parametrize("command", [create_task, update_task])
def test_a_pool_without_instances_is_a_warning_for_a_task(azure: Azure, command: Any, shown: Callable[[], str]) -> None:
    azure.has_task(task_body("emptypool"))
    options = COMMAND if command is create_task else {}
    azure.call(command, agent_pool_name="emptypool", **options)
    assert "Agent pool 'emptypool' has no instances" in shown()


@pytest.mark.parametrize(("own", "override"), [("emptypool", None), ("mypool", "emptypool"), (None, "emptypool")])
def test_a_pool_without_instances_refuses_a_run(azure: Azure, own: str | None, override: str | None) -> None:
    azure.has_task(task_body(own))
    assert azure.fails(run_task, agent_pool_name=override) == 1
    assert azure.sent("POST") == []


def test_a_run_that_nobody_waits_for_is_only_warned_about(azure: Azure, shown: Callable[[], str]) -> None:
    azure.has_task(task_body("emptypool"))
    assert azure.call(run_task, no_wait=True).run_id == "cf1"
    assert "has no instances" in shown()


@pytest.mark.parametrize(
    ("own", "override", "named"), [("mypool", None, None), ("mypool", "", None), (None, "mypool", "mypool")]
)
def test_a_run_names_only_the_pool_that_the_user_named(
    azure: Azure, own: str | None, override: str | None, named: str | None, shown: Callable[[], str]
) -> None:
    azure.has_task(task_body(own))
    azure.call(run_task, agent_pool_name=override, no_wait=True)
    (body,) = azure.sent("POST")
    assert body.get("agentPoolName") == named
    assert body["taskId"].endswith("/registries/myregistry/tasks/mytask")
    assert "on agent pool mypool (1 instance)" in shown()


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
def test_an_update_names_the_pool(azure: Azure, own: str | None, options: dict[str, Any], sent: dict[str, Any]) -> None:
    azure.has_task(task_body(own), after=task_body(sent.get("agentPoolName")))
    azure.call(update_task, timeout=900, **options)
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
    azure: Azure, command: Any, options: dict[str, Any], shown: Callable[[], str]
) -> None:
    azure.has_task(task_body("mypool"), after=task_body(None))
    assert azure.fails(command, **options) == 1
    told = shown()
    assert "left it without an agent pool instead of on agent pool 'mypool'" in told
    assert 'az acr task update -r myregistry -n mytask --agent-pool "mypool"' in told


def test_an_old_reply_to_a_change_is_looked_at_again(azure: Azure) -> None:
    azure.has_task(task_body("mypool"))
    azure.routes[f"PATCH {TASK}"] = Reply(200, task_body(None))
    assert azure.call(update_task, timeout=900).agent_pool_name == "mypool"


@pytest.mark.parametrize("pool", ["mypool", None])
@pytest.mark.parametrize(
    ("command", "options", "credential"),
    [
        (update_credential, LOGIN, {"userName": {"type": "Opaque", "value": "me"}}),
        (remove_credential, {"login_server": SERVER}, None),
    ],
)
def test_a_change_of_a_credential_keeps_the_pool(
    azure: Azure, command: Any, options: dict[str, Any], credential: Any, pool: str | None
) -> None:
    azure.has_task(with_credential(pool))
    assert list(azure.call(command, **options)) == [SERVER]
    (body,) = azure.sent("PATCH")
    assert body["properties"].get("agentPoolName") == pool
    sent = body["properties"]["credentials"]["customRegistries"][SERVER]
    assert sent is None if credential is None else credential.items() <= sent.items()


def test_a_credential_that_is_not_there_needs_no_removing(azure: Azure, shown: Callable[[], str]) -> None:
    azure.has_task(with_credential("mypool"))
    assert list(azure.call(remove_credential, login_server="gone.azurecr.io")) == [SERVER]
    assert "nothing to remove" in shown()
    assert azure.sent("PATCH") == []


@pytest.mark.parametrize(
    ("command", "own", "options"),
    [
        (create_task, None, {**COMMAND, "cpu": 2, "agent_pool_name": "mypool"}),
        (update_task, None, {"cpu": 2, "agent_pool_name": "mypool"}),
        (update_task, "mypool", {"cpu": 2}),
    ],
)
def test_cpus_and_a_pool_contradict_each_other(
    azure: Azure, command: Any, own: str | None, options: dict[str, Any], shown: Callable[[], str]
) -> None:
    azure.has_task(task_body(own))
    assert azure.fails(command, **options) == 2
    assert "runs on agent pool 'mypool' get the CPUs of its tier" in shown()
    assert azure.sent("PUT") == azure.sent("PATCH") == []


def test_cpus_can_be_asked_for_when_the_pool_is_taken_away(azure: Azure) -> None:
    azure.has_task(task_body("mypool"), after=task_body(None))
    azure.call(update_task, cpu=2, agent_pool_name="")
    (body,) = azure.sent("PATCH")
    assert (body["properties"]["agentConfiguration"], body["properties"]["agentPoolName"]) == ({"cpu": 2}, None)


@pytest.mark.parametrize("command", [update_task, run_task, add_credential, remove_credential])
def test_a_task_that_is_not_there(azure: Azure, command: Any, shown: Callable[[], str]) -> None:
    for route in ("GET /tasks/mytask", "POST /tasks/mytask/listDetails"):
        azure.routes[route] = Reply(404, {"error": {"code": "ResourceNotFound", "message": "no"}})
    options = LOGIN if command is add_credential else {"login_server": SERVER} if command is remove_credential else {}
    assert azure.fails(command, **options) == 3
    told = shown()
    assert "Could not find a task named 'mytask' in registry 'myregistry'." in told
    assert "az acr task list -r myregistry" in told
