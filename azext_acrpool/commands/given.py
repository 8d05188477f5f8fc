"""What the user typed, and what az filled in: from a default of the option, or from the defaults in its configuration.

az marks what it filled in by the value's type (`knack.validators.DefaultStr`, `DefaultInt`), so the mark is lost where
a value is made anew.
"""

from __future__ import annotations

__all__ = ["is_filled_in", "marked_like"]


def is_filled_in(value: object) -> bool:
    """Whether az filled this value of an option in."""
    return bool(getattr(value, "is_default", False))


def marked_like(value: str, text: str) -> str:
    """`text`, which was made of `value`, with its mark."""
    from knack.validators import DefaultStr

    marked: str = DefaultStr(text) if is_filled_in(value) else text
    return marked
