"""The table of Dockerfiles: base images, or the refusal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tables import Case, Table

__all__ = ["SCAN"]


def answer(case: Case) -> Mapping[str, Any]:
    """What the emulator makes of a case, in the form of `expected`."""
    return {}


SCAN = Table("scan", "scan.json", "cases", answer, lambda member: member != "exit")
