"""Scripts in Python processes of their own, for what ends a process."""

from __future__ import annotations

import os
import subprocess
import sys

__all__ = ["run_python"]


def run_python(script: str) -> subprocess.CompletedProcess[str]:
    """Run a script that may import what tests may, to its end."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, encoding="utf-8", timeout=60, check=False
    )
