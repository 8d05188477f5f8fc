"""What a task's builds may fail for is told from the files that are here, and never refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from task_azure import STEP, TaskAzure, task_body

from azext_acrpool.commands.tasks.create import create_task
from azext_acrpool.commands.tasks.update import update_task

MOUNT = "FROM scratch AS base\nFROM base\nRUN --mount=type=cache,target=/c true\n"
WHY = "line 3: RUN --mount=type=cache,target=/c true: RUN --mount is an option that only BuildKit has."
AS_A_DOCKERFILE = (
    f"WARNING: The task would fail with 'Dockerfile' as it is here: {WHY} Only a task file has BuildKit: a build step"
    " with env: [DOCKER_BUILDKIT=1]."
)
AS_A_STEP = (
    f"WARNING: Step 'app' would fail with 'Dockerfile' as it is here: {WHY} Build with BuildKit: give the step env:"
    " [DOCKER_BUILDKIT=1]."
)
GIT = "https://github.com/a/b.git#main"
TASK_FILE = "steps:\n  - id: app\n    build: -t a {{.Values.options}} %s\n"


@pytest.fixture
def here(azure: TaskAzure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, which has a Dockerfile and a task file; the task is there."""
    azure.has_task(task_body())
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text(MOUNT)
    (tmp_path / "acb.yaml").write_text(TASK_FILE % ".")
    (tmp_path / "remote.yaml").write_text(TASK_FILE % GIT)
    (tmp_path / "values.yaml").write_text("options: --target base\n")
    return tmp_path


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"context_path": GIT, "file": "Dockerfile"}, [AS_A_DOCKERFILE]),
        ({"context_path": GIT, "file": "acb.yaml"}, [AS_A_STEP]),
        ({"context_path": "/dev/null", "file": "remote.yaml"}, [AS_A_STEP]),
        # It does not fail so.
        ({"context_path": GIT, "file": "Dockerfile", "target": "base"}, []),
        ({"context_path": GIT, "file": "acb.yaml", "values": "values.yaml"}, []),
        ({"context_path": "/dev/null", "file": "remote.yaml", "values": "values.yaml"}, []),
        # It is not known whether it does.
        ({"context_path": GIT, "file": "Dockerfile", "target": "{{.Run.OS}}"}, []),
        ({"context_path": GIT, "file": "docker/Dockerfile"}, []),
        ({"context_path": GIT, "file": "../Dockerfile"}, []),
        ({"context_path": f"{GIT}:docker", "file": "Dockerfile"}, []),
        ({"context_path": GIT, "file": "remote.yaml"}, []),
        ({"context_path": "/dev/null", "file": "acb.yaml"}, []),
        ({"context_path": "/dev/null", "cmd_value": "bash"}, []),
    ],
)
@pytest.mark.usefixtures("here")
def test_a_new_task_is_made_and_told_what_it_may_fail_for(
    azure: TaskAzure, options: dict[str, Any], told: list[str]
) -> None:
    finished = azure.call(create_task, commit_trigger_enabled=False, **options)
    assert (finished.exit_code, finished.told) == (0, told)


def test_a_folder_of_the_repository_is_one_below_or_the_current_one(
    azure: TaskAzure, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "docker").mkdir()
    options = {"context_path": f"{GIT}:docker", "file": "Dockerfile", "commit_trigger_enabled": False}
    assert azure.call(create_task, **options).told == []
    (here / "docker" / "Dockerfile").write_text(MOUNT)
    assert azure.call(create_task, **options).told == [AS_A_DOCKERFILE]
    monkeypatch.chdir(here / "docker")
    assert azure.call(create_task, **options).told == [AS_A_DOCKERFILE]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"file": "Dockerfile"}, [AS_A_DOCKERFILE]),
        ({"target": "base"}, []),
        ({"arg": [{"type": "Argument", "name": "A", "value": "1", "isSecret": False}]}, [AS_A_DOCKERFILE]),
        ({"file": "acb.yaml"}, [AS_A_STEP]),
        # What is built stays as it was.
        ({"timeout": 100}, []),
        ({"status": "Disabled"}, []),
    ],
)
@pytest.mark.usefixtures("here")
def test_a_changed_task_is_told_what_it_may_fail_for(
    azure: TaskAzure, options: dict[str, Any], told: list[str]
) -> None:
    finished = azure.call(update_task, **options)
    assert (finished.exit_code, finished.told) == (0, told)


def test_secret_arguments_that_the_service_does_not_tell_decide_nothing(azure: TaskAzure, here: Path) -> None:
    secret = {"name": "BASE", "isSecret": True}
    azure.has_task(task_body(step={**STEP, "arguments": [secret]}))
    (here / "Dockerfile").write_text("ARG BASE\nFROM $BASE\n")
    assert azure.call(update_task, file="Dockerfile").told == []
