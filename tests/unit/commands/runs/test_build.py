"""`az acr build` step by step, against a scripted ARM: what is asked, what is printed where, how it ends."""

from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import ServiceResponseError
from build_azure import GIT, Azure, exits, interrupted, run_build
from scripted_transport import Reply

from azext_acrpool.commands.runs import ending as run_ending
from azext_acrpool.commands.runs import provided_source as run_source


def test_the_log_is_stdout_and_everything_else_stderr(
    azure: Azure, context: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_build(context, agent_pool_name="mypool") is None
    shown = capsys.readouterr()
    assert shown.out == "Step 1\n"
    assert "Queued run cf1 on agent pool mypool (2 instances)" in shown.err
    assert azure.request["sourceLocation"] == "source/x.tar.gz"
    assert azure.request["agentPoolName"] == "mypool"
    assert "agentConfiguration" not in azure.request


def test_one_instance_is_one_instance(azure: Azure, context: str, capsys: pytest.CaptureFixture[str]) -> None:
    run_build(context, agent_pool_name="single", no_wait=True)
    assert "(1 instance)" in capsys.readouterr().err


def test_without_logs_the_finished_run_is_the_result(
    azure: Azure, context: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run = run_build(context, no_logs=True)
    assert run.status == "Succeeded"
    assert run.output_images[0].digest == "sha256:1"
    assert capsys.readouterr().out == ""


def test_without_waiting_the_queued_run_is_the_result(azure: Azure, context: str) -> None:
    assert run_build(context, no_wait=True).status == "Queued"
    assert not [asked for asked in azure.asked if asked.startswith("GET /runs")]


@pytest.mark.parametrize("show", [{}, {"no_logs": True}], ids=["log", "no-logs"])
@pytest.mark.parametrize(("status", "code"), [("Failed", 1), ("Error", 1), ("Canceled", 4), ("Timeout", 124)])
def test_the_exit_code_is_the_runs_and_the_last_words_say_how_to_see_more(
    azure: Azure, context: str, capsys: pytest.CaptureFixture[str], status: str, code: int, show: dict[str, Any]
) -> None:
    azure.run.statuses = [(0, "Queued"), (20, status)]
    azure.run.error_message = "failed during run, err: exit status 1"
    assert exits(context, **show) == code
    last = capsys.readouterr().err.splitlines()[-1]
    assert last == "See its whole log with: az acr task logs -r myregistry --run-id cf1"


@pytest.mark.parametrize("no_wait", [False, True])
def test_a_pool_that_does_not_exist_is_told_before_anything_is_sent(
    azure: Azure, context: str, capsys: pytest.CaptureFixture[str], no_wait: bool
) -> None:
    assert exits(context, agent_pool_name="nopool", no_wait=no_wait) == 3
    assert "az acr agentpool create --registry myregistry --name nopool" in capsys.readouterr().err
    assert not azure.uploads
    assert "POST /scheduleRun" not in azure.asked


@pytest.mark.parametrize(
    "properties", [{"count": 0}, {"count": 1, "provisioningState": "Failed"}, {"provisioningState": "Deleting"}]
)
def test_a_pool_that_takes_no_runs_is_an_error_unless_nobody_waits(
    azure: Azure, context: str, properties: dict[str, Any]
) -> None:
    azure.pools["mypool"] = properties
    assert exits(context, agent_pool_name="mypool") == 1
    assert not azure.uploads
    assert run_build(context, agent_pool_name="mypool", no_wait=True).run_id == "cf1"


def test_what_to_type_for_an_empty_pool(azure: Azure, context: str, capsys: pytest.CaptureFixture[str]) -> None:
    exits(context, agent_pool_name="emptypool")
    assert "az acr agentpool update --registry myregistry --name emptypool --count 1" in capsys.readouterr().err


def test_a_pool_that_is_being_created_is_waited_for(
    azure: Azure, context: str, capsys: pytest.CaptureFixture[str]
) -> None:
    azure.pools["mypool"]["provisioningState"] = "Creating"
    run_build(context, agent_pool_name="mypool")
    assert "in state Creating" in capsys.readouterr().err


def test_not_being_allowed_to_read_pools_stops_no_build(
    azure: Azure, context: str, capsys: pytest.CaptureFixture[str]
) -> None:
    azure.replaced["/agentPools/mypool"] = Reply(403, {"error": {"code": "AuthorizationFailed", "message": "no"}})
    run_build(context, agent_pool_name="mypool")
    assert "could not be checked" in capsys.readouterr().err


def test_git_is_left_to_the_service(azure: Azure) -> None:
    run_build(GIT, docker_file_path="sub/Dockerfile")
    assert azure.request["sourceLocation"] == GIT
    assert azure.request["dockerFilePath"] == "sub/Dockerfile"
    assert not azure.uploads


@pytest.mark.parametrize(("status", "code"), [(404, 3), (410, 3)])
def test_a_tarball_that_is_not_there_is_refused(
    azure: Azure, monkeypatch: pytest.MonkeyPatch, status: int, code: int
) -> None:
    monkeypatch.setattr(run_source, "head_status", lambda _: status)
    assert exits("https://example.com/x.tar.gz") == code
    assert "POST /scheduleRun" not in azure.asked


@pytest.mark.parametrize("status", [None, 401, 403, 405, 500])
def test_a_tarball_that_this_machine_cannot_check_is_left_to_the_service(
    azure: Azure, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], status: int | None
) -> None:
    monkeypatch.setattr(run_source, "head_status", lambda _: status)
    run_build("https://example.com/x.tar.gz?sig=topsecret")
    shown = capsys.readouterr().err
    assert "could not be checked" in shown
    assert "topsecret" not in shown


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"source": "nosuchfolder"}, 3),
        ({"source": "ftp://example.com/x"}, 2),
        ({"source": GIT, "platform": "plan9"}, 2),
        ({"source": GIT, "auth_mode": "None", "source_acr_auth_id": "[caller]"}, 2),
    ],
)
def test_what_cannot_be_right_is_refused_before_anything_is_sent(
    azure: Azure, options: dict[str, Any], code: int
) -> None:
    assert exits(**options) == code
    assert not [asked for asked in azure.asked if asked.startswith("POST")]


