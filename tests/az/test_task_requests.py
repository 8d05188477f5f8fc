"""What `az acr run` and the commands of `az acr task` send equals what az's own send for the same command line.

Both run against an emulator of their own, and what each sent is taken from its journal. Where ours is meant to differ,
`task_command_lines` says how, and this test fails when it does not.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from az_harness import Az, Emulator, Finished
from az_processes import Forks
from task_command_lines import (
    ABSENT,
    COMMAND_LINES,
    READING,
    REGISTRY,
    RUNNING,
    SLOW_RUN,
    TASK,
    TASK_RUN,
    WORLD,
    CommandLine,
)

HERE = Path(__file__).parent
ALL_LINES = [*COMMAND_LINES, *READING]
COMMANDS = (
    "acr run",
    *(f"acr task {verb}" for verb in ("create", "update", "run")),
    *(f"acr task credential {verb}" for verb in ("add", "update", "remove")),
    *(f"acr task timer {verb}" for verb in ("add", "update", "remove", "list")),
    *(f"acr task identity {verb}" for verb in ("assign", "remove", "show")),
    *(f"acr task {verb}" for verb in ("logs", "list-runs", "show-run", "cancel-run", "update-run")),
    "acr taskrun logs",
)
# Requests that read.
READ_BY_POST = ("/listdetails", "/listlogsasurl")
# What every command of az has.
COMMON_OPTIONS = {
    *("--debug", "--verbose", "--only-show-errors", "--help", "--output", "--query", "--subscription", "--ids"),
    "--__cmd__",
}


def write_sources(folder: Path) -> None:
    """What the command lines call local files."""
    (folder / "Dockerfile").write_text("FROM scratch\n")
    for name in ("local.yaml", "acb.yaml", "values.yaml"):
        (folder / name).write_text("steps:\n  - cmd: bash\n")


class Side(NamedTuple):
    """az's own or ours, with an emulator of its own."""

    az: Az
    emulator: Emulator

    def run(self, line: CommandLine) -> Invoked:
        """Let there be the task and the run that the line is about, as the line has them, and run the line."""
        path = TASK.replace("/mytask", "/quicktask") if "quicktask" in line.arguments else TASK
        self.emulator.arm("DELETE", path) if line.task is None else self.emulator.arm("PUT", path, line.task)
        self.emulator.arm("PATCH", f"{REGISTRY}/runs/cf1", {"isArchiveEnabled": False})
        run = self._queue(SLOW_RUN) if RUNNING in line.named else ""
        newest = self._queue({"type": "TaskRunRequest", "taskId": TASK}) if line.is_about_newest_run else ""
        self.emulator.control("DELETE", "journal")
        done = self.az(*(run if word == RUNNING else word for word in line.named), stdin=line.stdin)
        return Invoked(
            done,
            [_renamed(each, run, RUNNING) for each in changes(self.emulator)],
            [_renamed(each, newest, "(the newest)") for each in reads(self.emulator)],
        )

    def _queue(self, request: dict[str, Any]) -> str:
        """The name of a new run."""
        return str(self.emulator.arm("POST", f"{REGISTRY}/scheduleRun", request)["name"])


def _renamed(request: dict[str, Any], run: str, name: str) -> dict[str, Any]:
    """The request with another name in its path for a run, if there is one: both sides number their own."""
    return {**request, "path": request["path"].replace(f"/runs/{run}/", f"/runs/{name}/")} if run else request


class Invoked(NamedTuple):
    """What a command line did."""

    done: Finished
    sent: list[dict[str, Any]]
    read: list[dict[str, Any]]


def changes(emulator: Emulator) -> list[dict[str, Any]]:
    """The requests that changed or queued something."""
    return [
        {"method": entry["method"], "path": entry["path"].lower(), "body": entry["body"]}
        for entry in emulator.journal()
        if entry["method"] in ("PUT", "PATCH", "POST")
        and any(part in entry["path"].lower() for part in ("/schedulerun", "/tasks/", "/runs/"))
        and not entry["path"].lower().endswith(READ_BY_POST)
    ]


def reads(emulator: Emulator) -> list[dict[str, Any]]:
    """The requests for lists of runs and for logs."""
    return [
        {"path": entry["path"].lower(), "query": {key: entry["query"].get(key) for key in ("$filter", "$top")}}
        for entry in emulator.journal()
        if entry["path"].lower().endswith(("/runs", "/listlogsasurl"))
    ]


@pytest.fixture(scope="module")
def sides(
    emulators: Callable[..., Emulator],
    extensions: Path,
    forks: Forks,
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Side, Side]:
    """az's own and ours."""

    def side(installed: Path | None) -> Side:
        emulator = emulators(world=WORLD)
        az = emulator.az(tmp_path_factory.mktemp("requests"), installed, forks(installed))
        write_sources(az.folder)
        emulator.arm("PUT", f"{REGISTRY}/taskRuns/mytaskrun", TASK_RUN)
        while emulator.arm("GET", f"{REGISTRY}/runs/cf1")["properties"]["status"] != "Succeeded":
            emulator.control("POST", "clock/advance", {"seconds": 10})
        return Side(replace(az, environment={**az.environment, "HOST_VARIABLE": "from the host"}), emulator)

    return side(None), side(extensions)


