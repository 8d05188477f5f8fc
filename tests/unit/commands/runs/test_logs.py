"""`az acr task logs` and `az acr taskrun logs`: which run it is, what is shown of it, and what the exit code says."""

from __future__ import annotations

from typing import Any

import pytest
from run_azure import Azure
from scripted_arm import arm_error, interrupt
from scripted_transport import Reply

from azext_acrpool.client.errors import ForbiddenError
from azext_acrpool.commands.runs.logs import show_task_logs, show_task_run_logs
from azext_acrpool.testing import Finished

SHOW = "See what is known of it with: az acr task show-run -r myregistry --run-id cf1"
SHOW_LOG = "See its whole log with: az acr task logs -r myregistry --run-id cf1"
FOLLOW_AGAIN = (
    "Follow it again with: az acr task logs -r myregistry --run-id cf1,"
    " cancel it with: az acr task cancel-run -r myregistry --run-id cf1"
)
NO_LOG = (
    "Run cf1 has no log: none was written, or the service has deleted it, as it does after a time unless a run is"
    " archived."
)


def show(azure: Azure, **options: Any) -> Finished:
    return azure.call(show_task_logs, **{"run_id": "cf1", **options})


def listed(azure: Azure, *runs: dict[str, Any]) -> None:
    azure.replies["GET /runs"] = Reply(200, {"value": [{"properties": run} for run in runs]})


def let_end(azure: Azure, status: str, message: str | None = None, log: bytes | None = b"Step 1\r\n") -> None:
    """`cf1` is over, and was taken by an agent."""
    azure.run.statuses, azure.run.error_message = [(0, status)], message
    azure.run.shown = {"startTime": "2026-03-01T11:00:00Z", "finishTime": "2026-03-01T11:10:00Z"}
    azure.run.log, azure.run.complete_at = ([] if log is None else [(0, log)]), 0


@pytest.fixture
def over(azure: Azure) -> Azure:
    let_end(azure, "Succeeded")
    return azure


def test_the_log_of_a_run_that_is_over_is_shown_at_once(over: Azure) -> None:
    assert show(over) == Finished(None, 0, "Step 1\n", "")
    assert over.clock.sleeps == []
    assert over.asked == ["GET /runs/cf1", "POST /runs/cf1/listLogSasUrl"]


def test_a_run_that_goes_on_is_followed_to_its_end(azure: Azure) -> None:
    finished = show(azure)
    assert (finished.stdout, finished.exit_code) == ("Step 1\n", 0)
    assert finished.told == ["Run cf1: running after 6 s"]
    assert 20 <= azure.clock.time < 23


def test_a_run_that_runs_already_is_not_told_to_run(azure: Azure) -> None:
    azure.clock.time = 5.5
    assert show(azure) == Finished(None, 0, "Step 1\n", "")


@pytest.mark.parametrize(
    ("status", "code"), [("Succeeded", 0), ("Failed", 1), ("Error", 1), ("Canceled", 4), ("Timeout", 124)]
)
class TestExitCode:
    """What the exit code says."""

    def test_is_that_of_azs_own_whatever_became_of_the_run(self, azure: Azure, status: str, code: int) -> None:
        let_end(azure, status, "a reason")
        told = [] if status == "Succeeded" else [f"Run cf1 ended as {status}: a reason"]
        finished = show(azure)
        assert (finished.exit_code, finished.stdout, finished.told) == (0, "Step 1\n", told)

    def test_is_the_runs_if_asked_for(self, azure: Azure, status: str, code: int) -> None:
        let_end(azure, status, "a reason")
        told = [] if status == "Succeeded" else [f"Run cf1 ended as {status}: a reason", SHOW]
        finished = show(azure, exit_status=True)
        assert (finished.exit_code, finished.stdout, finished.told) == (code, "Step 1\n", told)

    @pytest.mark.parametrize("target", ["stderr", "none"])
    def test_leaves_the_run_as_the_result_where_stdout_is_free(
        self, azure: Azure, status: str, code: int, target: str
    ) -> None:
        let_end(azure, status)
        finished = show(azure, logs=target, exit_status=True)
        assert (finished.exit_code, finished.stdout, finished.result.status) == (code, "", status)
        assert ("Step 1" in finished.told) == (target == "stderr")
        recommended = [line for line in (SHOW, SHOW_LOG) if line in finished.told]
        assert recommended == ([] if not code else [SHOW] if target == "stderr" else [SHOW_LOG])


