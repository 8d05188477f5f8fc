"""Parses Go's regular expressions (RE2's syntax), with the refusals of package regexp/syntax."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from .characters import Characters
from .nodes import Alternatives, Assertion, Chain, Group, Node, One, Repetition
from .reader import CharacterReader, refuse

__all__ = ["parse"]

MOST_REPEATS = 1000
REPEAT = re.compile(r"\{(0|[1-9][0-9]*)(?:(,)(0|[1-9][0-9]*)?)?\}")
FLAGS = re.compile(r"\(\?([imsU]*)(-[imsU]+)?([:)])")
NAMED = re.compile(r"\(\?P?<([A-Za-z0-9_]+)>")
PLACES = {"A": "begin_text", "b": "word", "B": "not_word", "z": "end_text"}


def parse(text: str) -> tuple[Node, Mapping[str, Sequence[int]], int]:
    """The tree of a regular expression, the numbers of its named groups, and how many groups it has.

    Raises RegexpError: ``error parsing regexp: missing closing ): `(` ``.
    """
    parser = _Parser(text)
    return parser.parse(), parser.names, parser.groups


@dataclass(frozen=True)
class _Flags:
    i: bool = False
    m: bool = False
    s: bool = False
    U: bool = False


@dataclass
class _Level:
    """What has been read of a pair of parentheses."""

    flags: _Flags
    group: int | None = None
    alternatives: list[Node] = field(default_factory=list)
    parts: list[Node] = field(default_factory=list)

    def close(self) -> Node:
        """All of it as one node."""
        self.next_alternative()
        inner = self.alternatives[0] if len(self.alternatives) == 1 else Alternatives(self.alternatives)
        return inner if self.group is None else Group(inner, self.group)

    def next_alternative(self) -> None:
        self.alternatives.append(Chain(self.parts))
        self.parts = []


class _Parser(CharacterReader):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.names: dict[str, list[int]] = {}
        self.groups = 0
        self._flags = _Flags()
        self._levels = [_Level(self._flags)]

    def parse(self) -> Node:
        """Read the whole text."""
        repeated = -1
        while self.position < len(self.text):
            start = self.position
            if self._is_repetition():
                self._repetition(repeated)
                repeated = start if repeated < 0 else repeated
            else:
                self._part()
                repeated = -1
        if len(self._levels) > 1:
            refuse("missing closing )", self.text)
        return self._levels[0].close()

    def _append(self, node: Node) -> None:
        self._levels[-1].parts.append(node)

    def _one(self, characters: Characters) -> None:
        self._append(One(replace(characters, folds=self._flags.i)))

    def _literal(self, character: str) -> None:
        self._one(Characters([(character, character)]))

    # Repetitions

    def _is_repetition(self) -> bool:
        return self.text[self.position] in "*+?" or bool(REPEAT.match(self.text, self.position))

    def _repetition(self, repeated: int) -> None:
        start = self.position
        least, most = self._bounds()
        is_greedy = not self._flags.U
        if self.rest.startswith("?"):
            self.position += 1
            is_greedy = not is_greedy
        if repeated >= 0:
            refuse("invalid nested repetition operator", self.text[repeated : self.position])
        operator = self.text[start : self.position]
        parts = self._levels[-1].parts
        if not parts:
            refuse("missing argument to repetition operator", operator)
        node = Repetition(parts.pop(), least, most, is_greedy)
        if not _is_small_enough(node, MOST_REPEATS):
            refuse("invalid repeat count", operator)
        parts.append(node)

    def _bounds(self) -> tuple[int, int | None]:
        match = REPEAT.match(self.text, self.position)
        if match is None:
            sign = self.text[self.position]
            self.position += 1
            return int(sign == "+"), 1 if sign == "?" else None
        self.position = match.end()
        numbers = [int(digits) if len(digits) < 6 else MOST_REPEATS + 1 for digits in match.group(1, 3) if digits]
        if max(numbers) > MOST_REPEATS or numbers != sorted(numbers):
            refuse("invalid repeat count", match[0])
        return numbers[0], numbers[-1] if match[3] or not match[2] else None

    # Parts

    def _part(self) -> None:
        character = self.text[self.position]
        if character == "\\":
            self._escape()
            return
        if character == "(":
            self._open()
            return
        if character == "[":
            self._one(self.bracketed_class())
            return
        self.position += 1
        if character == "|":
            self._levels[-1].next_alternative()
        elif character == ")":
            self._close()
        elif character == "^":
            self._append(Assertion("begin_line" if self._flags.m else "begin_text"))
        elif character == "$":
            self._append(Assertion("end_line" if self._flags.m else "end_text"))
        elif character == ".":
            self._append(One(Characters([] if self._flags.s else [("\n", "\n")], is_negated=True)))
        else:
            self._literal(character)

    def _open(self) -> None:
        rest = self.rest
        if not rest.startswith("(?"):
            self.position += 1
            self._push_group()
        elif rest.startswith(("(?P<", "(?<")) and len(rest) > 4:
            self._open_named(rest)
        else:
            self._open_flags(rest)
        if len(self._levels) > 1000:
            refuse("expression nests too deeply", self.text)

    def _push_group(self) -> None:
        self.groups += 1
        self._levels.append(_Level(self._flags, self.groups))

    def _open_named(self, rest: str) -> None:
        match = NAMED.match(rest)
        if match is None:
            refuse("invalid named capture", rest[: rest.find(">") + 1] or rest)
        self.position += match.end()
        self._push_group()
        self.names.setdefault(match[1], []).append(self.groups)

    def _open_flags(self, rest: str) -> None:
        match = FLAGS.match(rest)
        if match is None:
            end = 2 + len(rest[2:]) - len(re.sub(r"\A[imsU]*(?:-[imsU]*)?", "", rest[2:]))
            refuse("invalid or unsupported Perl syntax", rest[: end + 1])
        self.position += match.end()
        changed = replace(self._flags, **dict.fromkeys(match[1], True))
        changed = replace(changed, **dict.fromkeys((match[2] or "-")[1:], False))
        if match[3] == ":":
            self._levels.append(_Level(self._flags))
        self._flags = changed

    def _close(self) -> None:
        if len(self._levels) == 1:
            refuse("unexpected )", self.text)
        level = self._levels.pop()
        self._flags = level.flags
        self._append(level.close())

    # Escapes

    def _escape(self) -> None:
        kind = self.text[self.position + 1 : self.position + 2]
        if kind in PLACES and kind:
            self.position += 2
            self._append(Assertion(PLACES[kind]))
        elif kind == "C":
            refuse("invalid escape sequence", "\\C")
        elif kind == "Q":
            quoted, _, _ = self.text[self.position + 2 :].partition("\\E")
            self.position = min(self.position + 4 + len(quoted), len(self.text))
            for character in quoted:
                self._literal(character)
        elif (characters := self.escaped_class()) is not None:
            self._one(characters)
        else:
            self._literal(self.escaped_character())


def _is_small_enough(node: Node, copies: int) -> bool:
    """Whether repetitions within repetitions make no more than that many copies of the innermost part."""
    if isinstance(node, Repetition):
        times = node.least if node.most is None else node.most
        if times > copies:
            return False
        return _is_small_enough(node.part, copies // max(times, 1))
    if isinstance(node, Group):
        return _is_small_enough(node.part, copies)
    if isinstance(node, Chain | Alternatives):
        return all(_is_small_enough(part, copies) for part in node.parts)
    return True
