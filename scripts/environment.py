"""Make the pinned environment in .venv at the root of the checkout: az, acr-emulator, test tools.

Runs on any Python 3.10+ with nothing installed; does nothing when the environment is current.
Prints the environment's folder of commands, for the shell scripts beside this file.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
COMMANDS = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = COMMANDS / ("python.exe" if os.name == "nt" else "python")
OLDEST_PYTHON = (3, 10)
LOCK = ROOT / "requirements" / "lock.txt"
UV_LOCK = ROOT / "requirements" / "uv.txt"
EMULATOR = ROOT / "src" / "acr-emulator"
STAMP = VENV / ".acrpool-environment"


def fingerprint() -> str:
    """Hash of all that decides what the environment holds."""
    digest = hashlib.sha256(repr((sys.version_info[:3], str(ROOT))).encode())
    for path in (LOCK, UV_LOCK, EMULATOR / "pyproject.toml", Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_current(wanted: str) -> bool:
    return PYTHON.exists() and STAMP.exists() and STAMP.read_text() == wanted


def is_usable() -> bool:
    """Whether .venv has uv and the Python that runs this, so that the packages need only be brought in step."""
    if not PYTHON.exists():
        return False
    check = f"import sys, uv; sys.exit(sys.version_info[:3] != {tuple(sys.version_info[:3])})"
    return subprocess.run([str(PYTHON), "-c", check], check=False, capture_output=True).returncode == 0


def run(*command: str | Path) -> None:
    # stdout carries only the folder of commands, so what the tools print goes to stderr.
    environment = {**os.environ, "VIRTUAL_ENV": str(VENV), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    subprocess.run([str(part) for part in command], check=True, stdout=sys.stderr, env=environment)


def create() -> None:
    print("Setting up .venv (az, acr-emulator, test tools); this takes a minute the first time.", file=sys.stderr)
    STAMP.unlink(missing_ok=True)
    if not is_usable():
        run(sys.executable, "-m", "venv", "--clear", VENV)
        run(PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", UV_LOCK)
    uv = (PYTHON, "-m", "uv", "pip")
    run(*uv, "sync", "--quiet", "--python", PYTHON, "--require-hashes", LOCK)
    run(*uv, "install", "--quiet", "--python", PYTHON, "--no-deps", "--no-build-isolation", "--editable", EMULATOR)


def main() -> int:
    if sys.version_info < OLDEST_PYTHON:
        print(f"Python 3.10 or newer is needed; this is {sys.version.split()[0]}.", file=sys.stderr)
        return 1
    wanted = fingerprint()
    if not is_current(wanted):
        try:
            create()
        except subprocess.CalledProcessError as error:
            print(f"Setting up .venv failed at: {' '.join(error.cmd)}", file=sys.stderr)
            return 1
        STAMP.write_text(wanted)
    print(COMMANDS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
