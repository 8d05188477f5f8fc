"""Matches a regular expression in a time that grows with the text, not with the ways to match it (Thompson, Pike)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from ..errors import LimitExceededError
from .characters import Characters
from .nodes import Alternatives, Assertion, Chain, Group, Node, One, Repetition

__all__ = ["Captures", "Program"]

Captures: TypeAlias = tuple[int, ...]
"""Begin and end of the match and of each group; -1 where a group has none."""

LARGEST_PROGRAM = 20_000
MOST_STEPS = 200_000


@dataclass
class _Instruction:
    """`one`: a character of a set; `place`: an assertion; `save`: a slot; `split`: two ways on; `match`."""

    kind: str
    characters: Characters | None = None
    place: str = ""
    slot: int = 0
    ways: tuple[int, ...] = ()


class Program:
    """A compiled regular expression. Raises LimitExceededError if it is too large."""

    def __init__(self, node: Node, groups: int) -> None:
        self._slots = 2 * (groups + 1)
        self._code: list[_Instruction] = []
        self._steps = 0
        self._compile(Group(node, 0))
        self._emit(_Instruction("match"))

    def _emit(self, instruction: _Instruction) -> int:
        if len(self._code) >= LARGEST_PROGRAM:
            raise LimitExceededError("the regular expression is larger than the emulator allows")
        self._code.append(instruction)
        return len(self._code) - 1

    def _compile(self, node: Node) -> None:
        if isinstance(node, One):
            self._emit(_Instruction("one", characters=node.characters))
        elif isinstance(node, Assertion):
            self._emit(_Instruction("place", place=node.place))
        elif isinstance(node, Chain):
            for part in node.parts:
                self._compile(part)
        elif isinstance(node, Alternatives):
            self._compile_alternatives(node)
        elif isinstance(node, Group):
            self._emit(_Instruction("save", slot=2 * node.number))
            self._compile(node.part)
            self._emit(_Instruction("save", slot=2 * node.number + 1))
        else:
            self._compile_repetition(node)

    def _compile_alternatives(self, node: Alternatives) -> None:
        jumps = []
        for part in node.parts[:-1]:
            split = self._emit(_Instruction("split"))
            self._compile(part)
            jumps.append(self._emit(_Instruction("split")))
            self._code[split].ways = (split + 1, len(self._code))
        self._compile(node.parts[-1])
        for jump in jumps:
            self._code[jump].ways = (len(self._code),)

    def _compile_repetition(self, node: Repetition) -> None:
        if node.most is None:
            self._compile_endless(node)
            return
        for _ in range(node.least):
            self._compile(node.part)
        splits = []
        for _ in range(node.most - node.least):
            splits.append(self._emit(_Instruction("split")))
            self._compile(node.part)
        for split in splits:
            self._set_ways(split, node.is_greedy)

    def _compile_endless(self, node: Repetition) -> None:
        """`x*` as `(x+)?`, which keeps the order of preference where x may be empty; `x{2,}` as `xx+`."""
        for _ in range(node.least - 1):
            self._compile(node.part)
        skip = self._emit(_Instruction("split")) if node.least == 0 else None
        begin = len(self._code)
        self._compile(node.part)
        again = self._emit(_Instruction("split"))
        ways = (begin, again + 1)
        self._code[again].ways = ways if node.is_greedy else ways[::-1]
        if skip is not None:
            self._set_ways(skip, node.is_greedy)

    def _set_ways(self, split: int, is_greedy: bool) -> None:
        ways = (split + 1, len(self._code))
        self._code[split].ways = ways if is_greedy else ways[::-1]

    def search(self, text: str, start: int) -> Captures | None:
        """The leftmost match from `start` on, of several the one that Perl prefers.

        Raises LimitExceededError for a text that takes too many steps.
        """
        found: Captures | None = None
        threads: dict[int, Captures] = {}
        for position in range(start, len(text) + 1):
            if found is None:
                self._follow(threads, 0, (-1,) * self._slots, text, position)
            if not threads:
                if found is not None:
                    break
                continue
            self._steps += len(threads)
            if self._steps > MOST_STEPS:
                raise LimitExceededError("matching the regular expression takes more steps than the emulator allows")
            ahead: dict[int, Captures] = {}
            for number, captures in threads.items():
                instruction = self._code[number]
                if instruction.kind == "match":
                    found = captures
                    break
                characters = instruction.characters
                if position < len(text) and characters is not None and text[position] in characters:
                    self._follow(ahead, number + 1, captures, text, position + 1)
            threads = ahead
        return found

    def _follow(self, threads: dict[int, Captures], first: int, captures: Captures, text: str, position: int) -> None:
        """Add the threads that start at an instruction: those that wait for a character, in order of preference."""
        stack = [(first, captures)]
        seen: set[int] = set(threads)
        while stack:
            number, captures = stack.pop()
            if number in seen:
                continue
            seen.add(number)
            instruction = self._code[number]
            if instruction.kind == "split":
                stack.extend((way, captures) for way in reversed(instruction.ways))
            elif instruction.kind == "save":
                slot = instruction.slot
                stack.append((number + 1, (*captures[:slot], position, *captures[slot + 1 :])))
            elif instruction.kind == "place":
                if _is_at(instruction.place, text, position):
                    stack.append((number + 1, captures))
            else:
                threads[number] = captures


def _is_at(place: str, text: str, position: int) -> bool:
    before, after = text[position - 1 : position] if position else "", text[position : position + 1]
    if place in ("begin_text", "begin_line"):
        return not before or (place == "begin_line" and before == "\n")
    if place in ("end_text", "end_line"):
        return not after or (place == "end_line" and after == "\n")
    return (_is_word(before) != _is_word(after)) == (place == "word")


def _is_word(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character == "_")
