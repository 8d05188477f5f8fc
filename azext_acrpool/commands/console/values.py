"""What the value of an option may be, whichever option it is. Pure; what may not be is a UsageError.

No message shows the value of a text: it may be a password.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from ...client.arm import GREATEST_INTEGER
from .errors import UsageError

__all__ = ["is_typed", "require_line", "require_number", "require_text"]

# Control characters, and the separators of lines and paragraphs.
_BREAKS_A_LINE: Final = ("Cc", "Zl", "Zp")


def is_typed(value: object) -> bool:
    """Whether the user typed a value: it is neither None nor a default, which az marks as one (knack's DefaultStr)."""
    return value is not None and not getattr(value, "is_default", False)


def require_text(option: str, text: object) -> None:
    """Refuse what no request can hold: NUL, and bytes of the command line that are no text (lone surrogates).

    Of `--option=--`, Python's parser before 3.13 makes an empty list instead of a text: no value.
    """
    if not isinstance(text, str):
        raise UsageError(f"{option} has no value.")
    for position, char in enumerate(text, start=1):
        if char == "\0" or "\ud800" <= char <= "\udfff":
            what = "a NUL character" if char == "\0" else "a byte that is no text in UTF-8"
            raise UsageError(f"{option} cannot be sent: it holds {what}, as its character {position}.")


def require_line(option: str, text: object) -> None:
    """Refuse what `require_text` does, and all that is not one line: line ends, other control characters."""
    require_text(option, text)
    for position, char in enumerate(str(text), start=1):
        if unicodedata.category(char) in _BREAKS_A_LINE:
            raise UsageError(
                f"{option} must be one line of text: it holds a line end or control character, as its character "
                f"{position}."
            )


def require_number(option: str, value: int | None, *, least: int, most: int = GREATEST_INTEGER, unit: str = "") -> None:
    """Refuse a number that is not from `least` to `most`; None is one that was not given. `unit` is what is counted."""
    if value is not None and not (isinstance(value, int) and least <= value <= most):
        of_what = f" of {unit}" if unit else ""
        raise UsageError(f"{option} must be a number{of_what} from {least} to {most}.")
