"""Steps that are run on this machine: which ones, in which surroundings, and that they end."""

from __future__ import annotations

import base64
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

import pytest
from acr_emulator.acb.docker import Printed
from acr_emulator.executor import CheckExecutor, Event, Job, LogLine, Outcome
from acr_emulator.executor.azure_cli_steps import AzureCliSteps, Place
from acr_emulator.executor.errors import StoppedError
from acr_emulator.executor.host_program import HostProgram, Processes

pytestmark = pytest.mark.skipif(
    os.name != "posix" or shutil.which("bash") is None, reason="the steps here are written for bash"
)

STARTED = datetime(2025, 3, 4, 5, 6, 7, tzinfo=timezone.utc)
IMAGE = "mcr.microsoft.com/azure-cli"
FAILED = Outcome("Failed", "failed during run, err: exit status 1")


class Machine:
    """Runs tasks in places below a folder, with an `az` that says how it was called."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        programs = folder / "bin"
        programs.mkdir()
        az = programs / "az"
        az.write_text('#!/usr/bin/env bash\necho "az $*"\n')
        az.chmod(0o755)
        self.path = f"{programs}{os.pathsep}{os.environ['PATH']}"
        self.jobs: list[Job] = []
        self.steps = AzureCliSteps(self._place)

    @contextmanager
    def _place(self, job: Job) -> Iterator[Place]:
        self.jobs.append(job)
        workspace = self.folder / f"place{len(self.jobs)}"
        workspace.mkdir()
        try:
            yield Place(workspace, {"PATH": self.path, "GREETING": "hello"}, {"HOME": "/nowhere"}, ("s3cr3t",))
        finally:
            workspace.rename(self.folder / f"left{len(self.jobs)}")

    def events(self, *steps: str) -> Iterator[Event]:
        executor = CheckExecutor()
        executor.azure_cli_steps = self.steps
        text = base64.b64encode("\n".join(["steps:", *steps]).encode()).decode()
        request = {"type": "EncodedTaskRunRequest", "encodedTaskContent": text}
        return executor.execute(Job("cf1", request, "myregistry.azurecr.io", STARTED))

    def run(self, *steps: str) -> tuple[list[LogLine], Outcome]:
        """What containers print, and how the run ends."""
        *lines, outcome = self.events(*steps)
        assert isinstance(outcome, Outcome)
        shown = [line for line in lines if isinstance(line, LogLine) and line.text]
        return [line for line in shown if not line.text.startswith(("2025/", "Run ID:"))], outcome

    def texts(self, *steps: str) -> tuple[list[str], Outcome]:
        lines, outcome = self.run(*steps)
        return [line.text for line in lines], outcome


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize("tag", ["", ":latest", ":2.75.0", f"@sha256:{'0' * 64}"])
def test_a_command_of_az_s_image_is_run(machine: Machine, tag: str) -> None:
    assert machine.texts(f"  - cmd: {IMAGE}{tag} az account show -o tsv") == (
        ["az account show -o tsv"],
        Outcome("Succeeded"),
    )


@pytest.mark.parametrize("image", ["bash", "azure-cli", "example.com/azure-cli", f"{IMAGE}-extra", f"{IMAGE}/x"])
def test_a_command_of_another_image_is_only_checked(machine: Machine, image: str) -> None:
    assert machine.texts(f"  - cmd: {image} touch {machine.folder}/made") == ([], Outcome("Succeeded"))
    assert (machine.jobs, (machine.folder / "made").exists()) == ([], False)


def test_the_steps_of_a_run_share_a_folder(machine: Machine) -> None:
    steps = [
        f"  - cmd: {IMAGE} bash -c 'touch made; echo $GREETING $NAME $HOME; cd ..; pwd -P'",
        "    env: [NAME=you]",
        "    workingDirectory: inner",
        f"  - cmd: {IMAGE} bash -c 'ls inner; pwd -P'",
    ]
    place = str((machine.folder / "place1").resolve())
    assert machine.texts(*steps)[0] == ["hello you /nowhere", place, "made", place]
    assert [path.name for path in (machine.folder / "left1" / "inner").iterdir()] == ["made"]


def test_the_agent_s_shell_reads_the_line_first(machine: Machine) -> None:
    assert machine.texts(f"""  - cmd: {IMAGE} bash -c "echo '$PWD' $((1 + 2))" """)[0] == ["/workspace 3"]
    # Here the shell does more than to wait for the command.
    assert machine.texts(f"  - cmd: {IMAGE} az show && echo done")[0] == ["az show", "done"]
    assert machine.texts(f"  - cmd: {IMAGE} false || echo $?")[0] == ["1"]


@pytest.mark.parametrize(
    "directory",
    ["../../../outside", "/../outside", "..\\..\\outside", "C:\\outside", "/workspace/../../outside"],
)
def test_a_working_directory_is_below_the_place_s_own(machine: Machine, directory: str) -> None:
    steps = [f"  - cmd: {IMAGE} bash -c 'pwd -P; touch made'", f"    workingDirectory: '{directory}'"]
    place = (machine.folder / "place1").resolve()
    (folder,), outcome = machine.texts(*steps)
    assert (outcome, Path(folder).is_relative_to(place)) == (Outcome("Succeeded"), True)
    assert not any(mark in Path(folder).relative_to(place).as_posix() for mark in ("\\", ":"))


@pytest.mark.parametrize(
    ("directory", "reason"),
    [("made", "mkdir made: File exists"), ("made/x", "mkdir x: Not a directory"), ("n" * 300, "File name too long")],
    ids=["file", "below a file", "long"],
)
def test_a_working_directory_that_cannot_be_made_fails_the_run(machine: Machine, directory: str, reason: str) -> None:
    steps = [f"  - cmd: {IMAGE} touch made", f"  - id: two\n    cmd: {IMAGE} az", f"    workingDirectory: {directory}"]
    (said, failed), outcome = machine.texts(*steps)
    assert (failed, outcome) == ("failed to run step ID: two: exit status 125", FAILED)
    assert said.startswith("docker: Error response from daemon: mkdir ")
    assert said.endswith(f"{reason}.")


@pytest.mark.parametrize(
    ("command", "lines", "code"),
    [
        ("bash -c 'echo out; echo err >&2; exit 3'", ["out", "err"], 3),
        ("bash -c 'kill -9 $$'", [], 137),
        (
            "nothing x",
            ['docker: Error response from daemon: exec: "nothing": executable file not found in $PATH.'],
            127,
        ),
    ],
    ids=["exit", "signal", "missing"],
)
def test_a_command_that_fails_fails_the_run(machine: Machine, command: str, lines: list[str], code: int) -> None:
    expected = [*lines, f"failed to run step ID: one: exit status {code}"]
    assert machine.texts(f"  - id: one\n    cmd: {IMAGE} {command}") == (expected, FAILED)


def test_lines_come_as_they_are_printed_and_are_not_waited_for_again(machine: Machine) -> None:
    lines, _ = machine.run(f"  - cmd: {IMAGE} bash -c 'for i in 1 2 3; do echo $i; done'")
    assert [(line.text, line.seconds_before) for line in lines] == [("1", 0), ("2", 0), ("3", 0)]
    assert [line.is_live for line in lines] == [True, True, True]


def test_secrets_of_its_place_are_not_logged(machine: Machine) -> None:
    assert machine.texts(f"  - cmd: {IMAGE} echo is s3cr3t")[0] == ["is ***"]


def test_what_a_command_leaves_behind_ends_with_it(machine: Machine) -> None:
    lines, outcome = machine.texts(f"  - cmd: {IMAGE} bash -c 'sleep 600 & echo started'")
    assert (lines, outcome) == (["started"], Outcome("Succeeded"))


def test_a_run_that_is_stopped_ends_its_command(machine: Machine) -> None:
    events = machine.events(f"  - cmd: {IMAGE} bash -c 'echo started; exec sleep 600'")
    assert any(isinstance(event, LogLine) and event.text == "started" for event in events)
    machine.jobs[0].stop.set()
    with pytest.raises(StoppedError):
        next(events)
    assert (machine.folder / "left1").exists()


def test_when_the_emulator_ends_all_ends_and_nothing_begins(machine: Machine) -> None:
    events = machine.events(f"  - cmd: {IMAGE} bash -c 'echo started; exec sleep 600'")
    assert any(isinstance(event, LogLine) and event.text == "started" for event in events)
    machine.steps.end()
    *_, outcome = events
    assert outcome == FAILED
    with pytest.raises(StoppedError):
        list(machine.events(f"  - cmd: {IMAGE} az show"))


def test_a_program_waits_until_its_lines_are_taken(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"]}
    arguments = ["bash", "-c", "seq 200000; touch finished"]
    running = HostProgram(Processes(), arguments, environment, tmp_path, threading.Event(), lambda _: None).run()
    shown: list[str] = []
    for event in running:
        if isinstance(event, Printed):
            shown.append(event.text)
            # A pipe holds less than half of it.
            assert len(shown) > 100000 or not (tmp_path / "finished").exists()
    assert shown == [str(number) for number in range(1, 200001)]


def test_a_program_is_ended_by_whoever_does_not_want_it_any_more(tmp_path: Path) -> None:
    processes = Processes()
    spent: list[float] = []
    environment = {"PATH": os.environ["PATH"]}
    arguments = ["bash", "-c", "echo $$; exec sleep 600"]
    running = HostProgram(processes, arguments, environment, tmp_path, threading.Event(), spent.append).run()
    printed = next(event for event in running if isinstance(event, Printed))
    running.close()
    with pytest.raises(ProcessLookupError):
        os.kill(int(printed.text), 0)
    assert sum(spent) >= printed.seconds_before
