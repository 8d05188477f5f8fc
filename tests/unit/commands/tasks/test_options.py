"""Which task a command is about: one that is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from task_azure import LOGIN, SERVER, TaskAzure

from azext_acrpool.commands.tasks.credentials import add_credential, remove_credential
from azext_acrpool.commands.tasks.run import run_task
from azext_acrpool.commands.tasks.update import update_task


@pytest.mark.parametrize(
    ("command", "options"),
    [(update_task, {}), (run_task, {}), (add_credential, LOGIN), (remove_credential, {"login_server": SERVER})],
)
def test_a_task_that_is_not_there(azure: TaskAzure, command: Callable[..., Any], options: dict[str, Any]) -> None:
    azure.has_no_task()
    finished = azure.call(command, **options)
    assert finished.exit_code == 3
    assert finished.told == [
        "Could not find a task named 'mytask' in registry 'myregistry'.",
        "List the registry's tasks with: az acr task list -r myregistry -o table",
    ]
