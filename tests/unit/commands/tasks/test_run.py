"""`az acr task run`: on the task's pool or on another one, followed as a build is."""

from __future__ import annotations

import tarfile
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from run_azure import GIT, served_run
from scripted_arm import arm_error
from task_azure import TaskAzure, task_body

from azext_acrpool.commands.tasks.run import run_task

NO_INSTANCES = "Agent pool 'emptypool' has no instances: the run would stay queued."
SCALE_UP = "Scale it up with: az acr agentpool update -r myregistry -n emptypool --count 1"


@pytest.mark.parametrize(("own", "override"), [("emptypool", None), ("mypool", "emptypool"), (None, "emptypool")])
def test_a_pool_without_instances_refuses_a_run(azure: TaskAzure, own: str | None, override: str | None) -> None:
    azure.has_task(task_body(own))
    finished = azure.call(run_task, agent_pool_name=override)
    assert (finished.exit_code, finished.told) == (1, [NO_INSTANCES, SCALE_UP])
    assert azure.sent("POST") == []


def test_a_run_that_nobody_waits_for_is_only_warned_about(azure: TaskAzure) -> None:
    azure.has_task(task_body("emptypool"))
    finished = azure.call(run_task, no_wait=True)
    assert finished.result.run_id == "cf1"
    assert finished.told == [
        f"{NO_INSTANCES} {SCALE_UP}",
        "WARNING: Queued a run with ID: cf1",
        "Run cf1 goes to agent pool emptypool (0 instances)",
    ]


@pytest.mark.parametrize(
    ("own", "override", "named"),
    [
        *(("mypool", None, None), ("mypool", "", None), (None, "mypool", "mypool"), ("emptypool", "mypool", "mypool")),
        *(("mypool", "mypool", None), ("MyPool", "mypool", None)),
    ],
)
def test_a_run_names_no_pool_but_one_that_the_task_has_not(
    azure: TaskAzure, own: str | None, override: str | None, named: str | None
) -> None:
    azure.has_task(task_body(own))
    finished = azure.call(run_task, agent_pool_name=override, no_wait=True)
    assert finished.told == ["WARNING: Queued a run with ID: cf1", "Run cf1 goes to agent pool mypool (1 instance)"]
    assert azure.request.get("agentPoolName") == named
    assert azure.request["taskId"].endswith("/registries/myregistry/tasks/mytask")


REFUSED = "You cannot set the agent pool name in the task run request. Please set the name on the task"
MOVE = "az acr task update -r myregistry -n mytask --agent-pool mypool"


@pytest.mark.parametrize(
    ("override", "message", "advice"),
    [
        ("mypool", REFUSED, f"Move the task there, with all its runs to come: {MOVE}"),
        ("mypool", "Try that at home.", "Check what was typed: the command's --help says what fits."),
        (None, REFUSED, "Check what was typed: the command's --help says what fits."),
    ],
)
def test_a_pool_that_the_service_refuses_is_to_be_set_on_the_task(
    azure: TaskAzure, override: str | None, message: str, advice: str
) -> None:
    azure.has_task(task_body())
    azure.replies["POST /scheduleRun"] = arm_error(400, "InvalidInputValue", message)
    finished = azure.call(run_task, agent_pool_name=override)
    assert finished.exit_code == 1
    assert finished.told == [f"(InvalidInputValue) {message}", advice]


def test_the_pool_of_the_task_is_scaled_up_for_its_run(azure: TaskAzure) -> None:
    azure.has_task(task_body("emptypool"))
    finished = azure.call(run_task, ensure_capacity=2)
    assert (finished.exit_code, finished.stdout) == (0, "Step 1\n")
    assert "Run cf1 goes to agent pool emptypool (2 instances)" in finished.told
    assert azure.pools["emptypool"].counts == [2, 0]


def test_a_task_without_a_pool_has_none_to_scale_up(azure: TaskAzure) -> None:
    azure.has_task(task_body())
    finished = azure.call(run_task, ensure_capacity=2)
    assert finished.exit_code == 2
    assert finished.told == ["--ensure-capacity needs --agent-pool: agents that all registries share cannot be scaled."]


@pytest.mark.parametrize(("status", "code"), [("Failed", 1), ("Canceled", 4), ("Timeout", 124)])
def test_the_exit_code_is_the_runs(azure: TaskAzure, status: str, code: int) -> None:
    azure.has_task(task_body())
    azure.run.statuses = [(0, "Queued"), (20, status)]
    finished = azure.call(run_task)
    assert (finished.exit_code, finished.stdout) == (code, "Step 1\n")
    assert finished.told[-2:] == [
        f"Run cf1 ended as {status}.",
        "See its whole log with: az acr task logs -r myregistry --run-id cf1",
    ]


def overrides_in(azure: TaskAzure) -> dict[str, Any]:
    """What the request changes of the task's step, but for the mark."""
    found = {**azure.request["overrideTaskStepProperties"]}
    del found["updateTriggerToken"]
    return found


@pytest.mark.parametrize(
    ("options", "step"),
    [
        ({}, {}),
        ({"file": "sub/Dockerfile"}, {"file": "sub/Dockerfile"}),
        ({"context_path": GIT, "file": "sub/Dockerfile"}, {"contextPath": GIT, "file": "sub/Dockerfile"}),
        ({"context_path": "/dev/null"}, {}),
    ],
)
def test_a_run_takes_the_source_and_the_file_that_the_user_names(
    azure: TaskAzure, options: dict[str, Any], step: dict[str, Any]
) -> None:
    azure.has_task(task_body())
    assert azure.call(run_task, no_wait=True, **options).exit_code == 0
    assert overrides_in(azure) == {"arguments": [], "values": [], **step}
    assert not azure.uploads


