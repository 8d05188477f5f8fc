"""Runs that are sent to empty agent pools with an autoscale policy: they start the scaling out themselves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from az_harness import Az, Emulator
from hello_context import write_hello_context

REGISTRY = ("--registry", "myregistry")
POLICY = {"acrpool-autoscale": "v1; max=2; min=0"}
POOLS = ("buildpool", "runpool", "taskpool", "guardedpool")
WORLD = {
    "registries": [
        {
            "name": "myregistry",
            "agentPools": [
                {"name": "plainpool", "count": 0},
                *({"name": name, "count": 0, "tags": POLICY} for name in POOLS),
            ],
        }
    ]
}
USUAL = "(by its autoscale policy; usually takes about 6 minutes)"


@pytest.fixture(scope="module")
def emulator(emulators: Callable[..., Emulator]) -> Emulator:
    return emulators(world=WORLD)


def scaled_out(name: str) -> str:
    return f"Agent pool '{name}' is scaled out from 0 to 1 instance: 1 queued run needs 1 instance {USUAL}"


def changes(emulator: Emulator, name: str) -> list[Any]:
    """What was asked of the pool."""
    return [entry["body"] for entry in emulator.requests("PATCH", f"/agentPools/{name}")]


def test_a_build_on_an_empty_pool_grows_it_and_succeeds(az: Az, emulator: Emulator, tmp_path: Path) -> None:
    context = write_hello_context(tmp_path / "context")
    done = az("acr", "build", *REGISTRY, "--agent-pool", "buildpool", "-t", "hello:v1", str(context)).succeeded()
    assert "Successfully tagged myregistry.azurecr.io/hello:v1" in done.printed
    assert scaled_out("buildpool") in done.told
    assert changes(emulator, "buildpool") == [{"properties": {"count": 1}}]


def test_a_run_that_nobody_waits_for_grows_it_before_the_command_returns(az: Az, emulator: Emulator) -> None:
    queued = az("acr", "run", *REGISTRY, "--agent-pool", "runpool", "--cmd", "bash", "--no-wait", "/dev/null")
    assert queued.succeeded().json["status"] == "Queued"
    assert queued.told[-1] == scaled_out("runpool")
    assert changes(emulator, "runpool") == [{"properties": {"count": 1}}]


def test_a_task_may_be_on_an_empty_pool_and_its_run_grows_it(az: Az, emulator: Emulator) -> None:
    task = (*REGISTRY, "--name", "hello")
    created = az(
        "acr", "task", "create", *task, "--agent-pool", "taskpool", "--cmd", "bash", "--context", "/dev/null"
    ).succeeded()
    assert [line for line in created.told if "taskpool" in line] == []
    assert scaled_out("taskpool") in az("acr", "task", "run", *task).succeeded().told
    assert changes(emulator, "taskpool") == [{"properties": {"count": 1}}]


def test_a_pool_without_a_policy_is_refused(az: Az) -> None:
    refused = az("acr", "run", *REGISTRY, "--agent-pool", "plainpool", "--cmd", "bash", "/dev/null").failed(1)
    assert refused.told[-2:] == [
        "ERROR: Agent pool 'plainpool' has no instances: the run would stay queued.",
        "Scale it up with: az acr agentpool update -r myregistry -n plainpool --count 1",
    ]


def test_whoever_may_not_scale_the_pool_is_told_so_and_the_run_stays(az: Az, emulator: Emulator) -> None:
    write = "Microsoft.ContainerRegistry/registries/agentPools/write"
    error = {"code": "AuthorizationFailed", "message": f"You may not do {write}."}
    refusal = {"status": 403, "body": {"error": error}}
    emulator.control("PUT", "faults", [{"match": {"method": "PATCH"}, "fault": refusal}])
    queued = az("acr", "run", *REGISTRY, "--agent-pool", "guardedpool", "--cmd", "bash", "--no-wait", "/dev/null")
    assert queued.succeeded().json["status"] == "Queued"
    assert queued.told[-1].startswith(
        "Agent pool 'guardedpool' is not scaled out by its autoscale policy: it could not be scaled to 1"
        f" instance: (AuthorizationFailed) You may not do {write}. Agent pools, builds and tasks need the role"
    )
