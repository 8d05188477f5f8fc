"""The order in which Go's fmt and templates go through a map (package internal/fmtsort)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from .text import to_bytes

__all__ = ["sorted_keys"]


def sorted_keys(mapping: Mapping[Any, Any]) -> list[Any]:
    """The keys: numbers and strings by size, false before true, nil first.

    Keys of several types go by type. Go's order of types is that of their place in memory; this one is assumed.
    """
    return sorted(mapping, key=_rank)


def _rank(key: Any) -> tuple[int, Any]:
    if key is None:
        return 0, 0
    if isinstance(key, bool):
        return 1, key
    if isinstance(key, int):
        return 2, key
    if isinstance(key, float):
        return 3, (not math.isnan(key), key)
    return 4, to_bytes(str(key))
