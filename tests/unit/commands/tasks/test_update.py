"""`az acr task update`: the identity that a task logs in with, and what is said about it."""

from __future__ import annotations

from typing import Any

import pytest
from run_azure import AUTH_MODE_DEPRECATED
from scripted_transport import Reply
from task_azure import IDENTITY, TaskAzure, task_body

from azext_acrpool.commands.tasks.update import update_task


@pytest.mark.parametrize(
    ("uses_abac", "auth_mode", "told"),
    [(True, "Default", [AUTH_MODE_DEPRECATED]), (True, None, []), (False, "Default", [])],
)
def test_the_mode_of_logging_in_is_remarked_on_where_it_is_deprecated(
    azure: TaskAzure, uses_abac: bool, auth_mode: str | None, told: list[str]
) -> None:
    azure.has_task(task_body())
    if uses_abac:
        azure.uses_abac()
    finished = azure.call(update_task, auth_mode=auth_mode)
    assert (finished.exit_code, finished.told) == (0, told)


@pytest.mark.parametrize("pool", ["mypool", None])
@pytest.mark.parametrize(
    ("name", "login", "identity"),
    [
        ("[system]", "[system]", {"type": "SystemAssigned"}),
        (IDENTITY, "myclient", {"type": "UserAssigned", "userAssignedIdentities": {IDENTITY: {}}}),
    ],
)
def test_a_task_gets_the_identity_before_it_is_told_to_log_in_with_it_and_keeps_its_pool(
    azure: TaskAzure, pool: str | None, name: str, login: str, identity: dict[str, Any]
) -> None:
    azure.has_task(task_body(pool))
    assert azure.call(update_task, source_acr_auth_id=name).exit_code == 0
    assigned, changed = azure.sent("PATCH")
    on_pool = {"agentPoolName": pool} if pool else {}
    assert assigned == {"identity": identity, **({"properties": on_pool} if pool else {})}
    assert changed["properties"]["credentials"] == {"sourceRegistry": {"identity": login}}
    assert changed["properties"].get("agentPoolName") == pool


@pytest.mark.parametrize(
    ("name", "login"), [("[system]", {"identity": "[system]"}), ("none", {"identity": None}), (None, None)]
)
def test_an_identity_that_the_task_has_or_that_is_none_is_not_given_to_it(
    azure: TaskAzure, name: str | None, login: dict[str, Any] | None
) -> None:
    azure.has_task({**task_body(), "identity": {"type": "SystemAssigned"}})
    assert azure.call(update_task, source_acr_auth_id=name).exit_code == 0
    (body,) = azure.sent("PATCH")
    assert "identity" not in body
    assert body["properties"]["credentials"].get("sourceRegistry") == login


def test_of_the_system_task_only_its_state_is_changed(azure: TaskAzure) -> None:
    task = {**task_body(None, isSystemTask=True), "name": "quicktask"}
    azure.uses_abac()
    azure.replies["POST /tasks/quicktask/listDetails"] = azure.replies["PATCH /tasks/quicktask"] = Reply(200, task)
    finished = azure.call(update_task, task_name="quicktask", timeout=900)
    assert (finished.exit_code, finished.told) == (0, [])
    assert azure.sent("PATCH") == [{"properties": {"timeout": 900}}]
    refused = azure.call(update_task, task_name="quicktask", auth_mode="Default", source_acr_auth_id="[system]")
    assert (refused.exit_code, refused.told[0]) == (
        2,
        (
            "--auth-mode and --source-acr-auth-id cannot be used with task 'quicktask', which has no step, triggers,"
            " agents and identities of its own."
        ),
    )
    assert len(azure.sent("PATCH")) == 1


def test_a_source_that_the_agents_cannot_read_is_refused(azure: TaskAzure) -> None:
    finished = azure.call(update_task, context_path="https://h/b.git#")
    assert finished.exit_code == 2
    assert finished.told[1] == "Type: https://h/b.git"
    assert not azure.asked


def test_an_image_of_a_registry_that_the_task_does_not_log_in_to_is_remarked_on(azure: TaskAzure) -> None:
    logins: dict[str, Any] = {"customRegistries": {"other.azurecr.io": {}}}
    azure.has_task(task_body(credentials=logins))
    finished = azure.call(update_task, image_names=["other.azurecr.io/hello", "third.azurecr.io/hello"])
    (told,) = finished.told
    assert told.startswith("--image third.azurecr.io/hello is not of registry 'myregistry.azurecr.io', ")
