"""What the commands about runs, timers and identities print equals what az's own print of the same registry.

Columns that ours add to a table stand at its end. Of timers, az's own makes a table of tasks with hardly anything in
it; ours has columns of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from az_harness import Az, Emulator
from az_processes import Forks
from task_command_lines import (
    DOCKER,
    IDENTITY_ON_POOL,
    REGISTRY,
    TASK_RUN,
    TIMED_ON_POOL,
    WITH_BOTH_IDENTITIES,
    WITHOUT_TRIGGER,
    WORLD,
)

SOURCE = {
    "sourceLocation": "https://github.com/Azure-Samples/acr-build-helloworld-node.git#main",
    "dockerFilePath": "Dockerfile",
    "platform": {"os": "linux", "architecture": "amd64"},
}
BUILD = {**SOURCE, "type": "DockerBuildRequest", "isPushEnabled": True}
ENCODED = {**SOURCE, "type": "EncodedTaskRunRequest"}
# bash; bash exit 3; bash sleep 3000
HELLO, FAILING, SLOW = (
    "c3RlcHM6CiAgLSBjbWQ6IGJhc2gK",
    "c3RlcHM6CiAgLSBjbWQ6IGJhc2ggZXhpdCAzCg==",
    "c3RlcHM6CiAgLSBjbWQ6IGJhc2ggc2xlZXAgMzAwMAo=",
)
# Runs of every kind, oldest first; the first is the task run's.
RUNS = (
    {**BUILD, "imageNames": ["app:v1", "app:latest"]},
    {**BUILD, "imageNames": ["app:v2"], "agentPoolName": "myagentpool"},
    {**ENCODED, "encodedTaskContent": FAILING},
    {**ENCODED, "encodedTaskContent": HELLO},
    {"type": "TaskRunRequest", "taskId": f"{REGISTRY}/tasks/onpool"},
    {**ENCODED, "encodedTaskContent": SLOW},
)
TASKS = {
    "plain": DOCKER,
    "timed": TIMED_ON_POOL,
    "bare0": WITHOUT_TRIGGER,
    "identified": WITH_BOTH_IDENTITIES,
    "onpool": IDENTITY_ON_POOL,
}
# A list of more than two runs has more than one page.
PAGED = {**WORLD, "pageSize": 3}

FORMATS = ("json", "jsonc", "yaml", "yamlc", "tsv", "table", "none")
LISTS: tuple[tuple[str, ...], ...] = (
    ("--top", "1"),
    ("--top", "3"),
    ("-n", "onpool"),
    ("-n", "nosuchtask"),
    ("--run-status", "failed"),
    ("--run-status", "Timeout"),
)
QUERIES = ("[].{ID:runId, Image:outputImages[0].tag}", "[?status=='Failed'].runId", "length(@)", "[0]", "[].task")
LIST_RUNS = ("task", "list-runs")
SHOW_RUN = ("task", "show-run")
LINES: tuple[tuple[str, ...], ...] = (
    *((*LIST_RUNS, "-o", form) for form in FORMATS),
    *((*LIST_RUNS, *arguments, "-o", form) for arguments in LISTS for form in ("json", "table")),
    *((*LIST_RUNS, "--query", query, "-o", form) for query in QUERIES for form in ("json", "tsv")),
    (*LIST_RUNS, "--query", QUERIES[0], "-o", "table"),
    *((*SHOW_RUN, "--run-id", "cf2", "-o", form) for form in FORMATS),
    *((*SHOW_RUN, "--run-id", run, "-o", "json") for run in ("cf1", "cf4", "cf6", "cf7")),
    (*SHOW_RUN, "--run-id", "cf4", "--query", "[status, runErrorMessage, agentPoolName]", "-o", "tsv"),
    ("task", "update-run", "--run-id", "cf2", "--query", "isArchiveEnabled"),
    *(("task", "timer", "list", "-n", name, "-o", "json") for name in TASKS),
    *(("task", "timer", "list", "-n", "timed", "-o", form) for form in ("tsv", "yaml")),
    *(("task", "identity", "show", "-n", name, "-o", form) for name in TASKS for form in ("json", "table")),
    # The newest run was cancelled before it had a log, which az's own waits for.
    ("task", "logs", "--run-id", "cf1"),
    ("task", "logs", "--run-id", "cf4", "--no-format"),
    ("task", "logs", "-n", "onpool"),
    ("task", "logs", "--run-id", "cf2", "-o", "table"),
    ("taskrun", "logs", "-n", "mytaskrun"),
)


class Sides(NamedTuple):
    """az without and with the extension, of one emulator."""

    theirs: Az
    ours: Az


@pytest.fixture(scope="module")
def sides(
    emulators: Callable[..., Emulator], extensions: Path, forks: Forks, tmp_path_factory: pytest.TempPathFactory
) -> Sides:
    """A registry with runs and tasks of every kind; no run is under way."""
    emulator = emulators(world=PAGED)
    for name, body in TASKS.items():
        emulator.arm("PUT", f"{REGISTRY}/tasks/{name}", body)
    emulator.arm("PUT", f"{REGISTRY}/taskRuns/mytaskrun", TASK_RUN)
    for run in RUNS:
        queued = emulator.arm("POST", f"{REGISTRY}/scheduleRun", run)["name"]
    emulator.arm("POST", f"{REGISTRY}/runs/{queued}/cancel")
    for name in (f"cf{number}" for number in range(1, len(RUNS) + 2)):
        while emulator.arm("GET", f"{REGISTRY}/runs/{name}")["properties"]["status"] in ACTIVE:
            emulator.control("POST", "clock/advance", {"seconds": 10})
    folder = tmp_path_factory.mktemp("results")
    ours = emulator.az(folder / "ours", extensions, forks(extensions))
    return Sides(emulator.az(folder / "theirs", None, forks(None)), ours)


ACTIVE = ("Queued", "Started", "Running")


@pytest.mark.parametrize("line", LINES, ids=" ".join)
def test_results_equal_az_own(sides: Sides, line: tuple[str, ...]) -> None:
    theirs, ours = (az("acr", *line, "--registry", "myregistry") for az in sides)
    shown = f"--- theirs\n{theirs.stdout}{theirs.stderr}\n--- ours\n{ours.stdout}{ours.stderr}"
    assert ours.code == theirs.code, shown
    if line[-1] != "table" or "--query" in line:
        assert ours.stdout == theirs.stdout, shown
        return
    assert len(ours.printed) == len(theirs.printed), shown
    for before, after in zip(theirs.printed, ours.printed, strict=True):
        assert after.startswith(before), shown
