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
from az_processes import Forks

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def extensions() -> Path:
    """The folder of extensions that holds ours, installed by az from the wheel that this checkout makes."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "extension.py")], check=True, capture_output=True, encoding="utf-8"
    )
    return Path(done.stdout.strip())


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    """Gives what starts az for a folder of extensions, or for none, at a fraction of what a start costs."""
    with Forks() as forks:
        yield forks


# Pool operations end before az's own poller looks a first time, after which it sleeps for 30 seconds; builds take
# moments.
QUICK = ("--pool-seconds", "0", "--retry-after", "1", "--agent-speed", "20")


@pytest.fixture(scope="module")
def emulators(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Emulator]]:
    """Starts emulators, quick ones unless told otherwise; each lives until the module's tests are done."""
    with ExitStack() as stack:

        def start(*options: str, world: Any = None) -> Emulator:
            return stack.enter_context(Emulator(tmp_path_factory.mktemp("emulator"), options or QUICK, world))

        yield start


@pytest.fixture(scope="module")
def emulator(emulators: Callable[..., Emulator]) -> Emulator:
    """The default world: a Premium registry `myregistry` in westus2."""
    return emulators()


@pytest.fixture
def az(emulator: Emulator, extensions: Path, forks: Forks, tmp_path: Path) -> Az:
    """az with the extension, in an empty folder: forked, which is quick."""
    return emulator.az(tmp_path, extensions, forks(extensions))


@pytest.fixture
def real_az(emulator: Emulator, extensions: Path, tmp_path: Path) -> Az:
    """az with the extension, in an empty folder: started as users start it."""
    return emulator.az(tmp_path, extensions)


@pytest.fixture
def plain_az(emulator: Emulator, forks: Forks, tmp_path: Path) -> Az:
    """az without any extension, in an empty folder: forked."""
    return emulator.az(tmp_path / "plain", None, forks(None))
