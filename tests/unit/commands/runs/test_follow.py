"""From queueing a run to its end: where its log goes, and what the command's result is."""

from __future__ import annotations

import pytest
from run_azure import Azure


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
