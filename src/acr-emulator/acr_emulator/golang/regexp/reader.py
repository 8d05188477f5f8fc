"""Reads what stands for one character in a regular expression: escape sequences and classes."""

from __future__ import annotations

import re
from typing import NoReturn

from ..errors import RegexpError
from .characters import PERL, POSIX, Characters, category

__all__ = ["CharacterReader", "refuse"]

CONTROL = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def refuse(problem: str, part: str) -> NoReturn:
    """Refuse a part of an expression. Raises RegexpError."""
    raise RegexpError(f"error parsing regexp: {problem}: `{part}`")


class CharacterReader:
    """The text of an expression and how far it is read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    @property
    def rest(self) -> str:
        """What is still to be read."""
        return self.text[self.position :]

    def escaped_class(self) -> Characters | None:
        """`\\d` or `\\p{L}` and what is like them; None if none stands here."""
        kind = self.text[self.position + 1 : self.position + 2]
        if kind and kind in "dswDSW":
            self.position += 2
            return Characters(list(PERL[kind.lower()]), is_negated=kind.isupper())
        if kind not in ("p", "P"):
            return None
        match = re.compile(r"\\[pP](?:\{(\^?)([^}]*)\}|([^{]))", re.DOTALL).match(self.text, self.position)
        if match is None:
            refuse("invalid character class range", self.rest)
        test = category(match[2] if match[3] is None else match[3])
        if test is None:
            refuse("invalid character class range", match[0])
        self.position = match.end()
        return Characters(tests=[test], is_negated=(kind == "P") != bool(match[1]))

    def escaped_character(self) -> str:
        """`\\n` and what is like it. Raises RegexpError for a sequence that means nothing."""
        start = self.position
        kind = self.text[start + 1 : start + 2]
        if not kind:
            raise RegexpError("error parsing regexp: trailing backslash at end of expression: ``")
        self.position += 2
        if kind in CONTROL:
            return CONTROL[kind]
        if kind.isascii() and not kind.isalnum():
            return kind
        if octal := re.compile(r"\\(0[0-7]{0,2}|[1-7][0-7]{1,2})").match(self.text, start):
            self.position = octal.end()
            return chr(int(octal[1], 8))
        digits = re.compile(r"\\x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))").match(self.text, start)
        if digits and int(digits[1] or digits[2], 16) <= 0x10FFFF:
            self.position = digits.end()
            return chr(int(digits[1] or digits[2], 16))
        refuse("invalid escape sequence", self._refused_escape(start))

    def _refused_escape(self, start: int) -> str:
        """A wrong escape sequence up to the character at which Go gives up."""
        if not self.text.startswith("\\x", start):
            return self.text[start : start + 2]
        if not self.text.startswith("{", start + 2):
            return self.text[start : start + 4]
        digits = re.compile(r"[0-9A-Fa-f]*").match(self.text, start + 3)
        end = start + 3 if digits is None else digits.end()
        too_large = next((n for n in range(start + 4, end + 1) if int(self.text[start + 3 : n], 16) > 0x10FFFF), None)
        return self.text[start : too_large or end + 1]

    def bracketed_class(self) -> Characters:
        """`[a-z]`."""
        start = self.position
        self.position += 1
        characters = Characters(is_negated=self.rest.startswith("^"))
        self.position += characters.is_negated
        is_first = True
        while is_first or not self.rest.startswith("]"):
            is_first = False
            self._class_member(characters, start)
        self.position += 1
        return characters

    def _class_member(self, characters: Characters, start: int) -> None:
        if named := re.compile(r"\[:(\^?)(.*?):\]", re.DOTALL).match(self.text, self.position):
            if named[2] not in POSIX:
                refuse("invalid character class range", named[0])
            self.position = named.end()
            group = Characters(POSIX[named[2]], is_negated=bool(named[1]))
            characters.tests.append(group.__contains__)
            return
        if self.rest.startswith("\\") and (inner := self.escaped_class()) is not None:
            characters.tests.append(inner.__contains__)
            return
        begin = self.position
        low = self._class_character(start)
        high = low
        if self.rest.startswith("-") and self.rest[1:2] not in ("", "]"):
            self.position += 1
            high = self._class_character(start)
        if high < low:
            refuse("invalid character class range", self.text[begin : self.position])
        characters.ranges.append((low, high))

    def _class_character(self, start: int) -> str:
        if self.position >= len(self.text):
            refuse("missing closing ]", self.text[start:])
        if self.text[self.position] == "\\":
            return self.escaped_character()
        self.position += 1
        return self.text[self.position - 1]
