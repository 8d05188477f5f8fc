"""What a parsed regular expression consists of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from .characters import Characters

__all__ = ["Alternatives", "Assertion", "Chain", "Group", "Node", "One", "Repetition"]


@dataclass(frozen=True)
class One:
    """One character of a set."""

    characters: Characters


@dataclass(frozen=True)
class Assertion:
    """A place: `begin_text`, `end_text`, `begin_line`, `end_line`, `word`, `not_word`."""

    place: str


@dataclass(frozen=True)
class Chain:
    """One after the other."""

    parts: Sequence[Node]


@dataclass(frozen=True)
class Alternatives:
    """The first that fits."""

    parts: Sequence[Node]


@dataclass(frozen=True)
class Repetition:
    """From `least` to `most` times, None: without end; as often as possible, or as seldom."""

    part: Node
    least: int
    most: int | None
    is_greedy: bool


@dataclass(frozen=True)
class Group:
    """What is captured under a number."""

    part: Node
    number: int


Node: TypeAlias = One | Assertion | Chain | Alternatives | Repetition | Group
