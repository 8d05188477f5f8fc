"""How a command ends whose run did not simply succeed: exit code, last words, what becomes of the run."""

from __future__ import annotations

from typing import Any

import pytest
from run_azure import Azure
from scripted_arm import arm_error, interrupt
from scripted_transport import Reply

CANCELLING = "Interrupted: cancelling run cf1 (interrupt to leave at once).."
SEE = "See it with: az acr task show-run -r myregistry --run-id cf1"
FOLLOW_OR_CANCEL = (
    "Follow it again with: az acr task logs -r myregistry --run-id cf1, cancel it with: "
    "az acr task cancel-run -r myregistry --run-id cf1"
)
NONE_BUSY = (
    "Agent pool 'mypool' has 2 instances and none busy, yet none has taken the run. Its network may be in the way. See"
    " with: az acr agentpool check-health -r myregistry -n mypool"
)


@pytest.mark.parametrize("show", [{}, {"no_logs": True}], ids=["log", "no-logs"])
@pytest.mark.parametrize(("status", "code"), [("Failed", 1), ("Error", 1), ("Canceled", 4), ("Timeout", 124)])
def test_the_exit_code_is_the_runs_and_the_last_words_say_how_to_see_more(
    azure: Azure, context: str, status: str, code: int, show: dict[str, Any]
) -> None:
    azure.run.statuses = [(0, "Queued"), (20, status)]
    azure.run.error_message = "failed during run, err: exit status 1"
    finished = azure.build(context, **show)
    assert finished.exit_code == code
    assert finished.told[-2:] == [
        f"Run cf1 ended as {status}: failed during run, err: exit status 1",
        "See its whole log with: az acr task logs -r myregistry --run-id cf1",
    ]
    assert (finished.result and finished.result.status) == (status if show else None)


def test_no_secret_comes_back_in_what_a_run_ended_with(azure: Azure) -> None:
    azure.run.statuses = [(0, "Failed")]
    azure.run.error_message = r"""{"arg":"KEY=hunter\n22"}, --build-arg KEY=$'hunter\n22', git clone p%40ss@h"""
    key = {"type": "Argument", "name": "KEY", "value": "hunter\n22", "isSecret": True}
    finished = azure.build("https://me:p@ss@example.com/hello.git", secret_arg=[key])
    assert finished.exit_code == 1
    assert finished.told[-2] == (
        """Run cf1 ended as Failed: {"arg":"KEY=***"}, --build-arg KEY=$'***', git clone ***@h"""
    )


@pytest.fixture
def running(azure: Azure) -> Azure:
    """What the run is for as long as nobody cancels it; Ctrl-C comes after ten seconds."""
    azure.run.statuses = [(0, "Running")]
    azure.clock.at(10, interrupt)
    return azure


def test_ctrl_c_cancels_the_run(running: Azure) -> None:
    finished = running.build()
    assert finished.exit_code == 130
    assert running.cancelled
    assert finished.told[-3:] == [CANCELLING, "Run cf1 was cancelled.", SEE]


@pytest.mark.parametrize("show", [{"logs": "none"}, {"logs": "stderr"}], ids=str)
@pytest.mark.parametrize(("action", "status"), [("cancel", "Canceled"), ("detach", "Running")])
def test_the_run_as_it_was_seen_last_is_the_result_of_a_command_that_is_interrupted(
    running: Azure, action: str, status: str, show: dict[str, Any]
) -> None:
    finished = running.build(on_interrupt=action, **show)
    assert (finished.result.run_id, finished.result.status, finished.exit_code) == ("cf1", status, 130)


def test_a_second_ctrl_c_leaves_at_once(running: Azure) -> None:
    running.replies["POST /runs/cf1/cancel"] = Reply(200)  # the service takes its time
    running.clock.at(12.5, interrupt)
    finished = running.build()
    assert finished.exit_code == 130
    assert running.clock.time < 12.6
    assert finished.told[-3:] == [CANCELLING, "Left run cf1 before it was seen cancelled.", SEE]


def test_a_run_that_goes_on_all_the_same_is_not_waited_for_long(running: Azure) -> None:
    running.replies["POST /runs/cf1/cancel"] = Reply(200)
    finished = running.build()
    assert finished.exit_code == 130
    assert finished.told[-3:] == [
        CANCELLING,
        "Run cf1 was asked to cancel, but has not ended yet.",
        "See whether it did with: az acr task show-run -r myregistry --run-id cf1",
    ]


