"""The table of templates, values and aliases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tables import Case, Table

__all__ = ["RENDER"]


def answer(case: Case) -> Mapping[str, Any]:
    """What the emulator makes of a case, in the form of `expected`."""
    return {}


RENDER = Table("render", "render.json", "cases", answer)