def test_a_context_without_a_dockerfile_is_refused(
    azure: Azure, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert exits(str(tmp_path)) == 3
    assert "--file" in caplog.text
    assert not azure.uploads


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"image_names": None}, "not pushed"),
        ({"image_names": ["hello:{{.Build.ID}}"]}, "{{.Run.ID}}"),
        ({"auth_mode": "Default"}, "--source-acr-auth-id"),
    ],
)
def test_options_that_may_surprise_are_remarked_on(
    azure: Azure, capsys: pytest.CaptureFixture[str], options: dict[str, Any], says: str
) -> None:
    azure.registry["roleAssignmentMode"] = "AbacRepositoryPermissions"
    run_build(GIT, **options)
    assert says in capsys.readouterr().err


def test_ctrl_c_cancels_the_run(azure: Azure, caplog: pytest.LogCaptureFixture) -> None:
    azure.clock.at(10, interrupted)
    azure.run.statuses = [(0, "Running")]
    assert exits(GIT) == 130
    assert azure.cancelled
    assert "Run cf1 was cancelled." in caplog.text


def test_a_second_ctrl_c_leaves_at_once(
    azure: Azure, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    azure.clock.at(10, interrupted)
    azure.run.statuses = [(0, "Running")]
    monkeypatch.setattr(run_ending, "cancel_run", interrupted)
    assert exits(GIT) == 130
    shown = capsys.readouterr().err
    assert "cf1" in shown
    assert "az acr task show-run -r myregistry --run-id cf1" in shown


def test_losing_arm_is_a_failure_that_names_the_run(azure: Azure, capsys: pytest.CaptureFixture[str]) -> None:
    azure.replaced["/runs/cf1"] = Reply(503)
    assert exits(GIT) == 1
    assert "Run cf1 goes on" in capsys.readouterr().err


def test_after_a_lost_reply_nothing_is_queued_again(azure: Azure, capsys: pytest.CaptureFixture[str]) -> None:
    azure.replaced["/scheduleRun"] = ServiceResponseError("reset")
    azure.replaced["/runs"] = {"value": []}
    assert exits(GIT) == 1
    assert azure.asked.count("POST /scheduleRun") == 1
    assert "az acr task list-runs -r myregistry" in capsys.readouterr().err


def test_a_run_found_again_is_followed_and_said_to_be(azure: Azure, capsys: pytest.CaptureFixture[str]) -> None:
    azure.lose_reply_to_schedule()
    run_build(GIT)
    assert "was lost. Run cf1 is the only one" in capsys.readouterr().err


def test_a_run_found_again_that_built_something_else_is_no_success(azure: Azure) -> None:
    azure.lose_reply_to_schedule()
    assert exits(GIT, image_names=["other:v1"]) == 1


def test_a_run_found_again_is_not_cancelled_by_ctrl_c(azure: Azure, capsys: pytest.CaptureFixture[str]) -> None:
    azure.lose_reply_to_schedule()
    azure.clock.at(10, interrupted)
    azure.run.statuses = [(0, "Running")]
    assert exits(GIT) == 130
    assert not azure.cancelled
    assert "az acr task cancel-run" in capsys.readouterr().err