@pytest.mark.parametrize("exit_status", [False, True], ids=["about the log", "about the run"])
def test_why_a_run_failed_begins_no_line_of_its_own(azure: Azure, exit_status: bool) -> None:
    let_end(azure, "Failed", "exit status 1\r\n::set-env name=A::b\n\x1b[2JERROR: all is well\n")
    assert show(azure, exit_status=exit_status).told[0] == (
        "Run cf1 ended as Failed: exit status 1 ::set-env name=A::b \\x1b[2JERROR: all is well"
    )


@pytest.mark.parametrize("log", [None, b""], ids=["missing", "empty"])
@pytest.mark.parametrize("exit_status", [False, True], ids=["about the log", "about the run"])
def test_a_log_that_is_not_there_is_told_from_an_empty_one(azure: Azure, log: bytes | None, exit_status: bool) -> None:
    let_end(azure, "Succeeded", log=log)
    finished = show(azure, exit_status=exit_status)
    if log is not None:
        assert (finished.exit_code, finished.told) == (0, [])
    elif exit_status:
        assert (finished.exit_code, finished.told) == (0, [f"WARNING: {NO_LOG}"])
    else:
        assert (finished.exit_code, finished.told) == (1, [NO_LOG, SHOW])
    assert azure.clock.time < 1


def test_a_run_that_no_agent_ever_took_has_no_log(azure: Azure) -> None:
    azure.run.statuses, azure.run.log = [(0, "Canceled")], []
    finished = show(azure)
    assert finished.exit_code == 1
    assert finished.told == [
        "Run cf1 ended as Canceled.",
        "Run cf1 has no log: it ended before an agent took it.",
        SHOW,
    ]


def test_nobody_is_sent_to_look_up_a_log_that_is_not_there(azure: Azure) -> None:
    azure.run.statuses, azure.run.log = [(0, "Canceled")], []
    finished = show(azure, exit_status=True)
    assert finished.exit_code == 4
    assert finished.told == [
        "WARNING: Run cf1 has no log: it ended before an agent took it.",
        "Run cf1 ended as Canceled.",
        SHOW,
    ]


def test_without_a_log_to_show_none_is_missed(azure: Azure) -> None:
    let_end(azure, "Succeeded", log=None)
    finished = show(azure, logs="none")
    assert (finished.exit_code, finished.told, finished.result.status) == (0, [], "Succeeded")
    assert azure.asked == ["GET /runs/cf1"]


@pytest.mark.parametrize("exit_status", [False, True], ids=["about the log", "about the run"])
def test_a_log_that_cannot_be_read_fails_a_command_that_is_about_it(over: Azure, exit_status: bool) -> None:
    over.run.faults = [(0, 1000, ForbiddenError("Refused.", status=403))]
    finished = show(over, exit_status=exit_status)
    refused = "The rest of the log could not be read: Refused."
    again = [
        "The log of run cf1 is not shown to its end.",
        "Try again with: az acr task logs -r myregistry --run-id cf1",
    ]
    assert (finished.exit_code, finished.told) == ((0, [refused]) if exit_status else (1, [refused, *again]))


def test_a_run_that_is_not_there_is_not_found(azure: Azure) -> None:
    azure.replies["GET /runs/cf1"] = arm_error(404, "ResourceNotFound", "It was not found.")
    finished = show(azure)
    assert finished.exit_code == 3
    assert finished.told == [
        "Could not find a run with the ID 'cf1' in registry 'myregistry'.",
        "List the newest runs with: az acr task list-runs -r myregistry -o table",
    ]


