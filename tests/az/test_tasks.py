"""`az acr run` and `az acr task` as users type them: what runs where, what is printed, how it ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from az_harness import Az, Emulator

REGISTRY = ("--registry", "myregistry")
TASK = (*REGISTRY, "--name", "mytask")
GIT = "https://github.com/Azure-Samples/acr-build-helloworld-node.git#main"
BUILD = ("--context", GIT, "--file", "Dockerfile", "--image", "app:v1", "--commit-trigger-enabled", "false")
WORLD = {
    "registries": [
        {
            "name": "myregistry",
            "resourceGroup": "myresourcegroup",
            "location": "westus2",
            "sku": "Premium",
            "agentPools": [
                {"name": "mypool", "tier": "S1", "count": 1},
                {"name": "otherpool", "tier": "S1", "count": 1},
                {"name": "emptypool", "tier": "S1", "count": 0},
            ],
        }
    ]
}
SECRETS = ("s3cret-token", "s3cret-argument", "s3cret-value", "s3cret-password")


@pytest.fixture(scope="module")
def emulator(emulators: Callable[..., Emulator]) -> Emulator:
    return emulators("--pool-seconds", "0.02", "--retry-after", "1", world=WORLD)


def newest_run(emulator: Emulator) -> dict[str, Any]:
    """The run that was queued last, as the emulator has it."""
    registry = emulator.control("GET", "state")["registries"][0]
    run: dict[str, Any] = registry["runs"][-1]
    return run


def pool_of(az: Az) -> Any:
    return az("acr", "task", "show", *TASK).succeeded().json["agentPoolName"]


def test_task_on_a_pool_through_its_life(az: Az, emulator: Emulator) -> None:
    created = az("acr", "task", "create", *TASK, "--agent-pool", "mypool", *BUILD).succeeded()
    assert (created.json["agentPoolName"], created.json["agentConfiguration"]) == ("mypool", None)

    done = az("acr", "task", "run", *TASK).succeeded()
    assert "Successfully tagged myregistry.azurecr.io/app:v1" in done.stdout
    assert "on agent pool mypool (1 instance)" in done.stderr
    assert newest_run(emulator)["pool"] == "mypool"

    other = az("acr", "task", "run", *TASK, "--agent-pool", "otherpool", "--no-logs").succeeded()
    assert other.json["status"] == "Succeeded"
    assert newest_run(emulator)["pool"] == "otherpool"

    assert az("acr", "task", "update", *TASK, "--timeout", "900").succeeded().json["timeout"] == 900
    assert pool_of(az) == "mypool"
    az("acr", "task", "update", *TASK, "--agent-pool", "").succeeded()
    assert pool_of(az) is None
    az("acr", "task", "update", *TASK, "--agent-pool", "otherpool").succeeded()
    assert pool_of(az) == "otherpool"


def test_credentials_leave_the_pool_alone_unlike_az_own(az: Az, plain_az: Az) -> None:
    server = ("--login-server", "other.azurecr.io")
    login = ("--username", "me", "--password", "s3cret-password")
    az("acr", "task", "create", *TASK, "--agent-pool", "mypool", *BUILD).succeeded()
    added = az("acr", "task", "credential", "add", *TASK, *server, *login).succeeded()
    assert list(added.json) == ["other.azurecr.io"]
    az("acr", "task", "credential", "update", *TASK, *server, "--use-identity", "[system]").succeeded()
    assert pool_of(az) == "mypool"
    again = az("acr", "task", "credential", "add", *TASK, *server, *login).failed(1)
    assert "az acr task credential update" in again.stderr
    assert az("acr", "task", "credential", "remove", *TASK, *server).succeeded().json == {}
    assert pool_of(az) == "mypool"
    plain_az("acr", "task", "credential", "add", *TASK, *server, *login).succeeded()
    assert pool_of(plain_az) is None


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("task", "create", *TASK, "--agent-pool", "nopool", *BUILD), 3, "There is no agent pool 'nopool'"),
        (("task", "create", *TASK, *BUILD, "--agent-pool", "mypool", "--cpu", "2"), 2, "get the CPUs of its tier"),
        (("task", "create", *TASK, *BUILD, "--schedule", "0 24 * * *"), 2, "'24' is not a valid hour"),
        (("task", "create", *TASK, "--context", GIT, "--file", "Dockerfile"), 2, "--git-access-token is missing"),
        (("task", "create", *TASK, "--file", "Dockerfile"), 2, "--context is missing"),
        (("task", "update", *REGISTRY, "--name", "notask"), 3, "Could not find a task named 'notask'"),
        (("task", "run", *REGISTRY, "--name", "notask"), 3, "Could not find a task named 'notask'"),
        (("run", *REGISTRY, "--agent-pool", "emptypool", "--cmd", "bash", "/dev/null"), 1, "has no instances"),
        (("run", *REGISTRY, "--cmd", "bash", "."), 2, "--cmd runs without a source"),
        (("run", *REGISTRY, "--file", "missing.yaml", "."), 3, "There is no file 'missing.yaml'"),
        (("run", *REGISTRY, "--file", "missing.yaml", "/dev/null"), 2, "There is no task file 'missing.yaml'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_is_refused_before_anything_is_sent(
    az: Az, emulator: Emulator, arguments: tuple[str, ...], code: int, told: str
) -> None:
    emulator.control("DELETE", "journal")
    refused = az("acr", *arguments).failed(code)
    assert told in refused.stderr
    changes = [entry for entry in emulator.journal() if entry["method"] in ("PUT", "PATCH", "POST")]
    # A POST that reads: the task with its secrets, which `update` starts from.
    assert not [entry for entry in changes if not entry["path"].endswith("/listDetails")]


def test_new_task_on_an_empty_pool_is_warned_about(az: Az) -> None:
    created = az("acr", "task", "create", *TASK, "--agent-pool", "emptypool", *BUILD).succeeded()
    assert "Agent pool 'emptypool' has no instances" in created.stderr
    refused = az("acr", "task", "run", *TASK).failed(1)
    assert "az acr agentpool update --registry myregistry --name emptypool --count 1" in refused.stderr


def test_run_of_a_folder_whose_task_file_is_ignored(az: Az, emulator: Emulator, tmp_path: Path) -> None:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "task.yaml").write_text("version: v1.1.0\nsteps:\n  - build: -t app:v1 .\n")
    (folder / "Dockerfile").write_text("FROM scratch\nCOPY hello.txt /\n")
    (folder / "hello.txt").write_text("hello\n")
    (folder / ".dockerignore").write_text("*.yaml\n")
    run = ("acr", "run", *REGISTRY, "--agent-pool", "mypool", "--file", "task.yaml", str(folder))
    done = az(*run).succeeded()
    assert "Successfully tagged" in done.stdout
    assert newest_run(emulator)["pool"] == "mypool"
    (folder / "hello.txt").unlink()
    failed = az(*run).failed(1)
    assert "COPY failed" in failed.stdout


def test_run_of_a_command_and_of_standard_input(az: Az) -> None:
    done = az("acr", "run", *REGISTRY, "--cmd", "bash echo hello", "/dev/null").succeeded()
    assert "hello" in done.stdout.splitlines()
    piped = az(
        "acr", "run", *REGISTRY, "--file", "-", "/dev/null", stdin="steps:\n  - cmd: bash echo piped\n"
    ).succeeded()
    assert "piped" in piped.stdout.splitlines()
    failed = az("acr", "run", *REGISTRY, "--no-logs", "--cmd", "bash exit 3", "/dev/null").failed(1)
    assert failed.stdout == ""


def test_task_run_on_a_folder(az: Az, emulator: Emulator, tmp_path: Path) -> None:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "Other.Dockerfile").write_text("FROM scratch\nCOPY hello.txt /\n")
    (folder / "hello.txt").write_text("hello\n")
    az("acr", "task", "create", *TASK, *BUILD).succeeded()
    local = ("--context", "source", "--file", "Other.Dockerfile")
    done = az("acr", "task", "run", *TASK, *local, folder=tmp_path).succeeded()
    assert "Successfully tagged" in done.stdout
    override = emulator.requests("POST", "/scheduleRun")[-1]["body"]["overrideTaskStepProperties"]
    assert override["file"] == "Other.Dockerfile"
    assert override["contextPath"].startswith("source/")


def test_no_wait_prints_the_queued_run(az: Az) -> None:
    az("acr", "task", "create", *TASK, "--agent-pool", "mypool", *BUILD).succeeded()
    for arguments in (("task", "run", *TASK), ("run", *REGISTRY, "--cmd", "bash", "/dev/null")):
        assert az("acr", *arguments, "--no-wait").succeeded().json["runId"].startswith("cf")


def test_next_times_of_a_schedule_are_shown(az: Az) -> None:
    schedules = ("--schedule", "nightly:0 21 * * *", "--schedule", "0 6 * * Mon")
    created = az("acr", "task", "create", *TASK, *BUILD, *schedules).succeeded()
    told = [line for line in created.stderr.splitlines() if line.startswith("Timer ")]
    assert [line.split(")")[0] for line in told] == ["Timer nightly (0 21 * * *", "Timer t2 (0 6 * * Mon"]
    assert all(line.count(":00") == 3 and line.endswith(" UTC.") for line in told)
    assert created.json["name"] == "mytask"


def test_secrets_are_sent_and_shown_nowhere(az: Az, emulator: Emulator) -> None:
    token = ("--git-access-token", "s3cret-token")
    secrets = ("--set-secret", "key=s3cret-value")
    argument = ("--secret-arg", "TOKEN=s3cret-argument")
    server = ("--login-server", "other.azurecr.io", "--username", "me", "--password", "s3cret-password")
    commands = (
        ("task", "create", *TASK, "--context", GIT, "--file", "Dockerfile", "--image", "a:b", *token, *argument),
        ("task", "update", *TASK, "--file", "task.yaml", *token, *secrets),
        ("task", "update", *TASK, "--file", "Dockerfile", *argument),
        ("task", "run", *TASK, *argument, *secrets),
        ("run", *REGISTRY, "--cmd", "bash", *secrets, "/dev/null"),
        ("task", "credential", "add", *TASK, *server),
        ("task", "credential", "update", *TASK, *server),
        # az's own --name; the service refuses it, and its answer is shown.
        ("task", "create", *REGISTRY, "--name", "a.b", "--context", "/dev/null", "--cmd", "bash", *secrets, *token),
    )
    sent = []
    for command in commands:
        emulator.control("DELETE", "journal")
        done = az("acr", *command, "--debug")
        # az itself writes down the command line, before any command has a say.
        told = "\n".join(line for line in done.stderr.splitlines() if "Command arguments: [" not in line)
        assert not [secret for secret in SECRETS if secret in done.stdout + told], command
        sent += [str(entry["body"]) for entry in emulator.journal()]
    assert all(any(secret in body for body in sent) for secret in SECRETS)
