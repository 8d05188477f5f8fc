"""Package fmt: `Sprintf`, `Sprint` and `Sprintln`.

The rules are those of the package's documentation, the texts for wrong formats included (`%!d(string=x)`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .bounds import LONGEST_TEXT
from .errors import LimitExceededError
from .printing import Flags, type_name, write

__all__ = ["sprint", "sprintf", "sprintln"]

LARGEST = 1_000_000
"""fmt ignores widths and precisions beyond it."""

INDEX = re.compile(r"\[([^\]]*)\]")


def sprint(arguments: Sequence[Any]) -> str:
    """fmt.Sprint: blanks between arguments when neither is a string."""
    pieces: list[str] = []
    for number, argument in enumerate(arguments):
        if number and not isinstance(argument, str) and not isinstance(arguments[number - 1], str):
            pieces.append(" ")
        pieces.append(write(argument, "v", Flags()))
    return "".join(pieces)


def sprintln(arguments: Sequence[Any]) -> str:
    """fmt.Sprintln: blanks between all arguments, and a newline at the end."""
    return " ".join(write(argument, "v", Flags()) for argument in arguments) + "\n"


def sprintf(template: str, arguments: Sequence[Any]) -> str:
    """fmt.Sprintf; what is wrong with the format is told in the text.

    Raises LimitExceededError for a result of more than 16 million characters.
    """
    return _Formatter(template, arguments).format()


@dataclass
class _Formatter:
    template: str
    arguments: Sequence[Any]
    position: int = 0
    number: int = 0
    reordered: bool = False
    is_index_good: bool = True
    has_index: bool = False

    def format(self) -> str:
        pieces: list[str] = []
        length = 0
        while self.position < len(self.template):
            start = self.position
            end = self.template.find("%", start)
            self.position = len(self.template) if end < 0 else end
            pieces.append(self.template[start : self.position])
            if end >= 0:
                self.position += 1
                pieces.append(self._directive())
                length += len(pieces[-1])
                if length > LONGEST_TEXT:
                    raise LimitExceededError("the text is longer than the emulator allows")
        if not self.reordered and self.number < len(self.arguments):
            pieces.append(self._extra())
        return "".join(pieces)

    def _extra(self) -> str:
        rest = ", ".join(
            "<nil>" if argument is None else f"{type_name(argument)}={write(argument, 'v', Flags())}"
            for argument in self.arguments[self.number :]
        )
        return f"%!(EXTRA {rest})"

    def _directive(self) -> str:
        flags = Flags()
        self.is_index_good = True
        self.has_index = False
        self._read_flags(flags)
        problem = self._read_width(flags) + self._read_precision(flags)
        if not self.has_index:
            self._read_index()
        if self.position >= len(self.template):
            return problem + "%!(NOVERB)"
        verb = self.template[self.position]
        self.position += 1
        if verb == "%":
            return problem + "%"
        if not self.is_index_good:
            return f"{problem}%!{verb}(BADINDEX)"
        if self.number >= len(self.arguments):
            return f"{problem}%!{verb}(MISSING)"
        argument = self.arguments[self.number]
        self.number += 1
        return problem + write(argument, verb, flags)

    def _read_flags(self, flags: Flags) -> None:
        while self.position < len(self.template) and self.template[self.position] in "#0+- ":
            flags.set(self.template[self.position])
            self.position += 1

    def _read_width(self, flags: Flags) -> str:
        self._read_index()
        if self._peek() == "*":
            width = self._star()
            if width is None:
                return "%!(BADWIDTH)"
            if width < 0:
                flags.minus, flags.zero = True, False
            flags.width = abs(width)
            return ""
        flags.width = self._number()
        if self.has_index and flags.width is not None:
            self.is_index_good = False
        return ""

    def _read_precision(self, flags: Flags) -> str:
        if self._peek() != ".":
            return ""
        self.position += 1
        if self.has_index:
            self.is_index_good = False
        self.has_index = False
        self._read_index()
        if self._peek() == "*":
            precision = self._star()
            if precision is None or precision < 0:
                return "%!(BADPREC)"
            flags.precision = precision
            return ""
        flags.precision = self._number() or 0
        return ""

    def _star(self) -> int | None:
        """The next argument as a width or precision; None if it is no such number."""
        self.position += 1
        self.has_index = False
        if self.number >= len(self.arguments):
            return None
        value = self.arguments[self.number]
        self.number += 1
        is_number = isinstance(value, int) and not isinstance(value, bool)
        return value if is_number and -LARGEST <= value <= LARGEST else None

    def _peek(self) -> str:
        return self.template[self.position : self.position + 1]

    def _number(self) -> int | None:
        match = re.compile("[0-9]+").match(self.template, self.position)
        if match is None:
            return None
        self.position = match.end()
        digits = match[0].lstrip("0") or "0"
        return int(digits) if len(digits) < 8 and int(digits) <= LARGEST else None

    def _read_index(self) -> None:
        """An explicit argument number, `[2]`."""
        if self._peek() != "[":
            return
        self.reordered = True
        match = INDEX.match(self.template, self.position)
        if match is None:
            self.is_index_good = False
            self.position += 1
            return
        self.position = match.end()
        self.has_index = re.fullmatch("[0-9]{1,6}", match[1]) is not None
        if self.has_index and 1 <= int(match[1]) <= len(self.arguments):
            self.number = int(match[1]) - 1
        else:
            self.is_index_good = False
