"""Patterns of file names: Go's `path/filepath.Match`, and the `**` that `.dockerignore` files have besides.

https://pkg.go.dev/path/filepath#Match: `*` and `?` never match `/`, `[]` takes ranges and a leading `^`, a
backslash escapes. A match takes time in proportion to the name alone, whatever the pattern: patterns are uploaded.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

__all__ = ["BadPatternError", "Glob", "has_wildcards"]

Consumes = Callable[[str], bool]


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


class Glob:
    """A pattern, compiled to the states of an automaton: state N is where N of its characters have been matched.

    With `double_stars`, `**` also matches `/`, `**/` any folders or none, and `[z-a]` is an error.
    Raises BadPatternError.
    """

    def __init__(self, pattern: str, *, double_stars: bool = False) -> None:
        self._tokens: list[Consumes] = []
        self._within_folder = 0
        self._anything = 0
        self._folders = 0
        position = 0
        while position < len(pattern):
            if double_stars and pattern.startswith("**", position):
                position = self._add_double_star(pattern, position)
            elif pattern[position] == "*":
                self._within_folder |= 1 << len(self._tokens)
                position += 1
            else:
                token, position = _token(pattern, position, takes_empty_ranges=not double_stars)
                self._tokens.append(token)
        self._accepting = 1 << len(self._tokens)
        self._consuming = lru_cache(maxsize=256)(self._states_that_consume)

    def _add_double_star(self, pattern: str, position: int) -> int:
        state = 1 << len(self._tokens)
        position += 2
        if position == len(pattern):
            self._anything |= state
        elif pattern[position] == "/":
            self._folders |= state
            position += 1
        else:
            self._anything |= state
        return position

    def _states_that_consume(self, character: str) -> int:
        return sum(1 << index for index, consumes in enumerate(self._tokens) if consumes(character))

    def matches(self, name: str) -> bool:
        """Whether the pattern matches all of `name`."""
        states = 1
        in_folders = states & self._folders
        for character in name:
            states_after = (states & self._consuming(character)) << 1 | states & self._anything
            states_after |= in_folders if character == "/" else states & self._within_folder
            states = states_after
            in_folders |= states & self._folders
            if not states | in_folders:
                return False
        return bool(states & self._accepting)


def _token(pattern: str, position: int, takes_empty_ranges: bool) -> tuple[Consumes, int]:
    character = pattern[position]
    position += 1
    if character == "?":
        return lambda given: given != "/", position
    if character == "[":
        return _character_class(pattern, position, takes_empty_ranges)
    if character == "\\":
        character, position = _take(pattern, position)
    return character.__eq__, position


def _character_class(pattern: str, position: int, takes_empty_ranges: bool) -> tuple[Consumes, int]:
    is_negated = pattern[position : position + 1] == "^"
    position += is_negated
    ranges: list[tuple[str, str]] = []
    while not ranges or pattern[position : position + 1] != "]":
        low, position = _class_character(pattern, position)
        high = low
        if pattern[position : position + 1] == "-":
            high, position = _class_character(pattern, position + 1)
        if high < low and not takes_empty_ranges:
            raise BadPatternError(pattern)
        ranges.append((low, high))
    return lambda given: is_negated != any(low <= given <= high for low, high in ranges), position + 1


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
