"""What `echo` and `printf` print."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .errors import ShellLimitError
from .state import ShellCommandError

__all__ = ["echoed", "printed"]

ESCAPE = re.compile(r"\\(?:([abefnrtv\\])|(0[0-7]{0,3}|[1-7][0-7]{0,2})|(c)|(.)|\Z)", re.DOTALL)
FORMAT_ESCAPE = re.compile(r"\\(?:([abefnrtv\\])|([0-7]{1,3}))")
CHARACTERS = {
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\\": "\\",
}
DIRECTIVE = re.compile(r"%([-+ #0]*)(\*|[0-9]*)(?:\.(\*|[0-9]*))?([a-zA-Z%]?)")
NUMBER = re.compile(r"\s*[-+]?(?:0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)")
FLOAT = re.compile(r"\s*[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
WIDEST = 10_000
LONGEST_OUTPUT = 1 << 20
"""Characters that a directive may fill, and that one command may print: the emulator's limits."""


def echoed(arguments: Sequence[str]) -> str:
    """What `echo` prints: escapes are replaced, `-n` leaves the newline out, and `\\c` the rest."""
    ends = arguments[:1] != ["-n"]
    text, stops = _unescaped(" ".join(arguments if ends else arguments[1:]))
    return text if stops or not ends else f"{text}\n"


def printed(arguments: Sequence[str]) -> tuple[str, list[str]]:
    """What `printf` prints, and what it complains of. Raises ShellCommandError."""
    if not arguments:
        raise ShellCommandError("usage: printf format [arg ...]")
    printer = _Printer(list(arguments[1:]))
    while True:
        left = len(printer.arguments)
        is_done = printer.run(arguments[0])
        if printer.length > LONGEST_OUTPUT:
            raise ShellLimitError("printf writes more than the emulator grants it")
        if is_done or not printer.arguments or len(printer.arguments) == left:
            return "".join(printer.output), printer.complaints


def _unescaped(text: str) -> tuple[str, bool]:
    """A text with its escapes replaced, and whether one of them ends the output."""
    parts: list[str] = []
    position = 0
    for match in ESCAPE.finditer(text):
        parts.append(text[position : match.start()])
        position = match.end()
        known, octal, stop, _other = match.groups()
        if stop:
            return "".join(parts), True
        if known:
            parts.append(CHARACTERS[known])
        elif octal:
            parts.append(chr(int(octal, 8) & 255))
        else:
            parts.append(match[0])
    return "".join([*parts, text[position:]]), False


class _Printer:
    def __init__(self, arguments: list[str]) -> None:
        self.arguments = arguments
        self.output: list[str] = []
        self.complaints: list[str] = []
        self.length = 0

    def run(self, form: str) -> bool:
        """Print the format once; whether `\\c` ended it."""
        position = 0
        for match in DIRECTIVE.finditer(form):
            self._text(form[position : match.start()])
            position = match.end()
            if self._directive(match):
                return True
        self._text(form[position:])
        return False

    def _text(self, text: str) -> None:
        def replaced(match: re.Match[str]) -> str:
            known, octal = match.groups()
            return CHARACTERS[known] if known else chr(int(octal, 8) & 255)

        self._write(FORMAT_ESCAPE.sub(replaced, text))

    def _write(self, text: str) -> None:
        self.output.append(text)
        self.length += len(text)

    def _next(self) -> str:
        return self.arguments.pop(0) if self.arguments else ""

    def _directive(self, match: re.Match[str]) -> bool:
        flags, width, precision, kind = match.groups()
        if kind == "%" and match[0] == "%%":
            self._write("%")
            return False
        width, precision = (self._size(size) for size in (width, precision))
        if kind and kind in "di":
            text = f"%{flags}{width}{_point(precision)}d" % self._integer()
        elif kind and kind in "uoxX":
            text = f"%{flags}{width}{_point(precision)}{kind.replace('u', 'd')}" % (self._integer() % 2**64)
        elif kind and kind in "eEfFgG":
            text = f"%{flags}{width}{_point(precision)}{kind}" % self._float()
        elif kind and kind in "sc":
            argument = self._next()
            text = _padded(argument[:1] or "\0" if kind == "c" else argument, flags, width, precision)
        elif kind == "b":
            argument, stops = _unescaped(self._next())
            self._write(_padded(argument, flags, width, precision))
            return stops
        else:
            raise ShellCommandError(f"{match[0]}: invalid directive")
        self._write(text)
        return False

    def _size(self, size: str | None) -> str | None:
        if size is None:
            return None
        value = self._integer() if size == "*" else int(size or "0")
        return str(max(-WIDEST, min(value, WIDEST))) if size else ""

    def _integer(self) -> int:
        text = self._next()
        if text[:1] in ("'", '"'):
            return ord(text[1]) if len(text) > 1 else 0
        match = NUMBER.match(text)
        self._complain(text, match)
        if match is None:
            return 0
        digits = match[0].strip()
        sign = -1 if digits.startswith("-") else 1
        digits = digits.lstrip("+-")
        base = 16 if digits[:2] in ("0x", "0X") else 8 if digits.startswith("0") else 10
        return max(-(2**63), min(sign * int(digits, base), 2**63 - 1))

    def _float(self) -> float:
        text = self._next()
        match = FLOAT.match(text)
        self._complain(text, match)
        return float(match[0]) if match else 0.0

    def _complain(self, text: str, match: re.Match[str] | None) -> None:
        if text and match is None:
            self.complaints.append(f"{text}: expected numeric value")
        elif match is not None and match.end() < len(text):
            self.complaints.append(f"{text}: not completely converted")


def _point(precision: str | None) -> str:
    return "" if precision is None else f".{precision}"


def _padded(text: str, flags: str, width: str | None, precision: str | None) -> str:
    if precision is not None:
        text = text[: int(precision or "0")]
    size = int(width or "0")
    return text.ljust(abs(size)) if "-" in flags or size < 0 else text.rjust(size)
