"""Install the extension, from a wheel built out of this checkout, into a folder of az extensions inside .venv.

Runs in the pinned environment. Each state of the sources gets a folder of its own, so that processes which run with an
older state are left alone, and a state that is there already is not built again. Prints the folder.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = Path(sys.executable).parent
FOLDERS = ROOT / ".venv" / "az-extensions"
KEPT_FOLDERS = 5
SOURCES = ("setup.py", "README.md", "azext_acrpool")


def fingerprint() -> str:
    """Hash of every file that goes into the wheel."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for source in SOURCES:
        path = ROOT / source
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(file.relative_to(ROOT).as_posix().encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()


def build_wheel(folder: Path) -> Path:
    """Build the wheel in a copy of its sources, so that nothing is left in the checkout; the wheel lands in folder."""
    sources = folder / "sources"
    sources.mkdir()
    for name in SOURCES:
        path = ROOT / name
        if path.is_dir():
            shutil.copytree(path, sources / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(path, sources / name)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", str(folder), str(sources)], check=True, stdout=sys.stderr)
    (wheel,) = folder.glob("*.whl")
    return wheel


def install(extensions: Path) -> None:
    """Let az itself install the extension from the wheel."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        wheel = build_wheel(folder)
        environment = {
            **os.environ,
            "AZURE_EXTENSION_DIR": str(extensions),
            "AZURE_CONFIG_DIR": str(folder / "config"),
            "AZURE_CORE_COLLECT_TELEMETRY": "no",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }
        az = shutil.which("az", path=str(COMMANDS)) or "az"
        # Not from the checkout: az would load azext_acrpool from the current folder.
        command = [az, "extension", "add", "--yes", "--only-show-errors", "--source", str(wheel)]
        subprocess.run(command, check=True, stdout=sys.stderr, env=environment, cwd=folder)


def make(extensions: Path) -> None:
    """Make the folder as a whole: another process that wants it sees all of it or nothing."""
    FOLDERS.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=FOLDERS))
    try:
        install(unfinished)
        unfinished.rename(extensions)
    except OSError:
        if not extensions.exists():  # it does when another process was quicker
            raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def forget_old() -> None:
    made = sorted(FOLDERS.iterdir(), key=lambda folder: folder.stat().st_mtime, reverse=True)
    for folder in made[KEPT_FOLDERS:]:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    extensions = FOLDERS / fingerprint()[:16]
    if not extensions.exists():
        make(extensions)
        forget_old()
    print(extensions)
    return 0


if __name__ == "__main__":
    sys.exit(main())
