"""`az acr task create`: the identities of a new task, and what is said about how it logs in."""

from __future__ import annotations

from typing import Any

import pytest
from run_azure import AUTH_MODE_DEPRECATED
from scripted_transport import Reply
from task_azure import IDENTITY, TaskAzure, task_body

from azext_acrpool.commands.tasks.create import create_task

COMMAND = {"context_path": "/dev/null", "cmd_value": "bash"}
NEEDS_ROLE = "The task logs in to registry 'myregistry' as {}, which needs a role on it that allows what the task does."
NO_PERMISSIONS = (
    "Registry 'myregistry' has per-repository permissions (ABAC), of which the task has none: it can neither pull nor"
    " push there. Name an identity that can with --source-acr-auth-id."
)


@pytest.fixture
def azure(azure: TaskAzure) -> TaskAzure:
    """Where the task can be created."""
    azure.has_task(task_body())
    return azure


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, [NO_PERMISSIONS]),
        ({"source_acr_auth_id": "none"}, [NO_PERMISSIONS]),
        ({"source_acr_auth_id": "[system]"}, [NEEDS_ROLE.format("[system]")]),
        ({"auth_mode": "Default"}, [AUTH_MODE_DEPRECATED, NO_PERMISSIONS]),
        ({"auth_mode": "None", "source_acr_auth_id": IDENTITY}, [AUTH_MODE_DEPRECATED, NEEDS_ROLE.format(IDENTITY)]),
    ],
)
def test_what_is_said_of_a_registry_with_permissions_per_repository(
    azure: TaskAzure, options: dict[str, Any], told: list[str]
) -> None:
    azure.uses_abac()
    finished = azure.call(create_task, **COMMAND, **options)
    assert (finished.exit_code, finished.told) == (0, told)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, []),
        ({"auth_mode": "Default"}, []),
        ({"source_acr_auth_id": "none"}, []),
        ({"source_acr_auth_id": "[system]"}, [NEEDS_ROLE.format("[system]")]),
    ],
)
def test_what_is_said_of_any_other_registry(azure: TaskAzure, options: dict[str, Any], told: list[str]) -> None:
    finished = azure.call(create_task, **COMMAND, **options)
    assert (finished.exit_code, finished.told) == (0, told)


SYSTEM_ASSIGNED = {"type": "SystemAssigned"}
USER_ASSIGNED = {"type": "UserAssigned", "userAssignedIdentities": {IDENTITY: {}}}
BOTH = {"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {IDENTITY: {}}}


@pytest.mark.parametrize(
    ("options", "identity", "login"),
    [
        ({}, None, None),
        ({"source_acr_auth_id": "none"}, None, {"identity": None}),
        ({"source_acr_auth_id": "[system]"}, SYSTEM_ASSIGNED, {"identity": "[system]"}),
        ({"source_acr_auth_id": IDENTITY}, USER_ASSIGNED, {"identity": "myclient"}),
        ({"assign_identity": []}, SYSTEM_ASSIGNED, None),
        ({"assign_identity": [IDENTITY]}, USER_ASSIGNED, None),
        ({"assign_identity": [IDENTITY], "source_acr_auth_id": "[system]"}, BOTH, {"identity": "[system]"}),
        ({"assign_identity": [IDENTITY], "source_acr_auth_id": IDENTITY}, USER_ASSIGNED, {"identity": "myclient"}),
        ({"assign_identity": [IDENTITY], "source_acr_auth_id": "none"}, USER_ASSIGNED, {"identity": None}),
    ],
)
def test_a_task_has_the_identities_that_it_is_given_and_the_one_that_it_logs_in_with(
    azure: TaskAzure, options: dict[str, Any], identity: dict[str, Any] | None, login: dict[str, Any] | None
) -> None:
    assert azure.call(create_task, **COMMAND, **options).exit_code == 0
    (body,) = azure.sent("PUT")
    assert body.get("identity") == identity
    assert body["properties"]["credentials"].get("sourceRegistry") == login


def test_the_system_task_has_a_state_and_nothing_else(azure: TaskAzure) -> None:
    azure.uses_abac()
    azure.replies["PUT /tasks/quicktask"] = Reply(200, {**task_body(), "name": "quicktask"})
    finished = azure.call(create_task, task_name="quicktask", is_system_task=True)
    assert (finished.exit_code, finished.told) == (0, [])
    assert azure.sent("PUT") == [
        {"location": "westus2", "properties": {"status": "Enabled", "timeout": 3600, "isSystemTask": True}}
    ]


def test_whatever_else_is_asked_of_the_system_task_is_refused(azure: TaskAzure) -> None:
    finished = azure.call(
        create_task,
        task_name="quicktask",
        is_system_task=True,
        agent_pool_name="mypool",
        assign_identity=[],
        context_path="/dev/null",
        commit_trigger_enabled=False,
    )
    assert finished.exit_code == 2
    assert finished.told == [
        (
            "--agent-pool and --assign-identity cannot be used with the system task 'quicktask', which has no step,"
            " triggers, agents and identities of its own."
        ),
        "What such a task has is --status, --timeout and --log-template: leave out the rest.",
    ]
    assert azure.asked == []


def test_a_source_that_the_agents_cannot_read_is_refused(azure: TaskAzure) -> None:
    finished = azure.call(create_task, context_path="https://github.com/a/b/tree/main/src", file="Dockerfile")
    assert finished.exit_code == 2
    assert finished.told == [
        (
            "The source location 'https://github.com/a/b/tree/main/src' is a web page, which the service takes for an "
            "archive to download."
        ),
        "Type: https://github.com/a/b.git#main:src",
    ]
    assert not azure.asked


def test_a_source_that_may_not_be_what_was_meant_is_told(azure: TaskAzure) -> None:
    source = "https://dev.azure.com.evil.example/o/p/_git/r"
    finished = azure.call(create_task, context_path=source, file="Dockerfile", commit_trigger_enabled=False)
    assert finished.exit_code == 0
    assert finished.told == [
        (
            f"'{source}' is downloaded as an archive: without '.git' at its end, the service takes for a repository "
            "only what is on dev.azure.com or *.visualstudio.com."
        )
    ]


NO_BRANCH = (
    "The task's source names no branch: it is commits to 'master' that start the task. For another one, give the source"
    " as URL#BRANCH."
)


@pytest.mark.parametrize(
    ("context", "branch", "told"),
    [
        ("https://github.com/a/b.git", "master", [NO_BRANCH]),
        ("https://github.com/a/b.git#:folder", "master", [NO_BRANCH]),
        ("https://github.com/a/b.git#main:folder", "main", []),
    ],
)
def test_the_branch_whose_commits_start_a_task(azure: TaskAzure, context: str, branch: str, told: list[str]) -> None:
    finished = azure.call(create_task, context_path=context, file="Dockerfile", git_access_token="token")
    assert (finished.exit_code, finished.told) == (0, told)
    (trigger,) = azure.sent("PUT")[0]["properties"]["trigger"]["sourceTriggers"]
    assert trigger["sourceRepository"]["branch"] == branch


def test_settings_of_a_trigger_that_is_not_to_be_are_refused(azure: TaskAzure) -> None:
    finished = azure.call(
        create_task,
        **COMMAND,
        base_image_trigger_enabled=False,
        base_image_trigger_name="mine",
        update_trigger_endpoint="https://hooks.example/x",
    )
    assert (finished.exit_code, finished.told) == (
        2,
        [
            (
                "--base-image-trigger-name and --update-trigger-endpoint cannot be used with"
                " --base-image-trigger-enabled false: there is no such trigger."
            )
        ],
    )
