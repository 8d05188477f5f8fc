"""The emulator is near enough to Azure that az's own, unmodified commands work against it."""

from __future__ import annotations

from az_harness import Az
from hello_context import NO_HELLO, write_hello_context

POOL = ("--registry", "myregistry", "--name")
REMOTE = "https://github.com/Azure-Samples/acr-build-helloworld-node.git#main"


def test_agent_pool_from_create_to_delete(plain_az: Az) -> None:
    created = plain_az("acr", "agentpool", "create", *POOL, "lifecycle", "--tier", "S2").succeeded().json
    assert (created["provisioningState"], created["count"], created["tier"]) == ("Succeeded", 1, "S2")
    updated = plain_az("acr", "agentpool", "update", *POOL, "lifecycle", "--count", "2").succeeded().json
    assert (updated["provisioningState"], updated["count"]) == ("Succeeded", 2)
    assert plain_az("acr", "agentpool", "show", *POOL, "lifecycle").succeeded().json == updated
    assert plain_az("acr", "agentpool", "show", *POOL, "lifecycle", "--queue-count").succeeded().json == {"count": 0}
    listed = plain_az("acr", "agentpool", "list", "--registry", "myregistry").succeeded().json
    assert updated in listed
    plain_az("acr", "agentpool", "delete", *POOL, "lifecycle", "--yes", "--no-wait").succeeded()


def test_build_of_a_local_folder(plain_az: Az) -> None:
    context = write_hello_context(plain_az.folder / "context")
    done = plain_az("acr", "build", "--registry", "myregistry", "--image", "hello:v1", str(context)).succeeded()
    assert "Successfully tagged myregistry.azurecr.io/hello:v1" in done.printed
    (context / "hello.txt").unlink()
    missing = plain_az("acr", "build", "--registry", "myregistry", "--image", "hello:v1", str(context)).failed(1)
    assert NO_HELLO in missing.printed


def test_build_of_a_git_repository_on_a_pool(plain_az: Az) -> None:
    plain_az("acr", "agentpool", "create", *POOL, "gitpool").succeeded()
    done = plain_az(
        *("acr", "build", "--registry", "myregistry", "--agent-pool", "gitpool", "--image", "hello:v1", REMOTE)
    ).succeeded()
    assert "Successfully tagged myregistry.azurecr.io/hello:v1" in done.printed


def test_run_of_a_command(plain_az: Az) -> None:
    done = plain_az("acr", "run", "--registry", "myregistry", "--cmd", "bash echo hello", "/dev/null").succeeded()
    assert "hello" in done.printed


def test_task_and_its_runs(plain_az: Az) -> None:
    task = ("--registry", "myregistry", "--name", "mytask")
    created = plain_az(
        *("acr", "task", "create", *task, "--image", "hello:{{.Run.ID}}", "--context", REMOTE, "--file", "Dockerfile"),
        *("--commit-trigger-enabled", "false", "--schedule", "0 21 * * *"),
    ).succeeded()
    assert created.json["trigger"]["timerTriggers"][0]["schedule"] == "0 21 * * *"
    updated = plain_az("acr", "task", "update", *task, "--timeout", "1200").succeeded()
    assert updated.json["timeout"] == 1200
    done = plain_az("acr", "task", "run", *task).succeeded()
    (run,) = plain_az("acr", "task", "list-runs", *task).succeeded().json
    assert f"Successfully tagged myregistry.azurecr.io/hello:{run['runId']}" in done.printed
    assert (run["status"], run["task"]) == ("Succeeded", "mytask")
    logs = plain_az("acr", "task", "logs", "--registry", "myregistry", "--run-id", run["runId"]).succeeded()
    assert logs.printed[-1].startswith(f"Run ID: {run['runId']} was successful after ")


def test_cancel_of_a_waiting_run(plain_az: Az) -> None:
    plain_az("acr", "agentpool", "create", *POOL, "emptypool", "--count", "0").succeeded()
    build = ("acr", "build", "--registry", "myregistry", "--agent-pool", "emptypool", "--image", "hello:v1", REMOTE)
    plain_az(*build, "--no-wait").succeeded()
    (newest,) = plain_az("acr", "task", "list-runs", "--registry", "myregistry", "--top", "1").succeeded().json
    assert newest["status"] == "Queued"
    run = ("--registry", "myregistry", "--run-id", newest["runId"])
    assert plain_az("acr", "agentpool", "show", *POOL, "emptypool", "--queue-count").succeeded().json == {"count": 1}
    plain_az("acr", "task", "cancel-run", *run).succeeded()
    assert plain_az("acr", "task", "show-run", *run).succeeded().json["status"] == "Canceled"


def test_delete_of_an_agent_pool(plain_az: Az) -> None:
    plain_az("acr", "agentpool", "create", *POOL, "goingpool").succeeded()
    gone = plain_az("acr", "agentpool", "delete", *POOL, "goingpool", "--yes")
    # az's own command looks for the pool right after the request. Where it is gone by then, as it may be on Azure too,
    # it calls that an error.
    assert gone.code in (0, 3)
    plain_az("acr", "agentpool", "show", *POOL, "goingpool").failed(3)
