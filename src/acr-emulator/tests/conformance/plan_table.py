"""The table of task files: steps, or the refusal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tables import Case, Table

__all__ = ["PLAN"]


def answer(case: Case) -> Mapping[str, Any]:
    """What the emulator makes of a case, in the form of `expected`."""
    return {}


PLAN = Table("plan", "plan.json", "cases", answer)
