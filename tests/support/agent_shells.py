"""How a shell of this machine calls docker for a line of the agent's, where `docker_recorder` has a model of one."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from docker_recorder import BuildCall, build_line

__all__ = ["SHELLS", "build_called", "is_there"]

# What is `/bin/sh` on one system or another, and how each is called to be that.
SHELLS: Final[Mapping[str, Sequence[str]]] = {
    "dash": ("dash",),
    "bash": ("bash", "--posix"),
    "busybox": ("busybox", "sh"),
}
# Writes its arguments to a file, each ended by NUL.
_DOCKER: Final = '#!/bin/sh\nprintf \'%s\\0\' "$@" >"$CALLED"\n'


def is_there(shell: str) -> bool:
    """Whether this machine has it. On Windows, what is called bash is another machine's."""
    return os.name != "nt" and shutil.which(SHELLS[shell][0]) is not None


def build_called(shell: str, text: str, values: Mapping[str, str], folder: Path) -> BuildCall:
    """The build that a task's first step comes to. `folder` is for this alone."""
    return BuildCall.read(_docker_called(shell, build_line(text, values), folder))


def _docker_called(shell: str, line: str, folder: Path) -> list[str]:
    """The arguments that docker is called with by a line that only calls docker."""
    docker, called = folder / "docker", folder / "called"
    docker.write_text(_DOCKER)
    docker.chmod(stat.S_IRWXU)
    program = shutil.which(SHELLS[shell][0])
    assert program is not None
    environment = {"PATH": f"{folder}{os.pathsep}{os.defpath}", "CALLED": str(called)}
    done = subprocess.run(
        [program, *SHELLS[shell][1:], "-c", line], env=environment, capture_output=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    *arguments, end = called.read_bytes().split(b"\0")
    assert end == b""
    return [argument.decode() for argument in arguments]
