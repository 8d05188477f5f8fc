"""Go's package regexp: its syntax and error texts, and matching in linear time as Go does."""

from __future__ import annotations

import re
from collections.abc import Callable

from ..errors import LimitExceededError
from .machine import Captures, Program
from .parser import parse

__all__ = ["Regexp"]

LONGEST = 10_000
MOST_MATCHES = 1_000_000
NUMBER = re.compile("0|[1-9][0-9]{0,8}")
REFERENCE = re.compile(r"\$(?:(\$)|(\w+)|\{(\w+)\})")


class Regexp:
    """A regular expression. Raises RegexpError for what is none, LimitExceededError for what is too large."""

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            raise LimitExceededError(f"a regular expression of {len(text)} characters is more than the emulator allows")
        self._text = text
        node, self._names, self._groups = parse(text)
        self._program = Program(node, self._groups)

    def find(self, text: str) -> Captures | None:
        """The leftmost match; None if there is none."""
        return self._program.search(text, 0)

    def find_all(self, text: str, most: int) -> list[Captures]:
        """All matches that do not overlap, at most that many; a negative number: all."""
        found: list[Captures] = []
        position, previous_end = 0, -1
        while position <= len(text) and (most < 0 or len(found) < most):
            match = self._program.search(text, position)
            if match is None:
                break
            is_empty_here = match[1] == position
            if not (is_empty_here and match[0] == previous_end):
                found.append(match)
            if len(found) > MOST_MATCHES:
                raise LimitExceededError(f"more than {MOST_MATCHES} matches are more than the emulator allows")
            position = position + 1 if is_empty_here else match[1]
            previous_end = match[1]
        return found

    def replace_all(self, text: str, replacement: str) -> str:
        """The text with each match replaced; `$1` and `${name}` in the replacement are groups."""
        return self._replaced(text, lambda match: self._expand(replacement, text, match))

    def replace_all_literal(self, text: str, replacement: str) -> str:
        """The text with each match replaced by a text that is taken as it is."""
        return self._replaced(text, lambda match: replacement)

    def _replaced(self, text: str, replacement_of: Callable[[Captures], str]) -> str:
        pieces = []
        position = last_end = 0
        while position <= len(text):
            match = self._program.search(text, position)
            if match is None:
                break
            pieces.append(text[last_end : match[0]])
            if match[1] > last_end or match[0] == 0:
                pieces.append(replacement_of(match))
            last_end = match[1]
            position = max(position + 1, match[1])
        return "".join(pieces) + text[last_end:]

    def _expand(self, replacement: str, text: str, match: Captures) -> str:
        def group(reference: re.Match[str]) -> str:
            if reference[1]:
                return "$"
            name = reference[2] or reference[3]
            numbers = [int(name)] if NUMBER.fullmatch(name) else self._names.get(name, ())
            for number in numbers:
                if number <= self._groups and match[2 * number] >= 0:
                    return text[match[2 * number] : match[2 * number + 1]]
            return ""

        return REFERENCE.sub(group, replacement)

    def split(self, text: str, most: int) -> list[str] | None:
        """The text between the matches, in at most that many pieces; a negative number: all. None for 0."""
        if most == 0:
            return None
        if self._text and not text:
            return [""]
        pieces: list[str] = []
        begin = end = 0
        for match in self.find_all(text, most):
            if len(pieces) == most - 1 and most > 0:
                break
            end = match[0]
            if match[1] != 0:
                pieces.append(text[begin:end])
            begin = match[1]
        return [*pieces, text[begin:]] if end != len(text) else pieces
