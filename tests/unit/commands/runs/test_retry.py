"""`--retry-infra`: which runs are queued again, what is said of it, and what never is taken for another run."""

from __future__ import annotations

from typing import Any

import pytest
from run_azure import LOST, Azure, served_run
from scripted_arm import arm_error, interrupt
from scripted_transport import Reply

from azext_acrpool.client.errors import ForbiddenError
from azext_acrpool.commands.runs.run import run

NO_TLS = 'Get "https://mcr.microsoft.com/v2/?sig=secret": net/http: TLS handshake timeout'
PULL_FAILED = f"""\
2024/01/21 10:26:05 Successfully scanned dependencies
2024/01/21 10:26:05 Launching container with name: build
Step 1/1 : FROM mcr.microsoft.com/dotnet/aspnet:7.0
{NO_TLS}
2024/01/21 10:26:05 Container failed during run: build. No retries remaining.
failed to run step ID: build: exit status 1

Run ID: cf1 failed after 16s. Error: failed during run, err: exit status 1
"""
BUILD_FAILED = PULL_FAILED.replace(NO_TLS, f"{NO_TLS}\nThe command '/bin/sh -c x' returned a non-zero code: 1")
ENDED_AS_ERROR = "WARNING: Run cf{} ended as Error. It is queued again in {} s, retry {} of {}."
NO_REGISTRY = (
    'WARNING: Run cf1 could not pull, push or log in (Get "https://mcr.microsoft.com/v2/": net/http: TLS handshake'
    " timeout). It is queued again in 5 s, retry 1 of 1."
)
SEE_LOG = "See its whole log with: az acr task logs -r myregistry --run-id cf{}"


def first_ends(azure: Azure, status: str, log: str = "Step 1\n", message: str | None = None) -> None:
    azure.run = azure.session.blobs = served_run(azure.clock, status, log)
    azure.run.error_message = message


def warnings(told: list[str]) -> list[str]:
    return [line for line in told if line.startswith("WARNING")]


def test_a_run_that_ended_as_error_is_queued_again(azure: Azure, context: str) -> None:
    first_ends(azure, "Error", "one\n")
    azure.attempts = [("Succeeded", "two\n")]
    finished = azure.build(context, retry_infra=1)
    assert (finished.exit_code, finished.stdout) == (0, "one\ntwo\n")
    assert finished.told[1:] == [
        "WARNING: Queued a build with ID: cf1",
        "Run cf1: running after 6 s",
        ENDED_AS_ERROR.format(1, 5, 1, 1),
        "WARNING: Queued a build with ID: cf2",
        "Run cf2: running after 6 s",
    ]
    assert 5.0 in azure.clock.sleeps
    first, second = azure.sent("POST /scheduleRun")
    assert first == second
    assert len(azure.uploads) == 1


def test_what_the_service_says_of_an_error_is_told_in_one_harmless_line(azure: Azure) -> None:
    first_ends(azure, "Error", message="internal error:\n\x1b[1mhttps://a.example/x?sig=1 failed.")
    azure.attempts = [("Succeeded", "")]
    told = azure.build(retry_infra=1).told
    assert warnings(told)[1] == (
        "WARNING: Run cf1 ended as Error (internal error: \\x1b[1mhttps://a.example/x failed). It is queued again in"
        " 5 s, retry 1 of 1."
    )


def test_what_a_registry_says_is_no_command_to_a_pipeline(azure: Azure) -> None:
    said = "toomanyrequests: Too many requests ##vso[task.setvariable variable=PATH]/x ###[error]"
    first_ends(azure, "Failed", PULL_FAILED.replace(NO_TLS, said))
    azure.attempts = [("Succeeded", "")]
    finished = azure.build(retry_infra=1, logs="none")
    assert "# #vso[task.setvariable variable=PATH]/x # # #[error])" in finished.stderr
    assert "##" not in finished.stderr


def test_a_long_reason_is_cut(azure: Azure) -> None:
    first_ends(azure, "Error", message="x" * 1000)
    azure.attempts = [("Succeeded", "")]
    assert f"({'x' * 300}..)" in warnings(azure.build(retry_infra=1).told)[1]


def test_no_secret_is_told_where_a_reason_is_cut(azure: Azure) -> None:
    secret = {"type": "Argument", "name": "KEY", "value": "hunter2-and-more", "isSecret": True}
    first_ends(azure, "Error", message=f"{'x' * 295} hunter2-and-more")
    azure.attempts = [("Succeeded", "")]
    told = azure.build(retry_infra=1, secret_arg=[secret]).told
    assert "hunt" not in warnings(told)[1]


@pytest.mark.parametrize("logs", ["stdout", "stderr", "none"])
def test_a_run_that_a_registry_failed_is_queued_again(azure: Azure, logs: str) -> None:
    first_ends(azure, "Failed", PULL_FAILED)
    azure.attempts = [("Succeeded", "two\n")]
    finished = azure.build(retry_infra=1, logs=logs)
    assert finished.exit_code == 0
    assert NO_REGISTRY in finished.told
    assert azure.queued == 2
    assert (finished.result and finished.result.run_id) == (None if logs == "stdout" else "cf2")


