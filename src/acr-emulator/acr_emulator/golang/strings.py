"""Go's package `strings`, where Python's methods of the same purpose differ."""

from __future__ import annotations

import re

from .text import title_case

__all__ = ["fields", "title", "to_lower", "to_upper", "trim_space"]

SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""What `unicode.IsSpace` is true of, as a part of a regular expression. Python counts U+001C to U+001F as well."""

WORD = re.compile(rf"[^{SPACE}]+")
SPACES = SPACE.replace("\u2000-\u200a", "".join(map(chr, range(0x2000, 0x200B))))


def fields(text: str) -> list[str]:
    """The words between blanks (`strings.Fields`)."""
    return WORD.findall(text)


def trim_space(text: str) -> str:
    """`text` without blanks at both ends (`strings.TrimSpace`)."""
    return text.strip(SPACES)


def to_lower(text: str) -> str:
    """`text` in lower case (`strings.ToLower`): one character for each, where Python makes two of one letter.

    >>> to_lower("\\u0130X")
    'ix'
    """
    return text.replace("\u0130", "i").lower()


def to_upper(text: str) -> str:
    """`text` in upper case (`strings.ToUpper`): letters that would become two stay.

    >>> to_upper("stra\u00dfe")
    'STRA\u00dfE'
    """
    if text.isascii():
        return text.upper()
    return "".join(upper if len(upper := character.upper()) == 1 else character for character in text)


def title(text: str) -> str:
    """`text` with the first letter of each word in upper case (`strings.Title`).

    >>> title("o'neil is_not a-b 1st")
    "O'Neil Is_not A-B 1st"
    """
    pieces = []
    is_start = True
    for character in text:
        pieces.append(title_case(character) if is_start else character)
        is_start = not (character.isalnum() or character == "_") and (character.isascii() or character in SPACES)
    return "".join(pieces)
