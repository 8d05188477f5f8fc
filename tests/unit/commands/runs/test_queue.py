"""Queueing a run: said once, queued once, and never taken for ours without proof when the reply is lost."""

from __future__ import annotations

import signal
from typing import Any

import pytest
from azure.core.exceptions import ServiceRequestError, ServiceResponseError
from run_azure import Azure
from scripted_arm import arm_error, interrupt
from scripted_transport import Reply

from azext_acrpool.commands.runs.run import run

MAY_BE_CF7 = (
    "The reply to the request that queues the run was lost. It may have queued cf7, which may as well be somebody"
    " else's: nothing tells. ({})"
)
LOOK_AT_CF7 = [
    "See whether cf7 is yours with: az acr task logs -r myregistry --run-id cf7",
    "If it is, cancel it with: az acr task cancel-run -r myregistry --run-id cf7",
    "See all runs before trying again: az acr task list-runs -r myregistry -o table",
]
FOLLOW_OR_CANCEL = (
    "Follow it again with: az acr task logs -r myregistry --run-id cf1, cancel it with: "
    "az acr task cancel-run -r myregistry --run-id cf1"
)
HOW_TO_LOOK = "See whether there is a run before trying again: az acr task list-runs -r myregistry -o table"


@pytest.mark.parametrize("options", [{}, {"no_wait": True}, {"no_logs": True}, {"no_format": True}], ids=str)
def test_the_line_that_names_the_run_is_az_own_and_stands_there_once(azure: Azure, options: dict[str, Any]) -> None:
    build = azure.build(agent_pool_name="mypool", **options)
    assert [line for line in build.told if "ID: " in line] == ["WARNING: Queued a build with ID: cf1"]
    ran = azure.call(run, source_location="/dev/null", cmd_value="bash", **options)
    assert [line for line in ran.told if "ID: " in line] == ["WARNING: Queued a run with ID: cf1"]


def test_only_errors_are_shown_if_that_is_asked_for(azure: Azure) -> None:
    azure.session.only_show_errors = True
    assert azure.build(agent_pool_name="mypool").told == []


def test_one_instance_is_one_instance(azure: Azure) -> None:
    assert azure.build(agent_pool_name="single", no_wait=True).told == [
        "WARNING: Queued a build with ID: cf1",
        "Run cf1 goes to agent pool single (1 instance)",
    ]


def test_a_pool_that_could_not_be_read_is_named_without_its_size(azure: Azure) -> None:
    azure.replies["GET /agentPools/mypool"] = Reply(403, {"error": {"code": "AuthorizationFailed", "message": "No."}})
    assert azure.build(agent_pool_name="mypool", no_wait=True).told[-1] == "Run cf1 goes to agent pool mypool"


NO_REASON = "The service answered with HTTP status {} and gave no reason."
LOSSES: list[tuple[Reply | Exception, str]] = [
    (ServiceResponseError("reset"), "reset"),
    (Reply(500, ""), NO_REASON.format(500)),
    (Reply(502, "<html>"), NO_REASON.format(502)),
    (arm_error(503, "ServerBusy", "Busy."), "Busy."),
    (Reply(404, "<html>"), "The service answered with HTTP status 404, but not as ARM does."),
    (Reply(200, {}), "The reply to the request that queues the run holds no run ID."),
    (
        Reply(200, {"properties": {"runId": 5}}),
        (
            "The reply to a request for a run is not as the service's protocol says: its member 'properties.runId' is a"
            " whole number, not text."
        ),
    ),
]
losses = pytest.mark.parametrize(("loss", "reason"), LOSSES, ids=[reason[-30:] for _, reason in LOSSES])


