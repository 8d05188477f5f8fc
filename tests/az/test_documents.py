"""Every command in the README and in docs/ runs as it is written there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from az_harness import Emulator, run_program
from az_on_path import AzOnPath
from az_processes import COMMANDS, Forks

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"(?:<!-- (?P<note>[^>]*) -->\n)?```bash\n(?P<script>.*?)```", re.DOTALL)
# The block that names the demo and the tests: the demo has a test of its own, the tests are running.
OWN_COMMANDS = "scripts/demo "


class Block(NamedTuple):
    """A block of commands in a document, and what the comment before it says of where it is run."""

    document: str
    number: int
    note: str
    script: str

    def __str__(self) -> str:
        return f"{self.document}-{self.number}"


def blocks() -> list[Block]:
    found = []
    for document in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        for number, match in enumerate(BLOCK.finditer(document.read_text("utf-8")), start=1):
            block = Block(document.name, number, match["note"] or "", match["script"])
            if not block.script.startswith(OWN_COMMANDS):
                found.append(block)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with a Dockerfile and a CI script, as a reader would have one."""
    shutil.copytree(ROOT / "examples" / "hello", tmp_path / "project")
    script = tmp_path / "project" / "my-ci-script.sh"
    script.write_text("#!/bin/sh\naz acr show --name myregistry --output none\n")
    script.chmod(0o755)
    return tmp_path / "project"


@pytest.fixture(scope="module")
def commands(extensions: Path, forks: Forks) -> Iterator[Path]:
    """A folder for PATH whose `az` does not have to start anew for each command."""
    with AzOnPath(forks.server(extensions)) as az:
        yield az.folder


def checkout(tmp_path: Path) -> Path:
    """A copy of the files that git keeps, so that what is built there leaves nothing behind."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    for name in filter(None, listed.stdout.split("\0")):
        target = tmp_path / "checkout" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
    return tmp_path / "checkout"


# The blocks of a document build on each other, so one worker runs them all.
@pytest.mark.parametrize(
    "block", [pytest.param(block, marks=pytest.mark.xdist_group(block.document)) for block in blocks()], ids=str
)
def test_commands_of_the_documents(
    block: Block, emulator: Emulator, folder: Path, extensions: Path, commands: Path
) -> None:
    place = folder
    az = emulator.az(folder.parent / "settings", extensions)
    environment = {
        **az.environment,
        "PATH": os.pathsep.join(map(str, (commands, COMMANDS, os.environ["PATH"]))),
        "VIRTUAL_ENV": str(COMMANDS.parent),
        # What a reader installs must not land in the environment that the tests run in.
        "PIP_TARGET": str(folder.parent / "installed"),
        "ACR_EMULATOR_HOME": str(folder.parent / "emulator"),
    }
    if block.note == "run in the checkout":
        place = checkout(folder.parent)
        # az itself, which has to load what is installed there.
        environment["PATH"] = f"{COMMANDS}{os.pathsep}{os.environ['PATH']}"
        environment["AZURE_EXTENSION_DIR"] = str(folder.parent / "no-extensions-yet")
        # What is installed comes from elsewhere, which is not to be trusted for the emulator's sake.
        del environment["REQUESTS_CA_BUNDLE"]
        environment.update({name: value for name, value in os.environ.items() if name == "REQUESTS_CA_BUNDLE"})
    bash = ("bash", "-euo", "pipefail", "-c", block.script)
    run_program(*bash, folder=place, environment=environment, limit_seconds=300).succeeded()


def test_demo() -> None:
    demo = str(ROOT / "scripts" / "demo")
    printed = run_program(demo, folder=ROOT, environment=os.environ, limit_seconds=300).succeeded().printed
    assert "$ az acr build --registry myregistry --agent-pool mypool --image hello:v1 hello" in printed
    assert "Successfully tagged myregistry.azurecr.io/hello:v1" in printed
    assert '  "count": 0' in printed