@pytest.mark.parametrize(
    ("options", "file"),
    [({}, "Dockerfile"), ({"file": "other.Dockerfile"}, "other.Dockerfile"), ({"file": "acb.yaml"}, "acb.yaml")],
)
def test_a_folder_is_uploaded_with_the_file_that_the_run_starts_from(
    azure: TaskAzure, tmp_path: Path, options: dict[str, Any], file: str
) -> None:
    for name in ("Dockerfile", "other.Dockerfile", "acb.yaml"):
        (tmp_path / name).write_text("FROM scratch\n")
    azure.has_task(task_body())
    assert azure.call(run_task, no_wait=True, context_path=str(tmp_path), **options).exit_code == 0
    assert overrides_in(azure) == {
        "arguments": [],
        "values": [],
        "contextPath": "source/x.tar.gz",
        "file": file,
    }


def test_an_archive_is_uploaded_as_it_is(azure: TaskAzure, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "c.tgz", "w:gz"):
        pass
    azure.has_task(task_body())
    assert azure.call(run_task, no_wait=True, context_path=str(tmp_path / "c.tgz")).exit_code == 0
    assert overrides_in(azure) == {"arguments": [], "values": [], "contextPath": "source/x.tar.gz"}


def mark_in(request: dict[str, Any]) -> str:
    return b64decode(request["overrideTaskStepProperties"]["updateTriggerToken"]).decode()


def test_each_run_bears_a_mark_of_its_own() -> None:
    marks = set[str]()
    for _ in range(3):
        azure = TaskAzure()
        azure.has_task(task_body())
        azure.call(run_task, no_wait=True)
        marks.add(mark_in(azure.request))
    assert len(marks) == 3


def test_the_users_own_token_is_sent_as_it_is_and_is_no_mark(azure: TaskAzure) -> None:
    """Somebody else may use the same."""
    azure.has_task(task_body())
    azure.lose_reply_to_schedule(marked=True, task="mytask")
    finished = azure.call(run_task, update_trigger_token="release-7")
    assert mark_in(azure.request) == "release-7"
    assert finished.exit_code == 1
    assert finished.told[0] == MAY_BE_CF1


def test_a_task_that_tells_somebody_the_token_of_a_run_gets_none(azure: TaskAzure) -> None:
    trigger = {"baseImageTrigger": {"name": "base", "baseImageTriggerType": "Runtime", "updateTriggerEndpoint": "x"}}
    azure.has_task(task_body(trigger=trigger))
    azure.call(run_task, no_wait=True)
    assert "updateTriggerToken" not in azure.request["overrideTaskStepProperties"]


MAY_BE_CF1 = (
    "The reply to the request that queues the run was lost. It may have queued cf1, which may as well be somebody"
    " else's: nothing tells. (reset)"
)


def test_after_a_lost_reply_the_run_that_bears_the_mark_is_followed(azure: TaskAzure) -> None:
    azure.has_task(task_body("mypool"))
    azure.lose_reply_to_schedule(marked=True, task="mytask", runType="QuickRun")
    finished = azure.call(run_task)
    assert (finished.exit_code, finished.stdout) == (0, "Step 1\n")
    assert azure.asked.count("POST /scheduleRun") == 1
    assert finished.told[:2] == ["WARNING: Queued a run with ID: cf1", "Run cf1 goes to agent pool mypool (1 instance)"]


@pytest.mark.parametrize("shown", [{"updateTriggerToken": "c29tZWJvZHk="}, {"task": "another"}, {"runType": "AutoRun"}])
def test_after_a_lost_reply_another_run_is_not_taken_for_ours(azure: TaskAzure, shown: dict[str, Any]) -> None:
    azure.has_task(task_body("mypool"))
    azure.lose_reply_to_schedule("cf9", times=1, **{"task": "mytask", "runType": "QuickRun", **shown})
    finished = azure.call(run_task)
    assert finished.exit_code == 0
    assert azure.asked.count("POST /scheduleRun") == 2
    assert finished.told[:2] == ["WARNING: Queued a run with ID: cf1", "Run cf1 goes to agent pool mypool (1 instance)"]


@pytest.mark.parametrize(
    ("source_registry", "told"),
    [
        (
            None,
            [
                (
                    "Registry 'myregistry' has per-repository permissions (ABAC), of which task 'mytask' has none by"
                    " itself: it can neither pull nor push there. Let it use its identity's with: az acr task update -r"
                    ' myregistry -n mytask --source-acr-auth-id "[system]"'
                )
            ],
        ),
        ({"loginMode": "Default", "identity": "[system]"}, []),
    ],
)
def test_a_task_without_permissions_by_repository_is_told_of(
    azure: TaskAzure, source_registry: dict[str, str] | None, told: list[str]
) -> None:
    azure.uses_abac()
    body = task_body()
    body["properties"]["credentials"] = {"sourceRegistry": source_registry} if source_registry else None
    azure.has_task(body)
    assert azure.call(run_task, no_wait=True).told == [*told, "WARNING: Queued a run with ID: cf1"]


def test_a_run_that_is_queued_again_has_a_mark_of_its_own(azure: TaskAzure) -> None:
    azure.has_task(task_body())
    azure.run = azure.session.blobs = served_run(azure.clock, "Error", "one\n")
    azure.attempts = [("Succeeded", "two\n")]
    finished = azure.call(run_task, retry_infra=1)
    assert (finished.exit_code, finished.stdout) == (0, "one\ntwo\n")
    first, second = (
        body["overrideTaskStepProperties"]["updateTriggerToken"] for body in azure.sent("POST /scheduleRun")
    )
    assert first != second
