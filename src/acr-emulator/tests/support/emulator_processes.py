"""`acr-emulator` as processes, as a user starts and stops them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

__all__ = ["PROGRAM", "Home", "ended", "seconds_until_gone"]

PROGRAM = shutil.which("acr-emulator", path=str(Path(sys.executable).parent)) or "acr-emulator"
LIMIT_SECONDS = 60.0


class Home:
    """A user's home: where emulators note that they run, and where their temporary files are."""

    def __init__(self, folder: Path) -> None:
        self.temporary = folder / "temporary"
        self.temporary.mkdir(parents=True)
        self.environment: Mapping[str, str] = {
            **os.environ,
            "ACR_EMULATOR_HOME": str(folder / "home"),
            "TMPDIR": str(self.temporary),
            "TEMP": str(self.temporary),
        }
        self._processes: list[subprocess.Popen[str]] = []

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the program without waiting for anything."""
        process = subprocess.Popen(
            [PROGRAM, *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        self._processes.append(process)
        return process

    def serve(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a server; returns once it has said that it serves."""
        process = self.start("serve", *arguments)
        assert process.stderr is not None
        line = process.stderr.readline()
        assert line.startswith("Serving on https://127.0.0.1:"), line
        process.stderr.readline()
        return process

    def ask(self, *arguments: str) -> tuple[int, str, str]:
        """Run the program to its end: exit code, stdout, stderr."""
        return ended(self.start(*arguments))

    def end(self) -> None:
        """Kill what has not ended."""
        for process in self._processes:
            process.kill()
            process.communicate()

    def left(self) -> list[str]:
        """What is left in the folder for temporary files."""
        return sorted(path.name for path in self.temporary.iterdir())


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Wait for the end of a process: exit code, stdout, stderr."""
    stdout, stderr = process.communicate(timeout=LIMIT_SECONDS)
    return process.returncode, stdout, stderr


def seconds_until_gone(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> float:
    """Send a signal, and see how long the process goes on."""
    started = time.monotonic()
    process.send_signal(number)
    process.wait(timeout=LIMIT_SECONDS)
    return time.monotonic() - started