def flatten(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf of JSON with its place. The order of a trigger's events means nothing."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from flatten(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value:
        items = sorted(value) if path.endswith("sourceTriggerEvents") else value
        for number, item in enumerate(items):
            yield from flatten(item, f"{path}[{number}]")
    else:
        yield path, comparable(path, value)


def comparable(path: str, value: Any) -> Any:
    """A leaf without what differs by chance: names of uploads, and the case of resource groups in IDs."""
    if not isinstance(value, str):
        return value
    if path.endswith(("sourceLocation", "contextPath")) and value.startswith("source/"):
        return "(an upload)"
    return value.lower() if path.endswith("taskId") else value


def difference(theirs: dict[str, Any], ours: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    left, right = dict(flatten(theirs)), dict(flatten(ours))
    pairs = {path: (left.get(path, ABSENT), right.get(path, ABSENT)) for path in {**left, **right}}
    return {path: pair for path, pair in pairs.items() if pair[0] != pair[1]}


def test_command_lines_are_many_and_different() -> None:
    assert all(line not in ALL_LINES[:number] for number, line in enumerate(ALL_LINES))
    assert len(ALL_LINES) >= 60


def without_mark(body: Any) -> Any:
    """What was sent, but for the token by which `task run` knows its run again if the reply is lost."""
    overrides = (body or {}).get("overrideTaskStepProperties") or {}
    token = b64decode(overrides.get("updateTriggerToken") or "").decode()
    if not re.fullmatch(r"acrpool-[0-9a-f]{32}", token):
        return body
    kept = {name: value for name, value in overrides.items() if name != "updateTriggerToken"}
    return {**body, "overrideTaskStepProperties": kept}


@pytest.mark.parametrize("number", range(len(COMMAND_LINES)), ids=map(str, COMMAND_LINES))
def test_requests_equal_az_own(number: int, sides: tuple[Side, Side]) -> None:
    line = COMMAND_LINES[number]
    theirs, ours = (side.run(line) for side in sides)
    shown = f"--- theirs\n{theirs.done.stderr}\n--- ours\n{ours.done.stderr}"
    assert "Traceback" not in ours.done.stderr, shown
    if line.both_refuse or line.refused:
        assert ours.done.code in (1, 2, 3), shown
        assert ours.sent == []
    if line.refused:
        assert ours.done.code in (1, 2, 3), shown
        assert [told for told in ours.done.told if told.startswith(f"ERROR: {line.refused}")], shown
        assert theirs.sent, shown
        return
    if line.spared:
        assert (theirs.done.code, ours.done.code, len(theirs.sent), ours.sent) == (0, 0, 1, []), shown
        return
    if line.sends:
        assert "Traceback" in theirs.done.stderr
        assert ours.done.code == 0, shown
        assert line.sends.items() <= dict(flatten(ours.sent[-1]["body"])).items()
        return
    if line.both_refuse:
        assert (theirs.done.code != 0, theirs.sent) == (True, []), shown
        return
    assert (theirs.done.code, ours.done.code) == (0, 0), shown
    assert [(sent["method"], sent["path"]) for sent in ours.sent] == [
        (sent["method"], sent["path"]) for sent in theirs.sent
    ]
    assert theirs.sent, shown
    for before, after in zip(theirs.sent[:-1], ours.sent[:-1], strict=True):
        assert difference(before["body"], after["body"]) == {}
    assert difference(theirs.sent[-1]["body"], without_mark(ours.sent[-1]["body"])) == line.differences


@pytest.mark.parametrize("number", range(len(READING)), ids=map(str, READING))
def test_reads_equal_az_own(number: int, sides: tuple[Side, Side]) -> None:
    line = READING[number]
    theirs, ours = (side.run(line) for side in sides)
    shown = f"--- theirs\n{theirs.done.stderr}\n--- ours\n{ours.done.stderr}"
    # Where nothing is found, az's own has the exit code of any failure.
    assert ours.done.code == {1: 3}.get(theirs.done.code, theirs.done.code), shown
    assert theirs.sent == ours.sent == []
    assert theirs.read == ours.read, shown


def test_no_secret_is_shown(sides: tuple[Side, Side]) -> None:
    _, ours = sides
    secretive = [line for line in COMMAND_LINES if "s3cret" in str(line)]
    assert len(secretive) >= 10
    for line in secretive:
        done = ours.run(line).done
        assert "s3cret" not in done.stdout + done.stderr


def test_every_option_is_among_the_command_lines(plain_az: Az) -> None:
    done = subprocess.run(
        [sys.executable, str(HERE / "dump_commands.py"), *COMMANDS],
        check=True,
        capture_output=True,
        encoding="utf-8",
        env=dict(plain_az.environment),
        cwd=plain_az.folder,
    )
    for command, described in json.loads(done.stdout).items():
        length = len(command.split())
        used = {word for line in ALL_LINES if " ".join(line.named[:length]) == command for word in line.named[length:]}
        for name, argument in described["arguments"].items():
            options = set(argument["options"])
            assert not options or options & (used | COMMON_OPTIONS), (command, name)
