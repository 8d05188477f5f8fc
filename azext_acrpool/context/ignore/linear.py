"""Comparing with a pattern in time that is bounded by pattern times path, whatever they are. No I/O.

Python's `re` tries one way after the other in which a pattern's stars could divide a path: a few stars make that years.
Here all ways are followed at once, one character at a time, as Go does. The places in the pattern that a path may have
come to are the bits of one large integer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["ANY_FOLDERS", "ANY_TEXT", "ASSERTIONS", "STAR", "LinearMatcher"]

# Tokens that stand for any number of characters. All others stand for one character, or for a place.
STAR = "[^/]*"
ANY_TEXT = ".*"
ANY_FOLDERS = "(?:.*/)?"
# Tokens that stand for a place in the path, by the letter that Go has for them.
ASSERTIONS = {"A": r"\A", "z": r"\Z", "b": r"(?a:\b)", "B": r"(?a:\B)"}


@dataclass
class _Kinds:
    """The places of each kind.

    `steps`: one character leads from there to the next place; `loops`: a path may stay there; both by the expression
    for the characters. `assertions`: passed where these hold. `folders`: folders may be entered there. `free`: passed
    without a character.
    """

    steps: dict[str, int] = field(default_factory=dict)
    loops: dict[str, int] = field(default_factory=dict)
    assertions: dict[str, int] = field(default_factory=dict)
    folders: int = 0
    free: int = 0

    def add(self, token: str, place: int) -> None:
        """`place` is the bit of the token's place."""
        if token in ASSERTIONS.values():
            self.assertions[token] = self.assertions.get(token, 0) | place
        elif token == ANY_FOLDERS:
            self.folders |= place
            self.free |= place
        elif token == ANY_TEXT or (len(token) > 2 and token.endswith("*")):
            self.loops[token[:-1]] = self.loops.get(token[:-1], 0) | place
            self.free |= place
        else:
            self.steps[token] = self.steps.get(token, 0) | place


_Places = list[tuple[re.Pattern[str], int]]


class LinearMatcher:
    """Compares as `re.compile("".join(tokens)).match` would.

    A token is one of those above, `*` for any number of what the token before it stands for, or an expression for one
    character.
    """

    def __init__(self, tokens: Sequence[str]) -> None:
        places = _with_repetitions(tokens)
        if places[:1] == [ASSERTIONS["A"]]:
            del places[0]  # a path is compared from its start anyway
        self._to_the_end = places[-1:] == [ASSERTIONS["z"]]
        if self._to_the_end:
            del places[-1]
        self._end = 1 << len(places)
        kinds = _Kinds()
        for number, token in enumerate(places):
            kinds.add(token, 1 << number)
        self._steps, self._loops, self._assertions = map(_compiled, (kinds.steps, kinds.loops, kinds.assertions))
        self._folders, self._free = kinds.folders, kinds.free
        self._free_rows = _rows(self._free)
        self._masks: dict[str, tuple[int, int]] = {}

    def __call__(self, path: str) -> bool:
        """Whether the pattern matches, from the start of `path` on."""
        places = self._passed(1, path, 0)
        inside = places & self._folders
        for position, char in enumerate(path, start=1):
            if not self._to_the_end and places & self._end:
                return True
            steps, loops = self._masks_of(char)
            places = (places & steps) << 1 | places & loops
            if char == "/":
                places |= inside << 1
            elif char == "\n":  # what "." does not stand for
                inside = 0
            if not places | inside:
                return False
            places = self._passed(places, path, position)
            inside |= places & self._folders
        return bool(places & self._end)

    def _passed(self, places: int, path: str, position: int) -> int:
        """`places`, and all that can be come to from there without a character."""
        rows = self._free_rows
        if self._assertions:
            holding = (where for assertion, where in self._assertions if assertion.match(path, position))
            rows = _rows(_union([self._free, *holding]))
        for length, row in rows:
            places |= (places & row) << length
        return places

    def _masks_of(self, char: str) -> tuple[int, int]:
        masks = self._masks.get(char)
        if masks is None:
            masks = _matching(self._steps, char), _matching(self._loops, char)
            self._masks[char] = masks
        return masks


def _with_repetitions(tokens: Iterable[str]) -> list[str]:
    places: list[str] = []
    for piece in tokens:
        if piece == "*":
            places[-1] += piece
        else:
            places.append(piece)
    return places


def _rows(free: int) -> list[tuple[int, int]]:
    """For 1, 2, 4 ..: the places from which that many free ones follow each other, so that all can be passed at once.

    One after the other, these jumps come to every place that a row of free places leads to.
    """
    rows = []
    length, row = 1, free
    while row:
        rows.append((length, row))
        row &= row >> length
        length *= 2
    return rows


def _union(sets: Iterable[int]) -> int:
    union = 0
    for one in sets:
        union |= one
    return union


def _compiled(places: Mapping[str, int]) -> _Places:
    return [(re.compile(expression), where) for expression, where in places.items()]


def _matching(places: _Places, char: str) -> int:
    return _union(where for expression, where in places if expression.match(char))
