"""What `test` and `[` decide."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath

from .state import ShellCommandError, ShellState
from .streams import Files

__all__ = ["holds"]

INTEGER = re.compile(r"\s*[-+]?[0-9]+\s*")

COMPARISONS: Mapping[str, Callable[[int, int], bool]] = {
    "-eq": lambda left, right: left == right,
    "-ne": lambda left, right: left != right,
    "-lt": lambda left, right: left < right,
    "-le": lambda left, right: left <= right,
    "-gt": lambda left, right: left > right,
    "-ge": lambda left, right: left >= right,
}
TEXT_COMPARISONS: Mapping[str, Callable[[str, str], bool]] = {
    "=": lambda left, right: left == right,
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
}
UNARY = frozenset(
    {*("-n", "-z", "-t"), *("-b", "-c", "-d", "-e", "-f", "-h", "-L", "-p", "-r", "-s", "-S", "-w", "-x")}
)
DEEPEST = 50
USUALLY_NOT = frozenset({"-b", "-c", "-h", "-L", "-p", "-S"})
"""What a path is not, as far as one can guess."""


def holds(arguments: Sequence[str], state: ShellState) -> bool:
    """Whether an expression holds. Raises ShellCommandError for one that `test` refuses."""
    return _Expression(list(arguments), state).run()


class _Expression:
    def __init__(self, words: list[str], state: ShellState) -> None:
        self._words = words
        self._state = state
        self._position = 0
        self._depth = 0

    def run(self) -> bool:
        words = self._words
        if not words:
            return False
        if (
            len(words) in (3, 4)
            and (words[0], words[-1]) == ("(", ")")
            and not (len(words) == 3 and self._is_binary(1))
        ):
            return holds(words[1:-1], self._state)
        value = self._or()
        if self._position < len(words):
            last = words[self._position - 1]
            raise ShellCommandError(f"{last}: unexpected operator" if last else "unexpected operator")
        return value

    def _is_binary(self, index: int) -> bool:
        word = self._words[index] if index < len(self._words) else ""
        return word in COMPARISONS or word in TEXT_COMPARISONS or word in ("-nt", "-ot", "-ef")

    def _peek(self) -> str | None:
        return self._words[self._position] if self._position < len(self._words) else None

    def _or(self) -> bool:
        value = self._and()
        while self._peek() == "-o":
            self._position += 1
            right = self._and()
            value = value or right
        return value

    def _and(self) -> bool:
        value = self._not()
        while self._peek() == "-a":
            self._position += 1
            right = self._not()
            value = value and right
        return value

    def _not(self) -> bool:
        self._depth += 1
        if self._depth > DEEPEST:
            raise ShellCommandError("too many nested conditions")
        is_negated = False
        while self._peek() == "!" and not (self._position == 0 and len(self._words) == 3 and self._is_binary(1)):
            self._position += 1
            is_negated = not is_negated
        value = self._primary() != is_negated
        self._depth -= 1
        return value

    def _primary(self) -> bool:
        word = self._peek()
        if word is None:
            return False
        self._position += 1
        argument = self._peek()
        if word == "(" and argument is not None:
            return self._in_parentheses()
        if word in UNARY and argument is not None and not (self._is_binary(self._position) and self._has_right()):
            self._position += 1
            return self._unary(word, argument)
        return self._binary(word) if self._is_binary(self._position) else word != ""

    def _has_right(self) -> bool:
        return self._position + 1 < len(self._words)

    def _in_parentheses(self) -> bool:
        value = self._or()
        if self._peek() != ")":
            raise ShellCommandError("closing paren expected")
        self._position += 1
        return value

    def _unary(self, operator: str, argument: str) -> bool:
        if operator in ("-n", "-z"):
            return (argument != "") == (operator == "-n")
        if operator == "-t":
            return False
        path = str(PurePosixPath(self._state.directory, argument)) if argument else ""
        files = self._state.files
        if path and files.guesses is not None and files.is_guessed(path):
            return files.guesses.decide(f"test {operator} {path}", usual=operator not in USUALLY_NOT)
        return path != "" and _is(operator, path, files)

    def _binary(self, left: str) -> bool:
        operator = self._words[self._position]
        if not self._has_right():
            raise ShellCommandError(f"{operator}: argument expected")
        right = self._words[self._position + 1]
        self._position += 2
        if operator in TEXT_COMPARISONS:
            return TEXT_COMPARISONS[operator](left, right)
        if operator in COMPARISONS:
            return COMPARISONS[operator](_integer(left), _integer(right))
        guesses = self._state.files.guesses
        return guesses is not None and guesses.decide(f"test {left} {operator} {right}", usual=False)


def _is(operator: str, path: str, files: Files) -> bool:
    if operator == "-d":
        return files.is_directory(path)
    if operator == "-s":
        return files.is_file(path) and files.size(path) > 0
    if operator in ("-f", "-r", "-w", "-x", "-e"):
        return files.is_file(path) or (operator != "-f" and files.is_directory(path))
    return False


def _integer(text: str) -> int:
    if INTEGER.fullmatch(text) is None:
        raise ShellCommandError(f"Illegal number: {text}")
    return int(text)
