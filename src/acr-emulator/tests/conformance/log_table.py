"""The table of whole runs: what the log holds, line by line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tables import Case, Table

__all__ = ["LOG"]


def answer(case: Case) -> Mapping[str, Any]:
    """What the emulator makes of a case, in the form of `expected`."""
    return {}


LOG = Table("log", "build.json", "logs", answer)
