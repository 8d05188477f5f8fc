"""az processes against the emulator: az's own commands, and ours from the wheel, side by side."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from az_harness import Az, Emulator

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def extensions() -> Path:
    """The folder of extensions that holds ours, installed by az from the wheel that this checkout makes."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "extension.py")], check=True, capture_output=True, encoding="utf-8"
    )
    return Path(done.stdout.strip())


@pytest.fixture(scope="module")
def emulators(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Emulator]]:
    """Starts emulators; each lives until the module's tests are done."""
    with ExitStack() as stack:

        def start(*options: str, world: Any = None) -> Emulator:
            return stack.enter_context(Emulator(tmp_path_factory.mktemp("emulator"), options, world))

        yield start


@pytest.fixture(scope="module")
def emulator(emulators: Callable[..., Emulator]) -> Emulator:
    """The default world: a Premium registry `myregistry` in westus2.

    Pool operations end before az's own poller looks a first time; after that it sleeps for 30 seconds.
    """
    return emulators("--pool-seconds", "0.02", "--retry-after", "1")


@pytest.fixture
def az(emulator: Emulator, extensions: Path, tmp_path: Path) -> Az:
    """az with the extension, in an empty folder."""
    return emulator.az(tmp_path, extensions)


@pytest.fixture
def plain_az(emulator: Emulator, tmp_path: Path) -> Az:
    """az without any extension, in an empty folder."""
    return emulator.az(tmp_path / "plain", None)