def test_a_run_that_may_not_be_cancelled_goes_on(running: Azure) -> None:
    running.replies["POST /runs/cf1/cancel"] = arm_error(403, "AuthorizationFailed", "You may not.")
    finished = running.build()
    assert finished.exit_code == 130
    assert finished.told[-3:] == [
        CANCELLING,
        "Run cf1 may not have been cancelled: You may not.",
        "Try again with: az acr task cancel-run -r myregistry --run-id cf1",
    ]


def test_detaching_leaves_the_run_alone(running: Azure) -> None:
    finished = running.build(on_interrupt="detach")
    assert finished.exit_code == 130
    assert not running.cancelled
    assert finished.told[-2:] == ["Interrupted. Run cf1 goes on.", FOLLOW_OR_CANCEL]


@pytest.mark.parametrize(
    "refusal",
    [
        *(arm_error(status, "No") for status in (401, 403, 404)),
        *(Reply(503), Reply(404, "<html>"), Reply(200, "<html>"), Reply(200, {"properties": []})),
    ],
)
def test_losing_arm_is_a_failure_that_names_the_run(azure: Azure, refusal: Reply) -> None:
    azure.replies["GET /runs/cf1"] = refusal
    finished = azure.build()
    assert finished.exit_code == 1
    assert finished.told[-1] == (
        "Run cf1 goes on. See how it ends with: az acr task show-run -r myregistry --run-id cf1, or follow it with: "
        "az acr task logs -r myregistry --run-id cf1"
    )


def test_the_run_as_it_was_seen_last_is_the_result_when_arm_is_lost(azure: Azure) -> None:
    lost = arm_error(403, "AuthorizationFailed", "No")
    azure.run.statuses = [(0, "Queued"), (5, "Running")]
    azure.clock.at(60, lambda: azure.replies.update({"GET /runs/cf1": lost}))
    finished = azure.build(logs="none")
    assert (finished.result.run_id, finished.result.status, finished.exit_code) == ("cf1", "Running", 1)


def test_a_run_that_waits_too_long_is_the_result_too(azure: Azure) -> None:
    azure.never_starts()
    finished = azure.build(queue_timeout=45, logs="stderr")
    assert (finished.result.run_id, finished.result.status, finished.exit_code) == ("cf1", "Canceled", 124)


def test_what_ends_before_there_is_a_run_has_no_result(azure: Azure) -> None:
    azure.replies["POST /scheduleRun"] = arm_error(403, "AuthorizationFailed", "You may not.")
    finished = azure.build(logs="none")
    assert (finished.result, finished.exit_code) == (None, 1)


def test_a_run_that_waits_too_long_is_cancelled_and_the_reason_told(azure: Azure) -> None:
    azure.never_starts()
    finished = azure.build(agent_pool_name="mypool", queue_timeout=45)
    assert finished.exit_code == 124
    assert azure.cancelled
    assert finished.told[-4:] == [
        "Run cf1 was not started within 45 s: cancelling run cf1 (interrupt to leave at once)..",
        f"Run cf1 was not started within 45 s. Run cf1 was cancelled. {NONE_BUSY}",
        SEE,
        "To wait longer, give a larger --queue-timeout.",
    ]


def test_a_run_that_ends_in_the_moment_it_is_cancelled_is_what_it_became(azure: Azure) -> None:
    azure.run.statuses = [(0, "Queued"), (45.01, "Succeeded")]
    azure.replies["POST /runs/cf1/cancel"] = arm_error(409, "Conflict", "It has ended.")
    finished = azure.build(queue_timeout=45)
    assert (finished.result, finished.exit_code) == (None, 0)


@pytest.mark.parametrize(
    "route", ["GET /agentPools/mypool", "POST /agentPools/mypool/listQueueStatus", "GET /runs"], ids=str
)
def test_why_a_run_waited_too_long_is_not_asked_for_long(azure: Azure, route: str) -> None:
    azure.never_starts()
    slow_down = Reply(429, {"error": {"code": "TooManyRequests", "message": "Slow down."}}, {"Retry-After": "86400"})
    azure.clock.at(44, lambda: azure.replies.update({route: slow_down}))
    finished = azure.build(agent_pool_name="mypool", queue_timeout=45)
    assert finished.exit_code == 124
    assert azure.cancelled
    assert azure.clock.time <= 45 + 5.1
    assert finished.told[-3] == (
        "Run cf1 was not started within 45 s. Run cf1 was cancelled. Why it waited could not be read: The service has "
        "not answered within the time that was given to it. The last error was: Slow down."
    )
