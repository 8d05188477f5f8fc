"""The table of quick builds: lines for the shell, contexts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tables import Case, Table

__all__ = ["BUILD"]


def answer(case: Case) -> Mapping[str, Any]:
    """What the emulator makes of a case, in the form of `expected`."""
    return {}


BUILD = Table("build", "build.json", "cases", answer)
