"""Long pool operations as a user meets them: watched, left, taken up again, failing, on a bad network."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from az_harness import Az, Emulator, finish, interrupt

POOL = ("--registry", "myregistry", "--name")
SUBNET = (
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/net/providers/Microsoft.Network"
    "/virtualNetworks/v/subnets/agents"
)
WORLD = {
    "registries": [{"name": "myregistry", "agentPools": [{"name": "oldpool"}, {"name": "busypool"}]}],
    "subnets": [{"id": SUBNET, "createError": "The scale set could not be created."}],
}
POOL_SECONDS = 600


@pytest.fixture(scope="module")
def emulator(emulators: Callable[..., Emulator]) -> Emulator:
    """Pool operations end when a test lets their time pass."""
    return emulators("--pool-seconds", str(POOL_SECONDS), "--retry-after", "1", world=WORLD)


def let_operations_end(emulator: Emulator) -> None:
    emulator.control("POST", "clock/advance", {"seconds": POOL_SECONDS + 1})


def test_wait_takes_up_a_create_that_nobody_waited_for(az: Az, emulator: Emulator) -> None:
    begun = az("acr", "agentpool", "create", *POOL, "unawaited", "--no-wait").succeeded()
    assert begun.stdout == ""
    wait = ("acr", "agentpool", "wait", "-r", "myregistry", "-n", "unawaited", "--created")
    assert (f"The create of agent pool 'unawaited' has begun. Wait for its end with: az {' '.join(wait)}") in begun.told
    late = az(*wait, "--timeout", "1").failed(124)
    assert "ERROR: Agent pool 'unawaited' is still not created after 1 s (state: Creating)." in late.told
    emulator.control("DELETE", "journal")
    process = az.start(*wait)
    emulator.wait_for_requests(1, "GET", "/agentpools/unawaited")
    let_operations_end(emulator)
    done = finish(process).succeeded()
    assert done.stdout == ""
    assert "Agent pool 'unawaited': Creating (usually takes 5 to 13 minutes)" in done.told
    assert re.fullmatch(r"Agent pool 'unawaited': Succeeded after \d+ s", done.told[-1])


def test_ctrl_c_leaves_a_create_that_can_be_waited_for_again(real_az: Az, az: Az, emulator: Emulator) -> None:
    emulator.control("DELETE", "journal")
    process = real_az.start("acr", "agentpool", "create", *POOL, "interrupted")
    emulator.wait_for_requests(1, "GET", "/operationstatuses/")
    interrupt(process)
    left = finish(process).failed(130)
    assert "ERROR: Interrupted. The create of agent pool 'interrupted' goes on." in left.told
    assert "Wait for its end with: az acr agentpool wait -r myregistry -n interrupted --created" in left.told
    let_operations_end(emulator)
    az("acr", "agentpool", "wait", *POOL, "interrupted", "--created").succeeded()


def test_wait_until_a_pool_is_gone(az: Az, emulator: Emulator) -> None:
    az("acr", "agentpool", "delete", *POOL, "oldpool", "--yes", "--no-wait").succeeded()
    emulator.control("DELETE", "journal")
    process = az.start("acr", "agentpool", "wait", *POOL, "oldpool", "--deleted", "--interval", "1")
    emulator.wait_for_requests(2, "GET", "/agentpools/oldpool")
    let_operations_end(emulator)
    finish(process).succeeded()
    az("acr", "agentpool", "wait", *POOL, "oldpool", "--updated").failed(3)


def test_wait_needs_a_condition(az: Az) -> None:
    refused = az("acr", "agentpool", "wait", *POOL, "anypool").failed(2)
    assert (
        "Give --created, --updated, --deleted, --exists, --idle or --custom JMESPATH; of several, one is enough."
    ) in refused.told


def test_failed_create_says_why_and_what_to_type(az: Az, emulator: Emulator) -> None:
    emulator.control("DELETE", "journal")
    process = az.start("acr", "agentpool", "create", *POOL, "doomed", "--subnet-id", SUBNET, "--skip-checks")
    emulator.wait_for_requests(1, "GET", "/operationstatuses/")
    let_operations_end(emulator)
    failed = finish(process).failed(1)
    assert (
        "ERROR: (AgentPoolError) The create of agent pool 'doomed' ended as Failed. The status for Agent Pool doomed is"
        " Error. Error Message: The scale set could not be created."
    ) in failed.told
    assert (
        "A Failed pool cannot be changed: delete it with `az acr agentpool delete -r myregistry -n doomed` and create"
        " it again."
    ) in failed.told
    assert re.fullmatch("Correlation ID, for a support request: [0-9a-f]{8}-[0-9a-f-]{27}", failed.told[-1])
    again = az("acr", "agentpool", "wait", *POOL, "doomed", "--created").failed(1)
    assert "ERROR: Agent pool 'doomed' is in state Failed. It will not become created." in again.told


def hiccup(fault: dict[str, Any]) -> dict[str, Any]:
    return {"match": {"method": "GET", "path": "/operationStatuses/"}, "times": 1, "fault": fault}


def test_hiccups_while_an_operation_is_followed_are_waited_out(az: Az, emulator: Emulator) -> None:
    emulator.control("DELETE", "journal")
    faults: list[dict[str, Any]] = [{"status": 429, "headers": {"Retry-After": "1"}}, {"status": 503}, {"reset": True}]
    emulator.control("PUT", "faults", [hiccup(fault) for fault in faults])
    process = az.start("acr", "agentpool", "create", *POOL, "hiccups")
    emulator.wait_for_requests(len(faults) + 1, "GET", "/operationstatuses/")
    let_operations_end(emulator)
    done = finish(process)
    emulator.control("DELETE", "faults")
    assert done.succeeded().json["provisioningState"] == "Succeeded"
    (hiccups,) = (line for line in done.told if "no answer" in line)
    assert re.fullmatch(
        r"Agent pool 'hiccups': no answer after \d+ s, trying again: The service answered with HTTP status 429 and gave"
        " no reason.",
        hiccups,
    )


def test_runs_of_a_busy_pool(az: Az, emulator: Emulator, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nRUN sleep 3000\n")
    build = ("acr", "build", "--registry", "myregistry", "--agent-pool", "busypool", "--no-wait", "--image", "app:v1")
    for _ in range(2):
        az(*build, ".", folder=tmp_path).succeeded()
    emulator.control("POST", "clock/advance", {"seconds": 1000})
    running, queued = az("acr", "agentpool", "list-runs", *POOL, "busypool").succeeded().json
    assert [running["status"], queued["status"]] == ["Running", "Queued"]
    assert running["createTime"] < queued["createTime"]
    assert running["waitedSeconds"] < 500 < running["runningSeconds"] < 1500
    assert 999 <= queued["waitedSeconds"] < 1500
    assert queued["runningSeconds"] is None
    table = az("acr", "agentpool", "list-runs", *POOL, "busypool", "--top", "1", "--output", "table").succeeded()
    heading, _, row = table.stdout.splitlines()
    assert heading.split() == ["RUN", "ID", "STATUS", "TASK", "TRIGGER", "CREATED", "WAITED", "RUNNING"]
    assert row.split()[:3] == [running["runId"], "Running", "Manual"]
    busy = az("acr", "agentpool", "wait", *POOL, "busypool", "--idle", "--timeout", "0").failed(124)
    assert (
        "ERROR: Agent pool 'busypool' is still not idle after 0 s (state: Succeeded, 1 queued, 1 running)."
    ) in busy.told
    emulator.control("POST", "clock/advance", {"seconds": 8000})
    az("acr", "agentpool", "wait", *POOL, "busypool", "--idle").succeeded()
    assert az("acr", "agentpool", "list-runs", *POOL, "busypool").succeeded().json == []
    az("acr", "agentpool", "list-runs", *POOL, "nosuchpool").failed(3)