@pytest.mark.parametrize("options", [{}, {"no_push": True}, {"no_wait": True}, {"agent_pool_name": "mypool"}])
@losses
def test_a_run_that_may_be_ours_is_named_and_never_a_success(
    azure: Azure, loss: Reply | Exception, reason: str, options: dict[str, Any]
) -> None:
    azure.lose_reply_to_schedule("cf7", loss=loss, agentPoolName=options.get("agent_pool_name"))
    finished = azure.build(**options)
    assert (finished.result, finished.exit_code, finished.stdout) == (None, 1, "")
    assert azure.asked.count("POST /scheduleRun") == 1
    assert finished.told[-4:] == [MAY_BE_CF7.format(reason), *LOOK_AT_CF7]
    assert not azure.cancelled


def test_a_command_whose_run_may_be_ours_is_no_success(azure: Azure) -> None:
    azure.lose_reply_to_schedule("cf7")
    finished = azure.call(run, source_location="/dev/null", cmd_value="hello:v1")
    assert finished.exit_code == 1
    assert finished.told[-4:] == [MAY_BE_CF7.format("reset"), *LOOK_AT_CF7]


@losses
def test_a_run_that_was_not_queued_is_asked_for_again(azure: Azure, loss: Reply | Exception, reason: str) -> None:
    azure.lose_reply_to_schedule(None, loss=loss, times=1)
    finished = azure.build()
    assert (finished.exit_code, finished.stdout) == (0, "Step 1\n")
    assert azure.asked.count("POST /scheduleRun") == 2
    assert finished.told[0] == "WARNING: Queued a build with ID: cf1"


NEVER_QUEUED = [arm_error(429, "TooManyRequests", "Slow down."), ServiceRequestError("refused")]


@pytest.mark.parametrize("refusal", NEVER_QUEUED, ids=["429", "never sent"])
def test_what_queued_nothing_for_sure_is_asked_for_again_whatever_is_listed(
    azure: Azure, refusal: Reply | Exception
) -> None:
    azure.lose_reply_to_schedule("cf7", loss=refusal, times=3)
    finished = azure.build()
    assert (finished.exit_code, finished.stdout) == (0, "Step 1\n")
    assert azure.asked.count("POST /scheduleRun") == 4
    assert "GET /runs" not in azure.asked


def test_a_service_with_too_much_to_do_is_asked_for_as_long_as_the_run_may_wait(azure: Azure) -> None:
    busy = arm_error(429, "TooManyRequests", "Slow down.", Retry_After="30")
    azure.lose_reply_to_schedule(None, loss=busy)
    finished = azure.build(queue_timeout=100)
    assert finished.exit_code == 1
    assert finished.told[-2:] == ["(TooManyRequests) Slow down.", "Too many requests at once. Try again in a minute."]
    assert 100 <= azure.clock.time <= 130


def test_a_list_that_cannot_be_read_leaves_it_unknown_whether_there_is_a_run(azure: Azure) -> None:
    azure.lose_reply_to_schedule(None)
    azure.replies["GET /runs"] = arm_error(403, "AuthorizationFailed", "You may not.")
    finished = azure.build()
    assert finished.exit_code == 1
    assert azure.asked.count("POST /scheduleRun") == 1
    assert finished.told == [
        (
            "The reply to the request that queues the run was lost, and the list of runs does not tell of it: it may"
            " have queued one. (reset)"
        ),
        LOOK_AT_CF7[-1],
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
        "WARNING: Queued a build with ID: cf1",
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
        "WARNING: Queued a build with ID: cf1",
        "Interrupted. Run cf1 goes on.",
        FOLLOW_OR_CANCEL,
    ]


def test_a_second_ctrl_c_does_not_wait_for_the_runs_id(azure: Azure) -> None:
    def press_it_twice() -> None:
        press_ctrl_c()
        # Two signals of one kind, sent from beside the main thread, may reach it as one.
        signal.raise_signal(signal.SIGTERM)

    azure.when_queued = press_it_twice
    finished = azure.build()
    assert finished.exit_code == 130
    assert finished.told == ["Interrupted while a run was being queued: it may be queued all the same.", HOW_TO_LOOK]
