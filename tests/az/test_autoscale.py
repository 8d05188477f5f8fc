"""Pools that are as large as their queues need: policies evaluated by az, by two at once, and through faults."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest
from az_harness import Az, Emulator, finish, interrupt

REGISTRY_PATH = (
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/myresourcegroup/providers"
    "/Microsoft.ContainerRegistry/registries/myregistry"
)
AUTOSCALE = ("acr", "agentpool", "autoscale")
POLICY = {"acrpool-autoscale": "v1; max=2; min=0"}
POOL_SECONDS = 300
FAULTY = ("lostreply", "badgateway", "busy", "refused", "unread", "unlisted")
REFUSED = (
    "ERROR: The evaluation of agent pool 'refused' failed: it could not be scaled to 1 instance: (AuthorizationFailed) "
    "You may not."
)
WORLD = {
    "registries": [
        {
            "name": "myregistry",
            # What is scaled in takes runs with it, so that one that is interrupted shows.
            "scaleInInterrupts": True,
            "agentPools": [
                {"name": "mypool", "count": 0},
                *({"name": name, "count": 0, "tags": POLICY} for name in ("twice", "watched", *FAULTY)),
                {"name": "newer", "count": 0, "tags": {"acrpool-autoscale": "v2; max=2"}},
            ],
        }
    ]
}


@pytest.fixture(scope="module")
def emulator(emulators: Callable[..., Emulator]) -> Emulator:
    """Pool operations end when a test lets their time pass."""
    return emulators("--pool-seconds", str(POOL_SECONDS), "--retry-after", "1", world=WORLD)


@pytest.fixture(autouse=True)
def no_journal(emulator: Emulator) -> None:
    emulator.control("DELETE", "journal")
    emulator.control("DELETE", "faults")


def evaluate(az: Az, pool: str, *options: str) -> Any:
    return az(*AUTOSCALE, "run", "-r", "myregistry", "-n", pool, *options)


def queue_run(emulator: Emulator, pool: str) -> None:
    step = b64encode(b"steps:\n- cmd: bash echo hi\n").decode()
    body = {"type": "EncodedTaskRunRequest", "encodedTaskContent": step, "platform": {"os": "linux"}}
    emulator.arm("POST", f"{REGISTRY_PATH}/scheduleRun", {**body, "agentPoolName": pool})


def let_pass(emulator: Emulator, seconds: float) -> None:
    emulator.control("POST", "clock/advance", {"seconds": seconds})


def count_of(emulator: Emulator, pool: str) -> int:
    count: int = emulator.arm("GET", f"{REGISTRY_PATH}/agentPools/{pool}")["properties"]["count"]
    return count


def changes(emulator: Emulator, pool: str) -> list[tuple[int, Any]]:
    """The status of each change that was asked for, and what."""
    return [(entry["status"], entry["body"]) for entry in emulator.requests("PATCH", f"/agentPools/{pool}")]


def test_a_pool_that_grows_and_goes(az: Az, emulator: Emulator) -> None:
    enable = (*AUTOSCALE, "enable", "-r", "myregistry", "-n", "mypool", "--max-count", "2", "--no-wait")
    az(*enable).succeeded()
    let_pass(emulator, POOL_SECONDS + 1)
    for _ in range(3):
        queue_run(emulator, "mypool")
    emulator.control("DELETE", "journal")
    grown = evaluate(az, "mypool").succeeded()
    assert grown.told[-1] == (
        "Agent pool 'mypool' is scaled out from 0 to 2 instances: 3 queued runs need 3 instances, "
        "the maximum of now is 2"
    )
    assert [(found["action"], found["targetCount"], found["carriedOut"]) for found in grown.json] == [
        ("scaleOut", 2, True)
    ]
    paths = [(entry["method"], entry["path"]) for entry in emulator.journal()]
    asked = [f"{method} {path.rpartition('/')[2]}" for method, path in paths if path.startswith("/subscriptions/")]
    assert asked == ["GET resources", "GET agentPools", "GET runs", "PATCH mypool"]
    assert count_of(emulator, "mypool") == 2

    let_pass(emulator, POOL_SECONDS + 600)
    assert "idle for" in evaluate(az, "mypool").succeeded().told[-1]
    let_pass(emulator, 900)
    assert "would be scaled in from 2 to 0 instances" in evaluate(az, "mypool", "--what-if").succeeded().told[-1]
    assert count_of(emulator, "mypool") == 2
    assert evaluate(az, "mypool").succeeded().told[-1:] == [
        "Agent pool 'mypool' is scaled in from 2 to 0 instances: nothing was queued or ran for 15 min"
    ]
    assert count_of(emulator, "mypool") == 0
    runs = emulator.control("GET", "state")["registries"][0]["runs"]
    assert {run["status"] for run in runs} == {"Succeeded"}


def test_two_evaluators_at_once_change_a_pool_once(az: Az, emulator: Emulator) -> None:
    queue_run(emulator, "twice")
    evaluators = [az.start(*AUTOSCALE, "run", "-r", "myregistry", "-n", "twice") for _ in range(2)]
    for evaluator in evaluators:
        finish(evaluator).succeeded()
    # The service takes the same request for the operation that is under way, and refuses any other.
    assert {body["properties"]["count"] for _, body in changes(emulator, "twice")} == {1}
    assert {status for status, _ in changes(emulator, "twice")} <= {201, 409}
    let_pass(emulator, POOL_SECONDS)
    pool = emulator.arm("GET", f"{REGISTRY_PATH}/agentPools/twice")["properties"]
    assert (pool["count"], pool["provisioningState"]) == (1, "Succeeded")


@pytest.mark.parametrize(
    ("pool", "fault", "told"),
    [
        ("lostreply", {"drop-reply": True}, "is scaled out from 0 to 1 instance: 1 queued run needs 1 instance"),
        ("badgateway", {"status": 502, "body": "<html>"}, "is scaled out from 0 to 1 instance: 1 queued run needs"),
        (
            "busy",
            {"status": 409, "body": {"error": {"code": "Conflict", "message": "It is being updated."}}},
            "is not scaled out from 0 to 1 instance: somebody else is changing it just now",
        ),
    ],
)
def test_a_change_that_goes_wrong(az: Az, emulator: Emulator, pool: str, fault: Any, told: str) -> None:
    queue_run(emulator, pool)
    emulator.control("PUT", "faults", [{"match": {"method": "PATCH"}, "times": 1, "fault": fault}])
    done = evaluate(az, pool).succeeded()
    assert done.told[-1].startswith(f"Agent pool '{pool}' {told}")
    assert count_of(emulator, pool) == (0 if pool == "busy" else 1)


@pytest.mark.parametrize(
    ("pool", "match", "told"),
    [
        (
            "refused",
            {"method": "PATCH"},
            REFUSED,
        ),
        ("unread", {"method": "GET", "path": "/runs"}, "ERROR: (AuthorizationFailed) You may not."),
        ("unlisted", {"method": "GET", "path": "/agentPools"}, "ERROR: (AuthorizationFailed) You may not."),
    ],
)
def test_what_is_refused_changes_nothing(az: Az, emulator: Emulator, pool: str, match: Any, told: str) -> None:
    queue_run(emulator, pool)
    refusal = {"status": 403, "body": {"error": {"code": "AuthorizationFailed", "message": "You may not."}}}
    emulator.control("PUT", "faults", [{"match": match, "times": 9, "fault": refusal}])
    failed = evaluate(az, pool).failed(1)
    assert told in failed.told
    emulator.control("DELETE", "faults")
    assert count_of(emulator, pool) == 0
    # What was evaluated is shown all the same.
    assert (failed.stdout != "") is (pool == "refused")


def test_a_policy_of_a_newer_acrpool_changes_nothing(az: Az, emulator: Emulator) -> None:
    failed = evaluate(az, "newer").failed(1)
    assert "was written by a newer acrpool: update the extension with az extension update" in failed.stderr
    assert changes(emulator, "newer") == []


def test_evaluating_for_ever_until_interrupted(az: Az, emulator: Emulator) -> None:
    process = az.start(*AUTOSCALE, "run", "-r", "myregistry", "-n", "watched", "--loop")
    emulator.wait_for_requests(1, "GET", "/runs")
    interrupt(process)
    left = finish(process).failed(130)
    assert left.stdout == ""
    assert left.told[-1] == "ERROR: Interrupted."