@pytest.mark.parametrize(
    ("status", "code", "log"),
    [
        ("Failed", 1, BUILD_FAILED),
        ("Failed", 1, "npm ERR! code 1\n"),
        ("Canceled", 4, PULL_FAILED),
        ("Timeout", 124, PULL_FAILED),
        ("Odd", 1, PULL_FAILED),
    ],
    ids=["build", "other log", "cancelled", "timed out", "unknown status"],
)
def test_any_other_end_is_the_end(azure: Azure, status: str, code: int, log: str) -> None:
    first_ends(azure, status, log)
    azure.run.statuses = [(0, "Queued"), (20, status)]
    if status == "Odd":
        azure.replies["GET /runs/cf1"] = Reply(
            200, {"properties": {"runId": "cf1", "status": "Odd", "finishTime": "2026-03-01T12:00:20Z"}}
        )
    finished = azure.build(retry_infra=3)
    assert (finished.exit_code, azure.queued) == (code, 1)
    assert warnings(finished.told) == ["WARNING: Queued a build with ID: cf1"]
    assert finished.told[-1] == SEE_LOG.format(1)


@pytest.mark.parametrize("options", [{}, {"retry_infra": None}, {"retry_infra": 0}], ids=["without", "none", "0"])
@pytest.mark.parametrize(("status", "log"), [("Error", "x\n"), ("Failed", PULL_FAILED)], ids=["error", "registry"])
def test_nothing_is_queued_again_unless_asked_for(azure: Azure, status: str, log: str, options: dict[str, Any]) -> None:
    first_ends(azure, status, log)
    finished = azure.build(**options)
    assert (finished.exit_code, azure.queued) == (1, 1)
    assert [asked for asked in azure.asked if "listLogSasUrl" in asked] == ["POST /runs/cf1/listLogSasUrl"]


def test_in_the_end_the_last_run_counts_and_the_others_are_named(azure: Azure) -> None:
    first_ends(azure, "Error", "one\n")
    azure.attempts = [("Error", "two\n"), ("Error", "three\n")]
    finished = azure.build(retry_infra=2, logs="none")
    assert (finished.exit_code, finished.result.run_id, azure.queued) == (1, "cf3", 3)
    assert warnings(finished.told)[1::2] == [ENDED_AS_ERROR.format(1, 5, 1, 2), ENDED_AS_ERROR.format(2, 10, 2, 2)]
    assert finished.told[-3:] == [
        "Run cf3 ended as Error.",
        "It was queued in place of cf1, cf2.",
        SEE_LOG.format(3),
    ]


def test_pauses_grow_up_to_a_minute(azure: Azure) -> None:
    first_ends(azure, "Error")
    azure.attempts = [("Error", "")] * 6
    azure.build(retry_infra=6)
    assert [pause for pause in azure.clock.sleeps if pause >= 5] == [5, 10, 20, 40, 60, 60]


def test_after_a_retry_a_build_that_fails_is_not_queued_again(azure: Azure) -> None:
    first_ends(azure, "Error")
    azure.attempts = [("Failed", BUILD_FAILED)]
    finished = azure.build(retry_infra=5)
    assert (finished.exit_code, azure.queued) == (1, 2)


def test_a_reason_that_cannot_be_read_is_no_reason_and_is_told(azure: Azure) -> None:
    first_ends(azure, "Failed", PULL_FAILED)
    azure.run.faults = [(0, 999, ForbiddenError("acct.example answered with HTTP status 403.", status=403))]
    finished = azure.build(retry_infra=1, logs="none")
    assert (finished.exit_code, azure.queued) == (1, 1)
    assert warnings(finished.told)[1] == (
        "WARNING: Run cf1 is not queued again, as the end of its log, which says why it failed, cannot be read:"
        " acct.example answered with HTTP status 403."
    )


def test_a_run_that_is_lost_from_sight_is_not_queued_again(azure: Azure) -> None:
    azure.replies["GET /runs/cf1"] = arm_error(403, "AuthorizationFailed", "You may not.")
    finished = azure.build(retry_infra=3)
    assert (finished.exit_code, azure.queued) == (1, 1)


def test_a_run_that_no_agent_takes_is_not_queued_again(azure: Azure) -> None:
    azure.never_starts()
    finished = azure.build(retry_infra=3, queue_timeout=60)
    assert (finished.exit_code, azure.queued) == (124, 1)


def test_the_limit_for_an_agent_counts_anew(azure: Azure) -> None:
    first_ends(azure, "Error")
    azure.attempts = [("Succeeded", "")]
    assert azure.build(retry_infra=1, queue_timeout=7).exit_code == 0
    assert azure.clock.time > 40


@pytest.mark.parametrize("action", ["cancel", "detach"])
def test_ctrl_c_in_the_pause_ends_it_and_leaves_nothing_running(azure: Azure, action: str) -> None:
    first_ends(azure, "Error")
    azure.clock.at(25, interrupt)
    finished = azure.build(retry_infra=1, on_interrupt=action, logs="none")
    assert (finished.exit_code, azure.queued, azure.cancelled) == (130, 1, False)
    assert finished.result.run_id == "cf1"
    assert finished.told[-2:] == [
        "Interrupted when run cf1 had already ended as Error.",
        "See it with: az acr task show-run -r myregistry --run-id cf1",
    ]