class TestLastRun:
    """Without an ID it is the run that was created last."""

    @pytest.mark.parametrize(
        ("options", "which", "criteria"),
        [
            ({}, "", None),
            ({"run_id": ""}, "", None),
            ({"task_name": "nightly"}, " for task 'nightly'", "TaskName eq 'nightly'"),
            (
                {"image": "hello@sha256:1"},
                " for image 'hello@sha256:1'",
                "contains(OutputImageManifests, 'hello@sha256:1')",
            ),
        ],
        ids=["registry", "empty", "task", "image"],
    )
    def test_is_told_in_azs_own_words(
        self, over: Azure, options: dict[str, Any], which: str, criteria: str | None
    ) -> None:
        listed(over, {"runId": "cf1", "status": "Succeeded", "finishTime": "2026-03-01T11:00:00Z"})
        finished = over.call(show_task_logs, **options)
        assert finished.told == [f"WARNING: Showing logs of the last created run{which}.", "WARNING: Run ID: cf1"]
        assert (finished.stdout, finished.exit_code) == ("Step 1\n", 0)
        assert over.asked == ["GET /runs", "POST /runs/cf1/listLogSasUrl"]
        assert over.queries[0].get("$filter") == criteria
        assert over.queries[0]["$top"] == "1"

    @pytest.mark.parametrize(
        ("options", "which", "listing"),
        [
            ({}, "", "list-runs"),
            ({"task_name": "nightly"}, " for task 'nightly'", "list"),
            ({"image": f"hello@sha256:{'0' * 64}"}, f" for image 'hello@sha256:{'0' * 64}'", "list-runs"),
        ],
        ids=["registry", "task", "image"],
    )
    def test_may_not_be_there(self, azure: Azure, options: dict[str, str], which: str, listing: str) -> None:
        listed(azure)
        finished = azure.call(show_task_logs, **options)
        assert finished.exit_code == 3
        assert finished.told == [
            f"Could not find the last created run{which}.",
            f"See what there is with: az acr task {listing} -r myregistry -o table",
        ]

    @pytest.mark.parametrize(
        ("options", "left_out"),
        [
            ({"task_name": "nightly"}, "--name is"),
            ({"image": "hello"}, "--image is"),
            ({"task_name": "nightly", "image": "hello"}, "--name and --image are"),
        ],
        ids=["task", "image", "both"],
    )
    def test_is_not_asked_for_if_a_run_is_named(self, over: Azure, options: dict[str, Any], left_out: str) -> None:
        finished = show(over, **options)
        assert finished.told == [f"--run-id says which run it is: {left_out} not looked at."]
        assert finished.stdout == "Step 1\n"


class TestInterrupted:
    """Ctrl-C leaves the run alone."""

    @pytest.mark.parametrize("target", ["stdout", "stderr", "none"])
    def test_while_it_goes_on(self, azure: Azure, target: str) -> None:
        azure.clock.at(10, interrupt)
        finished = show(azure, logs=target)
        assert finished.exit_code == 130
        assert finished.told[-2:] == ["Interrupted. Run cf1 goes on.", FOLLOW_AGAIN]
        assert not azure.cancelled
        assert (finished.result is None) == (target == "stdout")

    def test_while_the_log_of_a_run_that_is_over_is_read(self, over: Azure) -> None:
        over.run.faults = [(0, 1000, ForbiddenError("Refused.", status=403))]
        over.clock.at(1, interrupt)
        finished = show(over)
        assert finished.exit_code == 130
        assert finished.told[0] == "Interrupted when run cf1 had already ended as Succeeded."
        assert not over.cancelled

    def test_before_there_is_a_run(self, azure: Azure) -> None:
        azure.replies["GET /runs/cf1"] = arm_error(503, "ServiceUnavailable")
        azure.clock.at(1, interrupt)
        assert show(azure) == Finished(None, 130, "", "Interrupted.\n")


