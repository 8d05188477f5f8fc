"""A command line as an az process, on real time."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from az_harness import Az
from az_processes import Process
from evidence import Ending

__all__ = ["AzCommands", "ending_of"]

# Real seconds. What az takes to start, and what a machine takes that has more to do, are in it.
_LONGEST = 90.0


@dataclass(frozen=True)
class AzCommands:
    """Starts az. `temporary` is the folder that it has for temporary files."""

    az: Az
    temporary: Path

    def start(self, arguments: list[str], *, quiet: bool = False) -> Process:
        """Begin a command."""
        return self.az.start(*arguments, *(["--only-show-errors"] if quiet else []))

    def run(
        self,
        arguments: list[str],
        *,
        seconds: float,
        quiet: bool = False,
        meanwhile: Callable[[], None] | None = None,
    ) -> Ending:
        """How the command ended. `meanwhile` is called when it has just begun; `seconds` are cut to what one waits."""
        process = self.start(arguments, quiet=quiet)
        if meanwhile is not None:
            threading.Timer(0.0, meanwhile).start()
        return ending_of(process, min(seconds, _LONGEST))


def ending_of(process: Process, seconds: float) -> Ending:
    """Wait for the end of an az process, so many seconds at most."""
    started = time.monotonic()
    try:
        stdout, stderr = process.communicate(timeout=seconds)
    except TimeoutError:
        return Ending(1, "", "", late=f"still at work after {seconds:.0f} s")
    finally:
        process.kill()
    _, traceback, crash = stderr.partition("Traceback")
    taken = time.monotonic() - started
    return Ending(
        process.returncode or 0,
        stdout,
        stderr,
        _printed(stdout),
        taken,
        crash=f"{traceback}{crash}".partition("\nTo check existing issues")[0],
    )


def _printed(stdout: str) -> Any:
    with suppress(ValueError):
        return json.loads(stdout)
    return None
