"""Processes as they are seen from outside: what they wrote and when, how they ended, what they took."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["MEGABYTE", "Ended", "run_watched"]

MEGABYTE = 1024 * 1024
# The peak memory that the system tells of a process begins with that of the process which started it. A benchmark has
# an emulator in it, with all that was put there; this one has next to nothing. It ends when the other does, and holds
# no stdout open meanwhile.
_SMALL_PARENT = """
import os, sys
report, command = int(sys.argv[1]), sys.argv[2:]
os.set_inheritable(report, False)
process = os.posix_spawn(command[0], command, os.environ)
os.close(1)
_, status, usage = os.wait4(process, 0)
seen = os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, usage.ru_maxrss
os.write(report, " ".join(map(str, seen)).encode())
"""


@dataclass(frozen=True)
class Ended:
    """How a process ended, the CPU seconds that it took, and the most memory that it had, in bytes."""

    code: int
    cpu: float
    peak: int


def run_watched(
    arguments: list[str],
    environment: Mapping[str, str],
    on_output: Callable[[bytes], None],
    *,
    folder: Path | None = None,
) -> Ended:
    """Run a program, whose path is absolute, to its end; `on_output` gets each piece of its stdout as it comes.

    What it wrote to stderr is shown if it failed.
    """
    reading, report = os.pipe()
    parent = [sys.executable, "-I", "-S", "-c", _SMALL_PARENT, str(report), *arguments]
    with tempfile.TemporaryFile() as stderr, os.fdopen(reading, "rb") as told:
        with subprocess.Popen(
            parent, stdout=subprocess.PIPE, stderr=stderr, env=dict(environment), cwd=folder, pass_fds=(report,)
        ) as process:
            os.close(report)
            assert process.stdout is not None
            while piece := os.read(process.stdout.fileno(), MEGABYTE):
                on_output(piece)
            code, cpu, peak = told.read().split()
        # Kilobytes, but for macOS.
        ended = Ended(int(code), float(cpu), int(peak) * (1 if sys.platform == "darwin" else 1024))
        if ended.code:
            stderr.seek(0)
            sys.stderr.write(stderr.read().decode(errors="replace"))
    return ended
