"""`--retry-infra` as pipelines see it: runs that end for what is not their fault, and the exit code of the last one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from az_harness import Az, Emulator, finish, interrupt

NO_TLS = 'Get "https://registry-1.docker.io/v2/": net/http: TLS handshake timeout'
SERVER_ERROR = "received unexpected HTTP status: 500 Internal Server Error"


def failing(name: str, **fault: Any) -> dict[str, Any]:
    """A registry whose runs fail so; its agents try each push three times."""
    return {"name": name, "agentPools": [{"name": "mypool", "count": 0}], "runFaults": [fault]}


WORLD = {
    "registries": [
        failing("erroronce", fault="error", says="internal error"),
        failing("runonce", fault="error", says="internal error"),
        failing("taskonce", fault="error", says="internal error"),
        failing("errorpool", fault="error", says="internal error"),
        failing("alwayserror", fault="error", says="internal error", times=None),
        failing("pullonce", fault="pull", says=NO_TLS),
        failing("pushonce", fault="push", says=SERVER_ERROR, times=3),
        failing("refused", fault="push", says="denied: requested access to the resource is denied", times=None),
        failing("wellenough", fault="pull", says=NO_TLS, skip=1),
    ]
}


@pytest.fixture(scope="module")
def emulator(emulators: Callable[..., Emulator]) -> Emulator:
    return emulators(world=WORLD)


@pytest.fixture
def context(tmp_path: Path) -> str:
    folder = tmp_path / "context"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM alpine\nRUN echo hello\n")
    return str(folder)


def state(emulator: Emulator, registry: str) -> dict[str, Any]:
    registries = emulator.control("GET", "state")["registries"]
    (found,) = (each for each in registries if each["id"].endswith(f"/{registry}"))
    return dict(found)


def statuses(emulator: Emulator, registry: str) -> list[str]:
    return [run["status"] for run in state(emulator, registry)["runs"]]


def retries(told: list[str]) -> list[str]:
    return [line for line in told if "queued again" in line]


@pytest.mark.parametrize(
    ("registry", "status", "reason"),
    [
        ("erroronce", "Error", "ended as Error (internal error)"),
        ("pullonce", "Failed", f"could not pull, push or log in ({NO_TLS})"),
        ("pushonce", "Failed", f"could not pull, push or log in ({SERVER_ERROR})"),
    ],
    ids=["error", "pull", "push"],
)
def test_a_build_that_is_queued_again_succeeds(
    az: Az, emulator: Emulator, context: str, registry: str, status: str, reason: str
) -> None:
    built = az("acr", "build", "-r", registry, "-t", "app:v1", "--retry-infra", "2", context).succeeded()
    assert retries(built.told) == [f"WARNING: Run cf1 {reason}. It is queued again in 5 s, retry 1 of 2."]
    assert statuses(emulator, registry) == [status, "Succeeded"]
    assert [line for line in built.told if "Queued a build" in line] == [
        "WARNING: Queued a build with ID: cf1",
        "WARNING: Queued a build with ID: cf2",
    ]
    assert "Run ID: cf2 was successful" in built.stdout


def test_a_run_is_queued_again_as_what_it_was(az: Az, emulator: Emulator) -> None:
    command = ("acr", "run", "-r", "runonce", "--cmd", "alpine echo hello", "/dev/null", "--retry-infra", "1")
    ran = az(*command, "--logs", "stderr", "--query", "[runId, status]", "-o", "tsv").succeeded()
    assert ran.stdout.split() == ["cf2", "Succeeded"]
    assert statuses(emulator, "runonce") == ["Error", "Succeeded"]


def test_the_run_of_a_task_is_queued_again(az: Az, emulator: Emulator) -> None:
    az("acr", "task", "create", "-r", "taskonce", "-n", "mytask", "--cmd", "alpine", "-c", "/dev/null").succeeded()
    az("acr", "task", "run", "-r", "taskonce", "-n", "mytask", "--retry-infra", "1").succeeded()
    assert statuses(emulator, "taskonce") == ["Error", "Succeeded"]


def test_a_build_that_fails_by_itself_is_not_queued_again(az: Az, emulator: Emulator, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(f"FROM alpine\nRUN echo '{NO_TLS}' && exit 3\n")
    failed = az("acr", "build", "-r", "wellenough", "--retry-infra", "5", str(tmp_path)).failed(1)
    assert retries(failed.told) == []
    assert statuses(emulator, "wellenough") == ["Failed"]


def test_a_push_that_is_refused_is_not_tried_again(az: Az, emulator: Emulator, context: str) -> None:
    failed = az("acr", "build", "-r", "refused", "-t", "app:v1", "--retry-infra", "5", context).failed(1)
    assert retries(failed.told) == []
    assert statuses(emulator, "refused") == ["Failed"]


def test_when_no_retry_is_left_the_last_run_counts(az: Az, emulator: Emulator, context: str) -> None:
    failed = az("acr", "build", "-r", "alwayserror", "--retry-infra", "1", context).failed(1)
    assert statuses(emulator, "alwayserror") == ["Error", "Error"]
    assert failed.told[-3:] == [
        "ERROR: Run cf2 ended as Error: internal error",
        "It was queued in place of cf1.",
        "See its whole log with: az acr task logs -r alwayserror --run-id cf2",
    ]


def test_an_interruption_in_the_pause_leaves_no_run_and_no_instance(az: Az, emulator: Emulator, context: str) -> None:
    pool = ("--agent-pool", "mypool", "--ensure-capacity", "1")
    process = az.start("acr", "build", "-r", "errorpool", *pool, "--retry-infra", "9", context)
    assert process.stderr is not None
    for line in process.stderr:
        if "queued again" in line:
            break
    interrupt(process)
    interrupted = finish(process).failed(130)
    assert "ERROR: Interrupted when run cf1 had already ended as Error." in interrupted.told
    assert statuses(emulator, "errorpool") == ["Error"]
    assert state(emulator, "errorpool")["pools"][0]["properties"]["count"] == 0


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--retry-infra", "-1"), "--retry-infra must be a number of runs from 0 to 2147483647."),
        (
            ("--retry-infra", "1", "--no-wait"),
            "--retry-infra cannot be used with --no-wait: nobody would be there to see how the run ends.",
        ),
    ],
    ids=["negative", "no-wait"],
)
def test_what_makes_no_sense_is_refused_before_anything_is_sent(
    az: Az, emulator: Emulator, context: str, options: tuple[str, ...], told: str
) -> None:
    refused = az("acr", "build", "-r", "erroronce", *options, context).failed(2)
    assert f"ERROR: {told}" in refused.told
