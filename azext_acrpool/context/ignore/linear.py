"""Comparing with patterns in time that is bounded by patterns times path, whatever they are. No I/O.

Python's `re` tries one way after the other in which a pattern's stars could divide a path: a few stars make that years.
Here all ways are followed at once, one character at a time, as Go does. The places in the pattern that a path may have
come to, in all the patterns, are the bits of one large integer. Each of these sets is worked out once: what follows it
after a character is remembered, as paths of one context begin alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
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

# What remembering one step takes, about, without the sets of places: up to four of these come with it.
_BYTES_OF_A_STEP = 450


class _State(dict[str, "_State"]):
    """What a path may have come to, and the states that the next characters lead to, as far as any path had these.

    `places` is where it may be, `inside` the folders that may be entered at the next slash, `reached` the bits of the
    expressions that match a path which ends here. `decided`: whatever follows changes none of these.
    """

    __slots__ = ("_step", "decided", "inside", "places", "reached")

    def __init__(self, places: int, inside: int, step: Callable[[_State, str], _State]) -> None:
        super().__init__()
        self.places = places
        self.inside = inside
        self.reached = 0
        self.decided = False
        self._step = step

    def __missing__(self, key: str) -> _State:
        return self._step(self, key)


class LinearMatcher:
    """Compares as `re.compile("".join(tokens)).match` would, with any number of such expressions at once.

    A token is one of those above, `*` for any number of what the token before it stands for, or an expression for one
    character. `ends` has the number of a bit for each expression. `most_remembered` is in bytes, about.
    """

    def __init__(self, *expressions: Sequence[str], most_remembered: int = 16 * 2**20) -> None:
        self._starts = self._early = self._ends = 0
        self.ends: list[int] = []
        kinds = _Kinds()
        number = 0
        for tokens in expressions:
            places = _with_repetitions(tokens)
            if places[:1] == [ASSERTIONS["A"]]:
                del places[0]  # a path is compared from its start anyway
            to_the_end = places[-1:] == [ASSERTIONS["z"]]
            if to_the_end:
                del places[-1]
            self._starts |= 1 << number
            for token in places:
                kinds.add(token, 1 << number)
                number += 1
            self.ends.append(number)
            self._ends |= 1 << number
            self._early |= 0 if to_the_end else 1 << number
            number += 1
        self._steps, self._loops, self._assertions = map(_compiled, (kinds.steps, kinds.loops, kinds.assertions))
        self._folders, self._free = kinds.folders, kinds.free
        self._free_rows = _rows(self._free)
        self._most_steps = self._steps_left = most_remembered // (_BYTES_OF_A_STEP + number // 2)
        self._first_states: dict[str, _State] = {}
        self._states: dict[tuple[int, int], _State] = {}
        self._masks: dict[str, tuple[int, int]] = {}

    def __call__(self, path: str) -> bool:
        """Whether any of the expressions matches, from the start of `path` on."""
        return bool(self.reached(path))

    def reached(self, path: str) -> int:
        """The bits of the expressions that match, from the start of `path` on."""
        # An assertion depends on the next character, too.
        keys = [path[position : position + 2] for position in range(len(path))] if self._assertions else path
        state = self._first_states.get(path[:1]) or self._first_state(path[:1])
        for key in keys:
            if state.decided:
                break
            state = state[key]
        return state.reached

    def _first_state(self, first: str) -> _State:
        """The state before the first character, which is `first`, or "" if there is none."""
        places = self._passed(self._starts, first, 0)
        state = self._first_states[first] = self._state(places, places & self._folders)
        return state

    def _step(self, state: _State, key: str) -> _State:
        """The state that follows `state`; `key` is the character, and the one behind it if there are assertions."""
        if self._steps_left <= 0:
            self._forget()
        self._steps_left -= 1
        steps, loops = self._masks_of(key[0])
        places = (state.places & steps) << 1 | state.places & (loops | self._early)
        inside = state.inside
        if key[0] == "/":
            places |= inside << 1
        elif key[0] == "\n":  # what "." does not stand for
            inside = 0
        places = self._passed(places, key, 1)
        following = self._state(places, inside | places & self._folders)
        state[key] = following
        return following

    def _state(self, places: int, inside: int) -> _State:
        state = self._states.get((places, inside))
        if state is None:
            state = self._states[places, inside] = _State(places, inside, self._step)
            state.reached = places & self._ends
            state.decided = not (places | inside) & ~self._early
        return state

    def _forget(self) -> None:
        """Begin anew. A state that is in use goes on."""
        for state in self._states.values():
            state.clear()  # they refer to each other
        for remembered in (self._first_states, self._states, self._masks):
            remembered.clear()
        self._steps_left = self._most_steps

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
