"""From queueing a run to its end: where its log goes, and what the command's result is."""

from __future__ import annotations

from io import StringIO

import pytest
from run_azure import Azure
from scripted_arm import REGISTRY

from azext_acrpool.commands.console.errors import InterruptedCommandError
from azext_acrpool.commands.runs.follow import Follower
from azext_acrpool.commands.runs.options import FollowOptions
from azext_acrpool.commands.runs.queue import RunOrder, Submission


def test_without_logs_the_finished_run_is_the_result(azure: Azure, context: str) -> None:
    finished = azure.build(context, no_logs=True)
    assert finished.result.status == "Succeeded"
    assert finished.result.output_images[0].digest == "sha256:1"
    assert finished.stdout == ""


def test_without_waiting_the_queued_run_is_the_result(azure: Azure, context: str) -> None:
    assert azure.build(context, no_wait=True).result.status == "Queued"
    assert not [asked for asked in azure.asked if asked.startswith("GET /runs")]


def test_no_logs_and_logs_none_are_the_same(azure: Azure) -> None:
    assert azure.build(no_logs=True, logs="none").result.status == "Succeeded"


def test_the_log_on_stderr_leaves_stdout_to_the_run(azure: Azure) -> None:
    finished = azure.build(logs="stderr")
    assert finished.result.output_images[0].digest == "sha256:1"
    assert finished.stdout == ""
    assert finished.told == ["WARNING: Queued a build with ID: cf1", "Run cf1: running after 6 s", "Step 1"]


def test_the_log_on_stdout_leaves_no_result(azure: Azure) -> None:
    finished = azure.build(logs="stdout")
    assert finished.result is None
    assert finished.stdout == "Step 1\n"


@pytest.mark.parametrize(
    ("no_format", "printed"), [(False, "Step 1\n"), (True, "\x1b[1mStep 1\x1b[0m\n")], ids=["plain", "raw"]
)
@pytest.mark.parametrize("target", ["stdout", "stderr"])
def test_colours_reach_a_file_only_if_the_log_shall_not_be_formatted(
    azure: Azure, no_format: bool, printed: str, target: str
) -> None:
    azure.run.log = [(6, b"\x1b[1mStep 1\x1b[0m\r\n")]
    finished = azure.build(logs=target, no_format=no_format)
    told = "WARNING: Queued a build with ID: cf1\nRun cf1: running after 6 s\n"
    assert (finished.stdout, finished.stderr) == ((printed, told) if target == "stdout" else ("", f"{told}{printed}"))


def test_an_interruption_between_queueing_and_following_is_about_the_run(azure: Azure) -> None:
    from azure.mgmt.containerregistrytasks.models import EncodedTaskRunRequest, PlatformProperties

    azure.never_starts()
    submission = Submission.begin(azure.session.open(StringIO(), StringIO()), REGISTRY, None, FollowOptions())
    follower = Follower(submission)
    request = EncodedTaskRunRequest(encoded_task_content="c3RlcHM6IFtd", platform=PlatformProperties(os="Linux"))
    submission.queue(RunOrder(request), None, on_queued=follower.take)
    with pytest.raises(InterruptedCommandError) as interruption, follower.leaving_on_interrupt():
        raise KeyboardInterrupt
    assert interruption.value.message == "Run cf1 was cancelled."


def test_an_interruption_before_a_run_is_queued_is_about_none(azure: Azure) -> None:
    submission = Submission.begin(azure.session.open(StringIO(), StringIO()), REGISTRY, None, FollowOptions())
    with pytest.raises(KeyboardInterrupt) as interruption, Follower(submission).leaving_on_interrupt():
        raise KeyboardInterrupt
    assert not isinstance(interruption.value, InterruptedCommandError)
