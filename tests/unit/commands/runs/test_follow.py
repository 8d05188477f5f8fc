"""The options that say how a build is followed: where its log goes, how long it may wait, what an interruption does."""

from typing import Any

import pytest
from build_azure import GIT, Azure, exits, interrupted, run_build
from scripted_transport import Reply


@pytest.mark.parametrize(
    "options",
    [
        {"no_logs": True, "logs": "stdout"},
        {"no_logs": True, "logs": "stderr"},
        {"queue_timeout": 0},
        {"queue_timeout": 60, "no_wait": True},
        {"ensure_capacity": 0, "agent_pool_name": "mypool"},
        {"ensure_capacity": 2},
        {"ensure_capacity": 2, "agent_pool_name": "mypool", "no_wait": True},
        {"keep_capacity": True},
    ],
    ids=str,
)
def test_contradictions_are_refused_before_anything_is_asked(azure: Azure, options: dict[str, Any]) -> None:
    assert exits(GIT, **options) == 2
    assert azure.asked == []


def test_no_logs_and_logs_none_are_the_same(azure: Azure) -> None:
    assert run_build(GIT, no_logs=True, logs="none").status == "Succeeded"


def test_the_log_on_stderr_leaves_stdout_to_the_run(azure: Azure, capsys: pytest.CaptureFixture[str]) -> None:
    run = run_build(GIT, logs="stderr")
    assert run.output_images[0].digest == "sha256:1"
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "Step 1\n" in shown.err


def test_the_log_on_stdout_leaves_no_result(azure: Azure) -> None:
    assert run_build(GIT, logs="stdout") is None


def test_a_run_that_waits_too_long_is_cancelled_and_the_reason_told(
    azure: Azure, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    azure.run.statuses = [(0, "Queued")]
    azure.run.log = []
    assert exits(GIT, agent_pool_name="mypool", queue_timeout=45) == 124
    assert azure.cancelled
    assert "cf1 was not started within 45 seconds. Run cf1 was cancelled." in caplog.text
    assert "2 instances and none busy" in caplog.text
    assert "--queue-timeout" in capsys.readouterr().err.splitlines()[-1]


def test_a_run_that_ends_in_the_moment_it_is_cancelled_is_what_it_became(azure: Azure) -> None:
    azure.run.statuses = [(0, "Queued"), (45.01, "Succeeded")]
    azure.replaced["/runs/cf1/cancel"] = Reply(409, {"error": {"code": "Conflict", "message": "It has ended."}})
    assert run_build(GIT, queue_timeout=45) is None


def test_a_run_that_may_be_somebody_elses_is_not_cancelled_for_waiting(
    azure: Azure, caplog: pytest.LogCaptureFixture
) -> None:
    azure.lose_reply_to_schedule()
    azure.run.statuses = [(0, "Queued")]
    azure.run.log = []
    assert exits(GIT, queue_timeout=45) == 124
    assert not azure.cancelled
    assert "may be somebody else's" in caplog.text


def test_detaching_leaves_the_run_alone(azure: Azure, capsys: pytest.CaptureFixture[str]) -> None:
    azure.clock.at(10, interrupted)
    azure.run.statuses = [(0, "Running")]
    assert exits(GIT, on_interrupt="detach") == 130
    assert not azure.cancelled
    assert "az acr task logs -r myregistry --run-id cf1" in capsys.readouterr().err


def test_an_empty_pool_is_no_error_when_it_is_scaled_up(azure: Azure) -> None:
    def scale(request: Any) -> Reply:
        azure.pools["emptypool"]["count"] = 2
        return Reply(201, {"name": "emptypool", "properties": {"count": 2, "provisioningState": "Succeeded"}})

    azure.patched = scale
    run_build(GIT, agent_pool_name="emptypool", ensure_capacity=2, keep_capacity=True)
    asked = azure.asked
    assert asked.index("PATCH /agentPools/emptypool") < asked.index("POST /scheduleRun")


def test_a_pool_that_cannot_be_scaled_up_queues_nothing(azure: Azure) -> None:
    def refuse(request: Any) -> Reply:
        return Reply(403, {"error": {"code": "AuthorizationFailed", "message": "You may not."}})

    azure.patched = refuse
    assert exits(GIT, agent_pool_name="emptypool", ensure_capacity=2) == 1
    assert "POST /scheduleRun" not in azure.asked


def test_the_queue_is_shown_while_it_lasts(azure: Azure, capsys: pytest.CaptureFixture[str]) -> None:
    azure.run.statuses = [(0, "Queued"), (50, "Running"), (60, "Succeeded")]
    azure.run.log = [(51, b"Step 1\r\n")]
    azure.run.complete_at = 60
    run_build(GIT, agent_pool_name="mypool")
    shown = capsys.readouterr().err
    assert "Run cf1: 1 queued for 2 instances of agent pool mypool (Succeeded)" in shown
    assert "Run cf1 has waited 30 s for an agent." in shown
    assert "az acr agentpool check-health -r myregistry -n mypool" in shown
