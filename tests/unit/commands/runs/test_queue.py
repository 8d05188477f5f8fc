"""Queueing a run: said once, asked once, and found again when the reply is lost."""

from __future__ import annotations

from azure.core.exceptions import ServiceResponseError
from run_azure import Azure
from scripted_arm import interrupt
from scripted_transport import Reply

NOT_LISTED = (
    "The reply to the request that queues the run was lost, and no such run is listed. It was not sent again, since"
    " that could queue a second run. (reset)"
)
FOUND_AGAIN = (
    "The reply to the request that queues the run was lost. Run cf1 is the only one queued since then that fits, and is"
    " taken for it."
)
HOW_TO_LOOK = "See whether there is a run before trying again: az acr task list-runs -r myregistry -o table"


def test_one_instance_is_one_instance(azure: Azure) -> None:
    assert azure.build(agent_pool_name="single", no_wait=True).told == [
        "Queued run cf1 on agent pool single (1 instance)"
    ]


def test_a_pool_that_could_not_be_read_is_named_without_its_size(azure: Azure) -> None:
    azure.replies["GET /agentPools/mypool"] = Reply(403, {"error": {"code": "AuthorizationFailed", "message": "No."}})
    assert azure.build(agent_pool_name="mypool", no_wait=True).told[-1] == "Queued run cf1 on agent pool mypool"


def test_after_a_lost_reply_nothing_is_queued_again(azure: Azure) -> None:
    azure.replies["POST /scheduleRun"] = ServiceResponseError("reset")
    finished = azure.build()
    assert finished.exit_code == 1
    assert azure.asked.count("POST /scheduleRun") == 1
    assert finished.told == [
        NOT_LISTED,
        HOW_TO_LOOK,
    ]


def test_a_run_found_again_is_followed_and_said_to_be(azure: Azure) -> None:
    azure.lose_reply_to_schedule()
    finished = azure.build()
    assert (finished.exit_code, finished.stdout) == (0, "Step 1\n")
    assert finished.told[:2] == [
        FOUND_AGAIN,
        "Queued run cf1",
    ]


def test_leaving_before_the_runs_id_is_known_says_that_there_may_be_a_run(azure: Azure) -> None:
    azure.lose_reply_to_schedule()
    azure.clock.at(0.5, interrupt)
    finished = azure.build()
    assert finished.exit_code == 130
    assert finished.told == [
        "Interrupted while a run was being queued: it may be queued all the same.",
        HOW_TO_LOOK,
    ]
