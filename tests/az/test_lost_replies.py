"""What becomes of a run when the reply to the request that queues it is lost: never somebody else's, and never two."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from az_harness import Az, Emulator
from az_processes import Forks
from hello_context import write_hello_context

REGISTRY = ("--registry", "myregistry")
WORLD = {"registries": [{"name": "myregistry", "agentPools": [{"name": "mypool"}]}]}
GIT = "https://github.com/Azure-Samples/acr-build-helloworld-node.git#main"
BAD_GATEWAY = {"status": 502, "body": "<html>Bad Gateway</html>"}
TOO_MANY = {
    "status": 429,
    "body": {"error": {"code": "TooManyRequests", "message": "Slow."}},
    "headers": {"Retry-After": "1"},
}
LIST = "See all runs before trying again: az acr task list-runs -r myregistry -o table"


@pytest.fixture
def emulator(emulators: Callable[..., Emulator]) -> Emulator:
    # Of its own: whatever else is queued there meanwhile could be the lost run.
    return emulators(world=WORLD)


@pytest.fixture
def az(emulator: Emulator, extensions: Path, forks: Forks, tmp_path: Path) -> Az:
    return emulator.az(tmp_path, extensions, forks(extensions))


@pytest.fixture
def context(tmp_path: Path) -> str:
    return str(write_hello_context(tmp_path / "context"))


def next_schedule(emulator: Emulator, fault: dict[str, Any], times: int = 1) -> None:
    """Let the next requests that queue a run go wrong."""
    emulator.control("PUT", "faults", [{"match": {"path": "/scheduleRun"}, "times": times, "fault": fault}])


def runs(emulator: Emulator) -> dict[str, str]:
    return {run["id"]: run["status"] for run in emulator.control("GET", "state")["registries"][0]["runs"]}


def queue_another(emulator: Emulator, image: str) -> None:
    """What somebody else does just after the request whose reply is lost."""
    emulator.wait_for_requests(1, "POST", "/schedulerun")
    registry = next(entry for entry in emulator.journal() if entry["path"].lower().endswith("/registries/myregistry"))
    body = {
        "type": "DockerBuildRequest",
        "imageNames": [image],
        "isPushEnabled": True,
        "sourceLocation": GIT,
        "platform": {"os": "linux"},
        "dockerFilePath": "Dockerfile",
        "agentPoolName": "mypool",
    }
    emulator.arm("POST", f"{registry['path']}/scheduleRun", body)


BUILD = ("acr", "build", *REGISTRY, "--agent-pool", "mypool", "-t", "app:v2")


def test_a_build_that_may_have_been_queued_is_neither_taken_for_ours_nor_queued_twice(
    az: Az, emulator: Emulator, context: str
) -> None:
    next_schedule(emulator, {"drop-reply": True})
    done = az(*BUILD, context).failed(1)
    ((run_id, _),) = runs(emulator).items()
    assert f"It may have queued {run_id}, which may as well be somebody else's: nothing tells." in done.stderr
    assert done.told[-3:] == [
        f"See whether {run_id} is yours with: az acr task logs -r myregistry --run-id {run_id}",
        f"If it is, cancel it with: az acr task cancel-run -r myregistry --run-id {run_id}",
        LIST,
    ]


@pytest.mark.parametrize("option", ["--no-push", "--no-wait"])
def test_somebody_elses_run_is_never_taken_for_ours(az: Az, emulator: Emulator, context: str, option: str) -> None:
    next_schedule(emulator, BAD_GATEWAY)
    image = "app:v2" if option == "--no-wait" else "app:v1"
    process = az.start(*BUILD, option, context)
    queue_another(emulator, image)
    stdout, stderr = process.communicate(timeout=120)
    assert process.returncode == 1, stdout
    (other,) = runs(emulator)
    assert f"It may have queued {other}, which may as well be somebody else's: nothing tells." in stderr


def test_a_run_that_has_pushed_another_image_is_not_ours(az: Az, emulator: Emulator, context: str) -> None:
    next_schedule(emulator, BAD_GATEWAY)
    process = az.start(*BUILD, context)
    queue_another(emulator, "app:v1")
    stdout, stderr = process.communicate(timeout=120)
    assert process.returncode == 0, stderr
    assert "Successfully tagged myregistry.azurecr.io/app:v2" in stdout
    assert list(runs(emulator).values()) == ["Succeeded", "Succeeded"]


@pytest.mark.parametrize("fault", [BAD_GATEWAY, {"reset": True}, TOO_MANY], ids=["502", "reset", "429"])
def test_what_queued_nothing_is_asked_for_again(
    az: Az, emulator: Emulator, context: str, fault: dict[str, Any]
) -> None:
    next_schedule(emulator, fault)
    done = az(*BUILD, context).succeeded()
    assert "Successfully tagged myregistry.azurecr.io/app:v2" in done.printed
    assert list(runs(emulator).values()) == ["Succeeded"]


def test_the_run_of_a_task_is_known_by_its_token(az: Az, emulator: Emulator) -> None:
    task = ("acr", "task", "create", *REGISTRY, "-n", "mytask", "--agent-pool", "mypool", "-t", "app:v2")
    az(*task, "--context", GIT, "--file", "Dockerfile", "--commit-trigger-enabled", "false").succeeded()
    next_schedule(emulator, {"drop-reply": True})
    done = az("acr", "task", "run", *REGISTRY, "-n", "mytask").succeeded()
    ((run_id, status),) = runs(emulator).items()
    assert status == "Succeeded"
    assert f"Run {run_id} goes to agent pool mypool (1 instance)" in done.told
