"""Queueing a run: said once, asked once, and found again when the reply is lost."""

from __future__ import annotations

import signal

import pytest
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
FOLLOW_OR_CANCEL = (
    "Follow it again with: az acr task logs -r myregistry --run-id cf1, cancel it with: "
    "az acr task cancel-run -r myregistry --run-id cf1"
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


def press_ctrl_c() -> None:
    signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_the_run_is_queued_waits_for_its_id_and_cancels_it(azure: Azure, number: signal.Signals) -> None:
    azure.never_starts()
    azure.when_queued = lambda: signal.raise_signal(number)
    finished = azure.build()
    assert finished.exit_code == 130
    assert azure.cancelled
    assert finished.told == [
        "Queued run cf1",
        "Interrupted: cancelling run cf1 (interrupt to leave at once)..",
        "Run cf1 was cancelled.",
        "See it with: az acr task show-run -r myregistry --run-id cf1",
    ]


def test_ctrl_c_while_the_run_is_queued_leaves_it_when_that_is_asked_for(azure: Azure) -> None:
    azure.when_queued = press_ctrl_c
    finished = azure.build(on_interrupt="detach")
    assert finished.exit_code == 130
    assert not azure.cancelled
    assert finished.told == [
        "Queued run cf1",
        "Interrupted. Run cf1 goes on.",
        FOLLOW_OR_CANCEL,
    ]


def test_a_second_ctrl_c_does_not_wait_for_the_runs_id(azure: Azure) -> None:
    def press_it_twice() -> None:
        press_ctrl_c()
        press_ctrl_c()

    azure.when_queued = press_it_twice
    finished = azure.build()
    assert finished.exit_code == 130
    assert finished.told == ["Interrupted while a run was being queued: it may be queued all the same.", HOW_TO_LOOK]
