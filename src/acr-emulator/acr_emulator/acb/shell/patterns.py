"""Patterns of the shell: `*`, `?` and `[..]`, where they are not quoted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Pattern", "compile_pattern"]

ANY = ""
CLASSES = {
    "alnum": str.isalnum,
    "alpha": str.isalpha,
    "blank": " \t".__contains__,
    "cntrl": lambda character: character < " " or character == "\x7f",
    "digit": "0123456789".__contains__,
    "graph": lambda character: "!" <= character <= "~",
    "lower": str.islower,
    "print": lambda character: " " <= character <= "~",
    "punct": "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~".__contains__,
    "space": " \t\n\r\f\v".__contains__,
    "upper": str.isupper,
    "xdigit": "0123456789abcdefABCDEF".__contains__,
}


@dataclass(frozen=True)
class _One:
    """Any one character, or one of a set: ranges of characters, and names of classes."""

    ranges: tuple[tuple[str, str], ...] = ()
    classes: tuple[str, ...] = ()
    is_negated: bool = True

    def matches(self, character: str) -> bool:
        is_in = any(low <= character <= high for low, high in self.ranges)
        is_in = is_in or any(CLASSES[name](character) for name in self.classes)
        return is_in != self.is_negated


@dataclass(frozen=True)
class Pattern:
    """A pattern; `is_plain` is true if it holds nothing but text."""

    items: tuple[str | _One, ...]

    @property
    def is_plain(self) -> bool:
        return all(isinstance(item, str) and item != ANY for item in self.items)

    def matches(self, text: str) -> bool:
        """Whether the whole text matches. Takes time in proportion to both lengths, whatever the pattern."""
        items = self.items
        at = index = 0
        star, star_at = -1, 0
        while at < len(text):
            if index < len(items) and items[index] == ANY:
                star, star_at = index, at
                index += 1
            elif index < len(items) and _matches_one(items[index], text[at]):
                index += 1
                at += 1
            elif star >= 0:
                star_at += 1
                at, index = star_at, star + 1
            else:
                return False
        return all(item == ANY for item in items[index:])


def compile_pattern(pieces: Iterable[tuple[str, bool]]) -> Pattern:
    """A pattern from texts, each with whether it is quoted."""
    characters = [(character, is_quoted) for text, is_quoted in pieces for character in text]
    items: list[str | _One] = []
    position = 0
    # Behind a bracket that nothing closes no other one is closed: looking for each of many would take long.
    special = "*?["
    while position < len(characters):
        character, is_quoted = characters[position]
        position += 1
        if is_quoted or character not in special:
            items.append(character)
        elif character == "*":
            items.append(ANY)
        elif character == "?":
            items.append(_One())
        else:
            one, position = _bracket(characters, position)
            items.append(one)
            special = "*?" if one == "[" else special
    return Pattern(tuple(items))


def _matches_one(item: str | _One, character: str) -> bool:
    return item == character if isinstance(item, str) else item.matches(character)


def _bracket(characters: list[tuple[str, bool]], start: int) -> tuple[str | _One, int]:
    """What is between brackets, and where it ends; a bracket that is never closed is a character like others."""
    position = start
    is_negated = position < len(characters) and characters[position] in (("!", False), ("^", False))
    position += is_negated
    first = position
    ranges: list[tuple[str, str]] = []
    classes: list[str] = []
    while position < len(characters):
        character, is_quoted = characters[position]
        if character == "]" and not is_quoted and position > first:
            return _One(tuple(ranges), tuple(classes), is_negated), position + 1
        if name := _class_at(characters, position):
            classes.append(name)
            position += len(name) + 4
            continue
        position += 1
        if position + 1 < len(characters) and characters[position][0] == "-" and characters[position + 1][0] != "]":
            ranges.append((character, characters[position + 1][0]))
            position += 2
        else:
            ranges.append((character, character))
    return "[", start


def _class_at(characters: list[tuple[str, bool]], position: int) -> str:
    text = "".join(character for character, _ in characters[position : position + 12])
    if not text.startswith("[:"):
        return ""
    name, end, _ = text[2:].partition(":]")
    return name if end and name in CLASSES else ""
