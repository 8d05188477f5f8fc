"""The two that are compared: az with its own commands, and az with acrpool."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from acr_emulator.azconfig import write_az_files
from acr_emulator.server import RunningServer

__all__ = ["AZ", "SIDES", "environments"]

REPOSITORY = Path(__file__).resolve().parents[1]
AZ = str(Path(sys.executable).parent / "az")
SIDES = ("az", "acrpool")


def environments(server: RunningServer, folder: Path) -> dict[str, dict[str, str]]:
    """The environment of each side, in which az works with this emulator; its settings are written to `folder`."""
    done = subprocess.run(
        [sys.executable, str(REPOSITORY / "scripts" / "extension.py")], check=True, stdout=subprocess.PIPE, text=True
    )
    extensions = {"az": str(folder / "none"), "acrpool": done.stdout.strip()}
    made = {}
    for side in SIDES:
        (folder / side).mkdir()
        variables = write_az_files(folder / side, server, os.environ)
        made[side] = {**os.environ, **variables, "AZURE_EXTENSION_DIR": extensions[side]}
    return made
