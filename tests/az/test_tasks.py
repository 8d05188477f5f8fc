"""`az acr run` and `az acr task` as users type them: what runs where, what is printed, how it ends."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from az_harness import Az, Emulator
from hello_context import NO_HELLO, write_hello_context

REGISTRY = ("--registry", "myregistry")
TASK = (*REGISTRY, "--name", "mytask")
GIT = "https://github.com/Azure-Samples/acr-build-helloworld-node.git#main"
BUILD = ("--context", GIT, "--file", "Dockerfile", "--image", "app:v1", "--commit-trigger-enabled", "false")
EMPTY = "Agent pool 'emptypool' has no instances: the run would stay queued."
SCALE_UP = "Scale it up with: az acr agentpool update -r myregistry -n emptypool --count 1"
CPU_OF_POOL = (
    "cannot be used with an agent pool: runs on agent pool 'mypool' get the CPUs of its tier, and the service refuses a"
    " number beside it."
)
TOKEN_MISSING = (
    "is missing: the service needs it to hear of commits and pull requests. To do without such triggers, give"
    " --commit-trigger-enabled false."
)
NO_TASK = "Could not find a task named 'notask' in registry 'myregistry'."
TAGGED = "Successfully tagged myregistry.azurecr.io/app:v1"
POOLS = [{"name": "mypool"}, {"name": "otherpool"}, {"name": "emptypool", "count": 0}]
WORLD = {"registries": [{"name": "myregistry", "agentPools": POOLS}]}
SECRETS = ("s3cret-token", "s3cret-argument", "s3cret-value", "s3cret-password")


@pytest.fixture(scope="module")
def emulator(emulators: Callable[..., Emulator]) -> Emulator:
    return emulators(world=WORLD)


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
    assert TAGGED in done.printed
    run = newest_run(emulator)
    assert f"Run {run['id']} goes to agent pool mypool (1 instance)" in done.told
    assert run["pool"] == "mypool"

    same = az("acr", "task", "run", *TASK, "--agent-pool", "mypool", "--no-logs").succeeded()
    assert same.json["status"] == "Succeeded"
    other = az("acr", "task", "run", *TASK, "--agent-pool", "otherpool").failed(1)
    assert other.told[-2] == (
        "Move the task there, with all its runs to come: az acr task update -r myregistry -n mytask"
        " --agent-pool otherpool"
    )

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
    assert "ERROR: Task 'mytask' has a credential for 'other.azurecr.io' already." in again.told
    assert (
        "Change it with: az acr task credential update -r myregistry -n mytask --login-server other.azurecr.io"
    ) in again.told
    assert az("acr", "task", "credential", "remove", *TASK, *server).succeeded().json == {}
    assert pool_of(az) == "mypool"
    plain_az("acr", "task", "credential", "add", *TASK, *server, *login).succeeded()
    assert pool_of(plain_az) is None


@pytest.mark.parametrize(
    ("arguments", "code", "problem"),
    [
        (
            ("task", "create", *TASK, "--agent-pool", "nopool", *BUILD),
            3,
            "There is no agent pool 'nopool' in registry 'myregistry'. It has: emptypool, mypool, otherpool.",
        ),
        (
            ("task", "create", *TASK, *BUILD, "--agent-pool", "mypool", "--cpu", "2"),
            2,
            f"--cpu {CPU_OF_POOL}",
        ),
        (("task", "create", *TASK, *BUILD, "--schedule", "0 24 * * *"), 2, "'24' is not a valid hour: 0 to 23."),
        (
            ("task", "create", *TASK, "--context", GIT, "--file", "Dockerfile"),
            2,
            f"--git-access-token {TOKEN_MISSING}",
        ),
        (
            ("task", "create", *TASK, "--file", "Dockerfile"),
            2,
            "--context is missing: the task's source; /dev/null for a command (--cmd) that needs none.",
        ),
        (("task", "update", *REGISTRY, "--name", "notask"), 3, NO_TASK),
        (("task", "run", *REGISTRY, "--name", "notask"), 3, NO_TASK),
        (("run", *REGISTRY, "--agent-pool", "emptypool", "--cmd", "bash", "/dev/null"), 1, EMPTY),
        (
            ("run", *REGISTRY, "--cmd", "bash", "."),
            2,
            "--cmd runs without a source: leave the source location out, or give /dev/null.",
        ),
        (
            ("run", *REGISTRY, "--file", "missing.yaml", "."),
            3,
            "There is no file 'missing.yaml' in the source location '.'.",
        ),
        (
            ("run", *REGISTRY, "--file", "missing.yaml", "/dev/null"),
            2,
            "There is no task file 'missing.yaml'. Name one with --file, or give a command with --cmd.",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_is_refused_before_anything_is_sent(
    az: Az, emulator: Emulator, arguments: tuple[str, ...], code: int, problem: str
) -> None:
    emulator.control("DELETE", "journal")
    refused = az("acr", *arguments).failed(code)
    assert f"ERROR: {problem}" in refused.told
    changes = [entry for entry in emulator.journal() if entry["method"] in ("PUT", "PATCH", "POST")]
    # A POST that reads: the task with its secrets, which `update` starts from.
    assert not [entry for entry in changes if not entry["path"].endswith("/listDetails")]


def test_new_task_on_an_empty_pool_is_warned_about(az: Az) -> None:
    created = az("acr", "task", "create", *TASK, "--agent-pool", "emptypool", *BUILD).succeeded()
    assert f"{EMPTY} {SCALE_UP}" in created.told
    refused = az("acr", "task", "run", *TASK).failed(1)
    assert SCALE_UP in refused.told


def test_run_of_a_folder_whose_task_file_is_ignored(az: Az, emulator: Emulator, tmp_path: Path) -> None:
    folder = write_hello_context(tmp_path / "source")
    (folder / "task.yaml").write_text("version: v1.1.0\nsteps:\n  - build: -t $Registry/app:v1 .\n")
    (folder / ".dockerignore").write_text("*.yaml\n")
    run = ("acr", "run", *REGISTRY, "--agent-pool", "mypool", "--file", "task.yaml", str(folder))
    done = az(*run).succeeded()
    assert TAGGED in done.printed
    assert newest_run(emulator)["pool"] == "mypool"
    (folder / "hello.txt").unlink()
    failed = az(*run).failed(1)
    assert NO_HELLO in failed.printed


def test_run_of_a_command_and_of_standard_input(az: Az) -> None:
    done = az("acr", "run", *REGISTRY, "--cmd", "bash echo hello", "/dev/null").succeeded()
    assert "hello" in done.printed
    piped = az(
        "acr", "run", *REGISTRY, "--file", "-", "/dev/null", stdin="steps:\n  - cmd: bash echo piped\n"
    ).succeeded()
    assert "piped" in piped.printed
    failed = az("acr", "run", *REGISTRY, "--no-logs", "--cmd", "bash exit 3", "/dev/null").failed(1)
    assert failed.json["status"] == "Failed"


def test_task_run_on_a_folder(az: Az, emulator: Emulator, tmp_path: Path) -> None:
    folder = write_hello_context(tmp_path / "source")
    (folder / "Dockerfile").rename(folder / "Other.Dockerfile")
    az("acr", "task", "create", *TASK, *BUILD).succeeded()
    local = ("--context", "source", "--file", "Other.Dockerfile")
    done = az("acr", "task", "run", *TASK, *local, folder=tmp_path).succeeded()
    assert TAGGED in done.printed
    override = emulator.last_run_request()["overrideTaskStepProperties"]
    assert override["file"] == "Other.Dockerfile"
    assert override["contextPath"].startswith("source/")


def test_no_wait_prints_the_queued_run(az: Az) -> None:
    az("acr", "task", "create", *TASK, "--agent-pool", "mypool", *BUILD).succeeded()
    for arguments in (("task", "run", *TASK), ("run", *REGISTRY, "--cmd", "bash", "/dev/null")):
        assert az("acr", *arguments, "--no-wait").succeeded().json["runId"].startswith("cf")


def test_next_times_of_a_schedule_are_shown(az: Az) -> None:
    schedules = ("--schedule", "nightly:0 21 * * *", "--schedule", "0 6 * * Mon")
    created = az("acr", "task", "create", *TASK, *BUILD, *schedules).succeeded()
    first, second = (line for line in created.told if line.startswith("Timer "))
    nightly = r"Timer nightly \(0 21 \* \* \*\) comes next at \S+ 21:00, \S+ 21:00, \S+ 21:00 UTC\."
    weekly = r"Timer t2 \(0 6 \* \* Mon\) comes next at \S+ 06:00, \S+ 06:00, \S+ 06:00 UTC\."
    assert re.fullmatch(nightly, first)
    assert re.fullmatch(weekly, second)
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
        # az's own, which it writes before it loads any extension.
        first, *others = done.told
        assert first.startswith("DEBUG: cli.knack.cli: Command arguments: ['acr', ")
        told = "\n".join((*others, *done.printed))
        assert not [secret for secret in SECRETS if secret in told], command
        sent += [str(entry["body"]) for entry in emulator.journal()]
    assert all(any(secret in body for body in sent) for secret in SECRETS)


def test_what_a_task_builds_from_is_sent_though_it_is_ignored(az: Az, emulator: Emulator) -> None:
    source = az.folder / "src"
    (source / "docker").mkdir(parents=True)
    (source / "docker" / "Dockerfile").write_text("FROM scratch\nCOPY acb.yaml /\n")
    (source / "acb.yaml").write_text("version: v1.1.0\nsteps:\n  - build: -t $Registry/app:v1 -f docker/Dockerfile .\n")
    (source / ".dockerignore").write_text("**/Dockerfile\n")
    assert TAGGED in az("acr", "run", *REGISTRY, "-f", "src/acb.yaml", "src").succeeded().printed
