"""The agent pool that a run is sent to: whether it takes the run, told before anything is sent."""

from __future__ import annotations

import pytest
from run_azure import Azure
from scripted_arm import arm_error
from scripted_transport import Reply

SCALE_UP = "Scale it up with: az acr agentpool update -r myregistry -n mypool --count 1"
NO_INSTANCES = ("Agent pool 'mypool' has no instances: the run would stay queued.", SCALE_UP)
FAILED = (
    "Agent pool 'mypool' is in state Failed and takes no runs.",
    "Delete it with `az acr agentpool delete -r myregistry -n mypool` and create it again, or use another pool.",
)
BROKEN_OFF = (
    "Agent pool mypool is in state Canceled: its last change was broken off, so that it may have fewer than 2"
    " instances. Repeat the change with: az acr agentpool update -r myregistry -n mypool --count 2"
)


@pytest.mark.parametrize("no_wait", [False, True])
def test_a_pool_that_does_not_exist_is_told_before_anything_is_sent(azure: Azure, context: str, no_wait: bool) -> None:
    finished = azure.build(context, agent_pool_name="nopool", no_wait=no_wait)
    assert finished.exit_code == 3
    assert finished.told == [
        "There is no agent pool 'nopool' in registry 'myregistry'. It has: emptypool, mypool, single.",
        "Create it with: az acr agentpool create -r myregistry -n nopool --tier S2",
    ]
    assert not azure.uploads
    assert "POST /scheduleRun" not in azure.asked


@pytest.mark.parametrize(
    ("count", "state", "problem"),
    [
        (0, "Succeeded", NO_INSTANCES),
        (1, "Failed", FAILED),
        (2, "Deleting", ("Agent pool 'mypool' is being deleted.", "Use another pool.")),
        (0, "Canceled", NO_INSTANCES),
    ],
)
def test_a_pool_that_takes_no_runs_is_an_error_unless_nobody_waits(
    azure: Azure, context: str, count: int, state: str, problem: tuple[str, str]
) -> None:
    azure.pool.count, azure.pool.settled = count, state
    refused = azure.build(context, agent_pool_name="mypool")
    assert (refused.exit_code, refused.told) == (1, list(problem))
    assert not azure.uploads
    assert azure.sent("PATCH") == []
    queued = azure.build(context, agent_pool_name="mypool", no_wait=True)
    assert queued.result.run_id == "cf1"
    assert queued.told[0] == " ".join(problem)


NONE_ALLOWED = "v1; max=4; min=0; at=daily 11:00-13:00 UTC max=0"


@pytest.mark.parametrize(
    ("policy", "problem"),
    [
        (
            NONE_ALLOWED,
            (
                (
                    "Agent pool 'mypool' has no instances, and its autoscale policy allows none at this hour: the run"
                    " would stay queued."
                ),
                SCALE_UP,
            ),
        ),
        (
            "v1; min=0",
            (
                (
                    "Agent pool 'mypool' has no instances, and its autoscale policy cannot be read: the run would stay"
                    " queued."
                ),
                f"The policy in the tag acrpool-autoscale does not say max=N, the most instances. {SCALE_UP}",
            ),
        ),
    ],
    ids=["none allowed", "unreadable"],
)
def test_an_empty_pool_whose_policy_gives_it_nothing_is_an_error_unless_nobody_waits(
    azure: Azure, context: str, policy: str, problem: tuple[str, str]
) -> None:
    azure.pool.count, azure.pool.tags = 0, {"acrpool-autoscale": policy}
    refused = azure.build(context, agent_pool_name="mypool")
    assert (refused.exit_code, refused.told) == (1, list(problem))
    assert not azure.uploads
    queued = azure.build(context, agent_pool_name="mypool", no_wait=True)
    assert queued.result.run_id == "cf1"
    assert queued.told[0] == " ".join(problem)
    assert azure.sent("PATCH") == []


def test_a_pool_whose_policy_repeats_what_was_broken_off_needs_no_advice(azure: Azure) -> None:
    azure.pool.settled, azure.pool.tags = "Canceled", {"acrpool-autoscale": "v1; max=4; min=0"}
    assert azure.build(agent_pool_name="mypool", no_wait=True).told[0] == (
        "Agent pool mypool is in state Canceled: its last change was broken off, so that it may have fewer than 2"
        " instances. Its autoscale policy repeats the change where that is needed."
    )


def test_what_to_type_for_an_empty_pool(azure: Azure) -> None:
    assert azure.build(agent_pool_name="emptypool").told[-1] == (
        "Scale it up with: az acr agentpool update -r myregistry -n emptypool --count 1"
    )


def test_a_pool_that_is_being_created_is_waited_for(azure: Azure) -> None:
    azure.pool.settled = "Creating"
    finished = azure.build(agent_pool_name="mypool")
    assert finished.exit_code == 0
    assert finished.told[0] == ("Agent pool mypool is in state Creating; the run may have to wait until that is done.")


def test_a_pool_whose_last_change_was_broken_off_takes_runs_and_is_remarked_on(azure: Azure) -> None:
    azure.pool.settled = "Canceled"
    finished = azure.build(agent_pool_name="mypool")
    assert finished.exit_code == 0
    assert finished.told[:3] == [
        BROKEN_OFF,
        "WARNING: Queued a build with ID: cf1",
        "Run cf1 goes to agent pool mypool (2 instances)",
    ]
    assert azure.sent("PATCH") == []


@pytest.mark.parametrize("state", ["Failed", "Deleting"])
def test_no_scaling_helps_a_pool_that_cannot_be_changed(azure: Azure, state: str) -> None:
    azure.pool.settled = state
    finished = azure.build(agent_pool_name="mypool", ensure_capacity=2)
    assert finished.exit_code == 1
    assert azure.sent("PATCH") == azure.sent("POST") == []


def test_not_being_allowed_to_read_pools_stops_no_build(azure: Azure) -> None:
    azure.replies["GET /agentPools/mypool"] = arm_error(403, "AuthorizationFailed", "You may not.")
    finished = azure.build(agent_pool_name="mypool")
    assert finished.exit_code == 0
    assert finished.told[:3] == [
        "Agent pool mypool could not be checked: You may not.",
        "WARNING: Queued a build with ID: cf1",
        "Run cf1 goes to agent pool mypool",
    ]


def test_arm_failing_when_the_pool_is_read_stops_no_build(azure: Azure) -> None:
    azure.replies["GET /agentPools/mypool"] = Reply(503, {"error": {"code": "Busy", "message": "Come back later."}})
    finished = azure.build(agent_pool_name="mypool")
    assert (finished.exit_code, finished.stdout) == (0, "Step 1\n")
    assert finished.told[:3] == [
        "Agent pool mypool could not be checked: Come back later.",
        "WARNING: Queued a build with ID: cf1",
        "Run cf1 goes to agent pool mypool",
    ]
