"""`az acr agentpool autoscale disable`: the policy is gone, the instances are not."""

from __future__ import annotations

from typing import Any

import pytest
from pool_azure import PoolAzure, listing
from scripted_arm import arm_error, pool_body
from scripted_transport import Reply

from azext_acrpool.commands.autoscale.disable import disable_autoscale
from azext_acrpool.testing import Finished

UPDATED = [
    "Agent pool 'mypool': Updating (usually takes about 6 minutes)",
    "Agent pool 'mypool': Succeeded after 2 s",
]
POLICY = {"acrpool-autoscale": "v1; max=4; min=0"}
OTHERS = {"team": "build", "acrpool-restore-count": "0 (raised to 2)"}
STAYS = (
    "WARNING: Agent pool 'mypool' keeps its 2 instances, to be paid for until it is scaled in with:"
    " az acr agentpool update -r myregistry -n mypool --count 0"
)


def azure_with(before: Any, after: Any) -> PoolAzure:
    return PoolAzure(
        {
            "GET /agentPools": listing(before),
            "GET /agentPools/mypool": [Reply(200, before), Reply(200, after)],
            "GET /operationStatuses/1": [Reply(200, {"status": state}) for state in ("Updating", "Succeeded")],
        }
    )


def shown(count: int) -> dict[str, Any]:
    return {
        "registryName": "myregistry",
        "agentPoolName": "mypool",
        "provisioningState": "Succeeded",
        "count": count,
        "enabled": False,
        "policy": None,
    }


def test_the_policy_is_taken_away_and_other_tags_stay() -> None:
    azure = azure_with(pool_body(count=0, tags={**POLICY, **OTHERS}), pool_body(count=0, tags=OTHERS))
    assert azure.run(disable_autoscale) == Finished(shown(0), 0, "", "".join(f"{line}\n" for line in UPDATED))
    assert azure.sent("PATCH") == {"tags": OTHERS}


@pytest.mark.parametrize("quiet", [False, True])
def test_what_goes_on_costing_is_told_whatever_is_quiet(quiet: bool) -> None:
    azure = azure_with(pool_body(count=2, tags=POLICY), pool_body(count=2))
    azure.session.only_show_errors = quiet
    finished = azure.run(disable_autoscale)
    assert azure.sent("PATCH") == {"tags": {}}
    assert (finished.result, finished.exit_code) == (shown(2), 0)
    assert finished.told == [*([] if quiet else UPDATED), STAYS]


def test_without_waiting() -> None:
    finished = azure_with(pool_body(count=2, tags=POLICY), pool_body(count=2)).run(disable_autoscale, no_wait=True)
    begun = (
        "The update of agent pool 'mypool' has begun."
        " Wait for its end with: az acr agentpool wait -r myregistry -n mypool --updated"
    )
    assert (finished.result, finished.exit_code, finished.told) == (None, 0, [begun, STAYS])


@pytest.mark.parametrize("text", ["v9; what", ""], ids=["unreadable", "empty"])
def test_a_policy_that_cannot_be_read_and_is_spelled_otherwise_is_taken_away(text: str) -> None:
    azure = azure_with(pool_body(count=0, tags={"ACRPOOL-autoscale": text}), pool_body(count=0))
    assert azure.run(disable_autoscale).exit_code == 0
    assert azure.sent("PATCH") == {"tags": {}}


def test_a_pool_without_a_policy_is_left_as_it_is() -> None:
    before = pool_body(count=2, tags=OTHERS)
    azure = azure_with(before, before)
    finished = azure.run(disable_autoscale)
    assert finished == Finished(shown(2), 0, "", "Agent pool 'mypool' has no autoscale policy.\n")
    assert azure.transport.asked("GET") == ["myregistry/agentPools/mypool"]


@pytest.mark.parametrize("state", ["Updating", "Failed"])
def test_a_pool_that_cannot_be_changed_now_is_refused(state: str) -> None:
    before = pool_body(state=state, tags=POLICY)
    azure = azure_with(before, before)
    finished = azure.run(disable_autoscale)
    assert (finished.exit_code, finished.result) == (1, None)
    assert {request.method for request in azure.transport.requests} == {"GET"}


def test_a_policy_that_came_again_is_no_success() -> None:
    again = pool_body(tags={"acrpool-autoscale": "v1; max=9; min=0"})
    finished = azure_with(pool_body(tags=POLICY), again).run(disable_autoscale)
    assert finished.exit_code == 1
    assert finished.told[len(UPDATED) :] == [
        (
            "The update of agent pool 'mypool' is done, but the pool has the autoscale policy 'v1; max=9; min=0': its"
            " tags were changed again."
        ),
        "See what it has with: az acr agentpool autoscale show -r myregistry -n mypool",
    ]


def test_a_missing_pool_exits_3() -> None:
    azure = PoolAzure({"GET /agentPools/mypool": arm_error(404, "ResourceNotFound")})
    assert azure.run(disable_autoscale).exit_code == 3
