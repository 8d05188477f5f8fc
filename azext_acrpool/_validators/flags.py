"""Flags whose default is the same as what may be typed: az marks the defaults of texts and numbers, and not those."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["mark_typed", "none_unless_typed"]

# az hands what begins like this to no command.
_MARK = "_typed_"


def mark_typed(namespace: Any, parameter: str) -> None:
    """Remember that the value of `parameter` was typed."""
    setattr(namespace, _MARK + parameter, True)


def none_unless_typed(parameter: str) -> Callable[[Any], None]:
    """A validator: the value of `parameter` is None unless it was typed."""

    def validate(namespace: Any) -> None:
        if not hasattr(namespace, _MARK + parameter):
            setattr(namespace, parameter, None)

    return validate