class TestQueued:
    """Why a run waits that was queued some time ago."""

    def test_is_told_at_once_with_all_the_time_that_it_has_waited(self, azure: Azure) -> None:
        azure.never_starts()
        azure.run.shown = {"createTime": "2026-03-01T11:50:00Z", "agentPoolName": "mypool"}
        azure.others.update(cf7="Running", cf8="Running")
        azure.clock.at(10, interrupt)
        told = show(azure).told
        assert told[0] == (
            "Run cf1 has waited 10 min 0 s for an agent. Agent pool 'mypool' has 2 instances, all busy: cf7, cf8. More"
            " agents: az acr agentpool update -r myregistry -n mypool --count 3"
        )
        assert told[1] == "Run cf1: 1 queued for 2 instances of agent pool mypool (Succeeded)"

    def test_is_told_of_shared_agents(self, azure: Azure) -> None:
        azure.never_starts()
        azure.run.shown = {"createTime": "2026-03-01T11:50:00Z"}
        azure.clock.at(1, interrupt)
        assert show(azure).told[0] == (
            "Run cf1 has waited 10 min 0 s for an agent. No agent of the shared service has taken it yet. See whether"
            " the service is well: https://status.azure.com"
        )


@pytest.mark.parametrize("no_format", [False, True], ids=["plain", "raw"])
def test_what_acts_on_a_terminal_is_shown_as_escapes(azure: Azure, no_format: bool) -> None:
    let_end(azure, "Succeeded", log=b"\x1b[1mStep 1\x1b[0m \x1b]0;title\x07\r\n")
    finished = show(azure, no_format=no_format)
    assert finished.stdout == (
        "\x1b[1mStep 1\x1b[0m \\x1b]0;title\\x07\n" if no_format else "Step 1 \\x1b]0;title\\x07\n"
    )


class TestTaskRun:
    """The run that a task run led to."""

    TASK_RUN = "GET /taskRuns/mytaskrun"

    def show(self, azure: Azure, **options: Any) -> Finished:
        return azure.call(show_task_run_logs, taskrun_name="mytaskrun", **options)

    def test_is_shown(self, over: Azure) -> None:
        over.replies[self.TASK_RUN] = Reply(200, {"properties": {"runResult": {"properties": {"runId": "cf1"}}}})
        assert self.show(over) == Finished(None, 0, "Step 1\n", "")
        assert over.asked == [self.TASK_RUN, "GET /runs/cf1", "POST /runs/cf1/listLogSasUrl"]

    def test_gives_the_exit_code_if_asked_for(self, azure: Azure) -> None:
        let_end(azure, "Failed")
        azure.replies[self.TASK_RUN] = Reply(200, {"properties": {"runResult": {"name": "cf1"}}})
        assert self.show(azure, exit_status=True).exit_code == 1

    @pytest.mark.parametrize(
        "body", [{}, {"properties": None}, {"properties": {"runResult": None}}], ids=["nothing", "null", "no run"]
    )
    def test_may_not_be_there_yet(self, azure: Azure, body: dict[str, Any]) -> None:
        azure.replies[self.TASK_RUN] = Reply(200, body)
        finished = self.show(azure)
        assert finished.exit_code == 1
        assert finished.told == [
            "Task run 'mytaskrun' has no run yet, whose log there could be.",
            "See how it is with: az acr taskrun show -r myregistry -n mytaskrun",
        ]

    def test_of_a_task_run_that_is_not_there(self, azure: Azure) -> None:
        azure.replies[self.TASK_RUN] = arm_error(404, "ResourceNotFound", "It was not found.")
        finished = self.show(azure)
        assert finished.exit_code == 3
        assert finished.told == [
            "Could not find a task run named 'mytaskrun' in registry 'myregistry'.",
            "List the task runs with: az acr taskrun list -r myregistry -o table",
        ]
