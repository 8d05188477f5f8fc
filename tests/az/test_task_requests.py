"""What `az acr run` and the `az acr task` commands send equals what az's own send for the same command line.

Both run against an emulator of their own, and what each sent is taken from its journal. Where ours is meant to differ,
`task_command_lines` says how, and this test fails when it does not.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from az_harness import Az, Emulator
from task_command_lines import ABSENT, COMMAND_LINES, TASK, WORLD, CommandLine

HERE = Path(__file__).parent
COMMANDS = (
    "acr run",
    *(f"acr task {verb}" for verb in ("create", "update", "run")),
    *(f"acr task credential {verb}" for verb in ("add", "update", "remove")),
)
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


def steps(line: CommandLine) -> dict[str, Any]:
    quick = TASK.replace("/mytask", "/quicktask")
    is_quick = "quicktask" in line.arguments
    tasks = {quick if is_quick else TASK: line.task}
    return {"arguments": line.named, "tasks": tasks, "stdin": line.stdin}


def invoke_all(az: Az) -> list[dict[str, Any]]:
    write_sources(az.folder)
    done = subprocess.run(
        [sys.executable, str(HERE / "invoke_commands.py")],
        check=False,
        input=json.dumps([steps(line) for line in COMMAND_LINES]),
        capture_output=True,
        encoding="utf-8",
        env={**az.environment, "HOST_VARIABLE": "from the host"},
        cwd=az.folder,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    results: list[dict[str, Any]] = json.loads(done.stdout)
    return results


Pair = tuple[dict[str, Any], dict[str, Any]]


@pytest.fixture(scope="module")
def invoked(
    emulators: Callable[..., Emulator], extensions: Path, tmp_path_factory: pytest.TempPathFactory
) -> list[Pair]:
    """What az's own and ours did for each command line."""
    folder = tmp_path_factory.mktemp("requests")
    sides = [
        emulators("--pool-seconds", "0.02", world=WORLD).az(folder / name, installed)
        for name, installed in (("theirs", None), ("ours", extensions))
    ]
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as executor:
        theirs, ours = executor.map(invoke_all, sides)
    return list(zip(theirs, ours, strict=True))


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
    assert all(line not in COMMAND_LINES[:number] for number, line in enumerate(COMMAND_LINES))
    assert len(COMMAND_LINES) >= 60


@pytest.mark.parametrize("number", range(len(COMMAND_LINES)), ids=map(str, COMMAND_LINES))
def test_requests_equal_az_own(number: int, invoked: list[Pair]) -> None:
    line = COMMAND_LINES[number]
    theirs, ours = invoked[number]
    shown = f"--- theirs\n{theirs['stderr']}\n--- ours\n{ours['stderr']}"
    assert "Traceback" not in ours["stderr"], shown
    if line.both_refuse or line.refused:
        assert ours["code"] in (1, 2, 3), shown
        assert ours["sent"] == []
    if line.refused:
        assert (ours["code"], line.refused in ours["stderr"]) == (2, True), shown
        assert theirs["sent"], shown
        return
    if line.spared:
        assert (theirs["code"], ours["code"], len(theirs["sent"]), ours["sent"]) == (0, 0, 1, []), shown
        return
    if line.sends:
        assert "Traceback" in theirs["stderr"]
        assert ours["code"] == 0, shown
        assert line.sends.items() <= dict(flatten(ours["sent"][-1]["body"])).items()
        return
    if line.both_refuse:
        assert (theirs["code"] != 0, theirs["sent"]) == (True, []), shown
        return
    assert (theirs["code"], ours["code"]) == (0, 0), shown
    assert [(sent["method"], sent["path"]) for sent in ours["sent"]] == [
        (sent["method"], sent["path"]) for sent in theirs["sent"]
    ]
    assert theirs["sent"], shown
    for before, after in zip(theirs["sent"][:-1], ours["sent"][:-1], strict=True):
        assert difference(before["body"], after["body"]) == {}
    assert difference(theirs["sent"][-1]["body"], ours["sent"][-1]["body"]) == line.differences


def test_no_secret_is_shown(invoked: list[Pair]) -> None:
    secretive = [ours for line, (_, ours) in zip(COMMAND_LINES, invoked, strict=True) if "s3cret" in str(line)]
    assert len(secretive) >= 10
    for ours in secretive:
        assert "s3cret" not in ours["stdout"] + ours["stderr"]


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
        used = {
            word for line in COMMAND_LINES if " ".join(line.named[:length]) == command for word in line.named[length:]
        }
        for name, argument in described["arguments"].items():
            options = set(argument["options"])
            assert not options or options & (used | COMMON_OPTIONS), (command, name)
