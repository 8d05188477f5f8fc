"""How a task logs in to other registries: changed without losing the agent pool."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from task_azure import LOGIN, SERVER, TaskAzure, task_body

from azext_acrpool.commands.tasks.credentials import add_credential, remove_credential, update_credential
from azext_acrpool.testing import Finished

WITH_SECRETS = {"userName": {"type": "Opaque", "value": "you"}, "password": {"type": "Opaque", "value": "hidden"}}
WITHOUT_SECRETS = {SERVER: {"userName": {"type": "Opaque"}, "password": {"type": "Opaque"}}}


def with_credential(pool: str | None) -> dict[str, Any]:
    """A task as the service shows it to who asks for its secrets."""
    return task_body(pool, credentials={"customRegistries": {SERVER: WITH_SECRETS}})


@pytest.mark.parametrize("pool", ["mypool", None])
@pytest.mark.parametrize(
    ("command", "options", "credential"),
    [
        (
            update_credential,
            LOGIN,
            {"userName": {"type": "Opaque", "value": "me"}, "password": {"type": "Opaque", "value": "s3cret"}},
        ),
        (remove_credential, {"login_server": SERVER}, None),
    ],
)
def test_a_change_of_a_credential_keeps_the_pool(
    azure: TaskAzure, command: Callable[..., Any], options: dict[str, Any], credential: Any, pool: str | None
) -> None:
    azure.has_task(with_credential(pool))
    assert azure.call(command, **options) == Finished(WITHOUT_SECRETS, 0, "", "")
    (body,) = azure.sent("PATCH")
    assert body["properties"].get("agentPoolName") == pool
    assert body["properties"]["credentials"]["customRegistries"] == {SERVER: credential}


def test_a_credential_that_is_not_there_needs_no_removing(azure: TaskAzure) -> None:
    azure.has_task(with_credential("mypool"))
    told = "Task 'mytask' has no credential for 'gone.azurecr.io': nothing to remove.\n"
    assert azure.call(remove_credential, login_server="gone.azurecr.io") == Finished(WITHOUT_SECRETS, 0, "", told)
    assert azure.sent("PATCH") == []


def test_a_credential_that_is_there_is_not_added_again(azure: TaskAzure) -> None:
    azure.has_task(with_credential("mypool"))
    finished = azure.call(add_credential, **LOGIN)
    assert finished.exit_code == 1
    assert finished.told == [
        "Task 'mytask' has a credential for 'other.azurecr.io' already.",
        "Change it with: az acr task credential update -r myregistry -n mytask --login-server other.azurecr.io",
    ]
    assert azure.sent("PATCH") == []


def test_a_credential_that_is_not_there_cannot_be_changed(azure: TaskAzure) -> None:
    azure.has_task(task_body("mypool"))
    finished = azure.call(update_credential, **LOGIN)
    assert finished.exit_code == 3
    assert finished.told == [
        "Task 'mytask' has no credential for 'other.azurecr.io'. It has none.",
        "Add one with: az acr task credential add -r myregistry -n mytask --login-server other.azurecr.io",
    ]
    assert azure.sent("PATCH") == []


def test_nothing_to_log_in_with_is_refused_before_anything_is_asked(azure: TaskAzure) -> None:
    finished = azure.call(add_credential, login_server=SERVER)
    assert finished.exit_code == 2
    assert finished.told == ["Nothing to log in with: give --username and --password, --use-identity, or all of them."]
    assert azure.asked == []


def test_a_secret_in_a_vault_is_named_as_such(azure: TaskAzure) -> None:
    azure.has_task(task_body("mypool"))
    where = "https://myvault.vault.azure.net/secrets/password"
    assert azure.call(add_credential, login_server=SERVER, username="me", password=where).exit_code == 0
    (body,) = azure.sent("PATCH")
    assert body["properties"]["credentials"]["customRegistries"][SERVER] == {
        "userName": {"type": "Opaque", "value": "me"},
        "password": {"type": "Vaultsecret", "value": where},
    }
