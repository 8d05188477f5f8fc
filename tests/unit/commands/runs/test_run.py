"""`az acr run`: the definition and the files that a run goes with."""

from __future__ import annotations

import errno
import os
from base64 import b64decode
from pathlib import Path

import pytest
from run_azure import Azure

from azext_acrpool.commands.console.errors import UsageError
from azext_acrpool.commands.runs.run import file_below, run
from azext_acrpool.commands.runs.source import SourceMissingError


@pytest.mark.parametrize("name", ["missing.yaml", "../outside.yaml", "/etc/hostname", "folder"])
def test_files_of_a_run_must_be_in_its_folder(azure: Azure, tmp_path: Path, name: str) -> None:
    source = tmp_path / "source"
    (source / "folder").mkdir(parents=True)
    (tmp_path / "outside.yaml").write_text("")
    with pytest.raises(SourceMissingError):
        file_below(source, name)
    finished = azure.call(run, source_location=str(source), file=name)
    assert finished.exit_code == 3
    assert finished.told == [
        f"There is no file '{name}' in the source location '{source}'.",
        "Name a file by its path below the source location.",
    ]
    assert not azure.uploads


def test_standard_input_can_come_with_a_source(azure: Azure, context: str) -> None:
    azure.session.stdin = b"steps: []"
    assert azure.call(run, source_location=context, file="-", no_wait=True).exit_code == 0
    assert azure.request["type"] == "EncodedTaskRunRequest"
    assert b64decode(azure.request["encodedTaskContent"]) == b"steps: []"
    assert azure.request["sourceLocation"] == "source/x.tar.gz"


def test_run_without_a_source(azure: Azure) -> None:
    finished = azure.call(run, source_location="/dev/null", cmd_value="bash", agent_pool_name="mypool", no_wait=True)
    assert finished.result.run_id == "cf1"
    assert finished.told == ["Queued run cf1 on agent pool mypool (2 instances)"]
    assert (azure.request["type"], azure.request["agentPoolName"]) == ("EncodedTaskRunRequest", "mypool")
    assert "sourceLocation" not in azure.request


def test_a_run_is_followed_as_a_build_is(azure: Azure) -> None:
    azure.run.statuses = [(0, "Queued"), (20, "Failed")]
    finished = azure.call(run, source_location="/dev/null", cmd_value="bash")
    assert (finished.exit_code, finished.stdout) == (1, "Step 1\n")
    assert finished.told[-2:] == [
        "Run cf1 ended as Failed.",
        "See its whole log with: az acr task logs -r myregistry --run-id cf1",
    ]


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b"])
def test_what_cannot_be_a_path_is_not_in_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceMissingError):
        file_below(tmp_path, name)


def test_links_in_a_circle_are_no_file(tmp_path: Path) -> None:
    (tmp_path / "circle").symlink_to("circle")
    with pytest.raises(UsageError) as caught:
        file_below(tmp_path, "circle")
    assert str(caught.value) == (
        f"'circle' in the source location '{tmp_path}' cannot be used: {os.strerror(errno.ELOOP)}."
    )
