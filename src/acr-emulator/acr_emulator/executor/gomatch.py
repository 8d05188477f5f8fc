"""Go's `path/filepath.Match`, which Docker applies to COPY and ADD sources.

https://pkg.go.dev/path/filepath#Match: `*` and `?` never match `/`, `[]` takes ranges and a leading `^`, a
backslash escapes.
"""

from __future__ import annotations

import re

__all__ = ["BadPatternError", "has_wildcards", "match"]


class BadPatternError(ValueError):
    """A pattern that Go calls a syntax error."""


def has_wildcards(pattern: str) -> bool:
    """Whether Docker treats a source as a pattern."""
    position = 0
    while position < len(pattern):
        if pattern[position] == "\\":
            position += 1
        elif pattern[position] in "*?[":
            return True
        position += 1
    return False


def match(pattern: str, name: str) -> bool:
    """Whether `pattern` matches all of `name`. Raises BadPatternError."""
    return re.fullmatch(_translate(pattern), name, re.DOTALL) is not None


def _translate(pattern: str) -> str:
    parts: list[str] = []
    position = 0
    while position < len(pattern):
        character = pattern[position]
        position += 1
        if character == "*":
            parts.append("[^/]*")
        elif character == "?":
            parts.append("[^/]")
        elif character == "[":
            text, position = _translate_class(pattern, position)
            parts.append(text)
        else:
            if character == "\\":
                character, position = _take(pattern, position)
            parts.append(re.escape(character))
    return "".join(parts)


def _translate_class(pattern: str, position: int) -> tuple[str, int]:
    negated = pattern[position : position + 1] == "^"
    position += negated
    ranges: list[str] = []
    while not ranges or pattern[position : position + 1] != "]":
        low, position = _class_character(pattern, position)
        high = low
        if pattern[position : position + 1] == "-":
            high, position = _class_character(pattern, position + 1)
        # Go lets an empty range match nothing, where Python's re would refuse it.
        if low <= high:
            ranges.append(f"{re.escape(low)}-{re.escape(high)}")
        else:
            ranges.append("")
    inside = "".join(ranges)
    if not inside:
        return (r"[^/]" if negated else r"(?!)"), position + 1
    return (f"(?!/)[^{inside}]" if negated else f"[{inside}]"), position + 1


def _class_character(pattern: str, position: int) -> tuple[str, int]:
    character, position = _take(pattern, position)
    if character in "-]":
        raise BadPatternError(pattern)
    if character == "\\":
        character, position = _take(pattern, position)
    if position >= len(pattern):
        raise BadPatternError(pattern)
    return character, position


def _take(pattern: str, position: int) -> tuple[str, int]:
    if position >= len(pattern):
        raise BadPatternError(pattern)
    return pattern[position], position + 1