def test_ctrl_c_while_the_second_run_goes_on_cancels_that_one(azure: Azure) -> None:
    first_ends(azure, "Error")
    azure.attempts = [("Succeeded", "two\n")]
    azure.clock.at(35, interrupt)
    finished = azure.build(retry_infra=1)
    assert finished.exit_code == 130
    assert "POST /runs/cf2/cancel" in azure.asked
    assert finished.told[-2:] == [
        "Run cf2 was cancelled.",
        "See it with: az acr task show-run -r myregistry --run-id cf2",
    ]


def test_the_pool_keeps_its_instances_until_the_last_run_has_ended(azure: Azure) -> None:
    first_ends(azure, "Error")
    azure.attempts = [("Succeeded", "two\n")]
    counts: list[int] = []
    azure.when_queued = lambda: counts.append(azure.pools["emptypool"].count)
    finished = azure.build(retry_infra=1, agent_pool_name="emptypool", ensure_capacity=2)
    assert (finished.exit_code, counts) == (0, [2, 2])
    assert azure.pools["emptypool"].count == 0


@pytest.mark.parametrize("capacity", [None, 2], ids=["as it is", "ensured"])
def test_what_the_pool_was_before_the_first_run_is_not_told_of_the_second(azure: Azure, capacity: int | None) -> None:
    first_ends(azure, "Error")
    azure.attempts = [("Succeeded", "two\n")]
    told = azure.build(retry_infra=1, agent_pool_name="mypool", ensure_capacity=capacity).told
    assert [line for line in told if "goes to" in line] == [
        "Run cf1 goes to agent pool mypool (2 instances)",
        "Run cf2 goes to agent pool mypool",
    ]


def test_the_first_run_is_never_taken_for_the_second_whose_reply_was_lost(azure: Azure) -> None:
    first_ends(azure, "Error")
    azure.attempts = [("Succeeded", "two\n")]

    def lose_the_second() -> None:
        if azure.queued == 1 and azure.asked.count("POST /scheduleRun") == 2:
            # The list shows the first run alone, as if it were new.
            azure.lose_reply_to_schedule("cf1", times=1)

    azure.when_queued = lose_the_second
    finished = azure.build(retry_infra=1)
    assert (finished.exit_code, finished.stdout) == (0, "Step 1\ntwo\n")
    assert azure.asked.count("POST /scheduleRun") == 3


def test_a_run_that_may_be_the_second_whose_reply_was_lost_is_named(azure: Azure) -> None:
    first_ends(azure, "Error")

    def lose_the_second() -> None:
        if azure.asked.count("POST /scheduleRun") == 2:
            azure.lose_reply_to_schedule("cf2", loss=LOST)

    azure.when_queued = lose_the_second
    finished = azure.build(retry_infra=1)
    assert finished.exit_code == 1
    assert "See whether cf2 is yours with: az acr task logs -r myregistry --run-id cf2" in finished.told


NOT_CONFIRMED = (
    "The reply to the request that queues the run was lost. It may have queued cf9, which may as well be somebody"
    " else's: nothing tells. (reset)"
)
REFUSED = [
    (arm_error(403, "AuthorizationFailed", "You may not."), 1, "(AuthorizationFailed) You may not."),
    (arm_error(404, "ResourceNotFound", "Gone."), 3, "(ResourceNotFound) Gone."),
    (LOST, 1, NOT_CONFIRMED),
    (KeyboardInterrupt(), 130, ""),
]


@pytest.mark.parametrize(("refusal", "code", "reason"), REFUSED, ids=["forbidden", "gone", "lost", "interrupted"])
def test_the_first_run_is_the_result_if_no_other_could_be_queued(
    azure: Azure, refusal: Reply | BaseException, code: int, reason: str
) -> None:
    first_ends(azure, "Error")

    def refuse_the_second() -> None:
        if azure.asked.count("POST /scheduleRun") == 1:
            return
        if isinstance(refusal, KeyboardInterrupt):
            raise refusal
        assert isinstance(refusal, (Reply, Exception))
        azure.lose_reply_to_schedule("cf9", loss=refusal)

    azure.when_queued = refuse_the_second
    finished = azure.build(retry_infra=1, logs="none")
    assert (finished.exit_code, finished.result.run_id, finished.result.status) == (code, "cf1", "Error")
    told = [line for line in finished.told if line.startswith("Run cf1 ended")]
    assert told == ([f"Run cf1 ended as Error, and queueing it again failed: {reason}"] if reason else [])


def test_acr_run_queues_again_too(azure: Azure) -> None:
    first_ends(azure, "Error", "one\n")
    azure.attempts = [("Succeeded", "two\n")]
    finished = azure.call(run, source_location="/dev/null", cmd_value="hello:v1", retry_infra=1)
    assert (finished.exit_code, finished.stdout) == (0, "one\ntwo\n")
