"""Variables and quotes in a word of a Dockerfile, as BuildKit expands them.

Source: https://docs.docker.com/reference/dockerfile/#environment-replacement, frontend/dockerfile/shell of BuildKit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["LONGEST_VALUE", "ExpansionError", "expand_word"]

LONGEST_VALUE = 4096
"""Characters. No image reference is that long; values made of each other would double their length line by line."""

_LONGEST_MATCHED = 256
_MOST_STARS = 3
"""What a pattern may be tried on, and what it may hold: more would take long, and no image needs it."""

_DEEPEST = 20
_NAME = re.compile(r"[0-9]+|[@*#?$!-]|[^\W\d]\w*")


class ExpansionError(ValueError):
    """A word that Docker refuses, or that is too long or too intricate to be the name of an image."""


def expand_word(word: str, values: Mapping[str, str], escape: str = "\\") -> tuple[str, tuple[str, ...]]:
    """The word without quotes and variables, and the names of those that have no value, or one too long for any use.

    Raises ExpansionError.
    """
    if len(word) > LONGEST_VALUE:
        raise ExpansionError("too long")
    expander = _Expander(word, values, escape)
    return expander.until("", keeps_escapes=False), tuple(expander.unresolved)


class _Expander:
    def __init__(self, word: str, values: Mapping[str, str], escape: str) -> None:
        self.unresolved: list[str] = []
        self._word = word
        self._values = values
        self._escape = escape
        self._position = 0
        self._depth = 0

    def until(self, end: str, keeps_escapes: bool) -> str:
        """What stands before the character `end`, which is taken as well; an empty `end` is that of the word."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ExpansionError("too deep")
        parts: list[str] = []
        while (character := self._next()) != end:
            if not character:
                raise ExpansionError(f"unexpected end of statement while looking for matching {end}")
            parts.append(self._piece(character, keeps_escapes))
        self._depth -= 1
        return "".join(parts)

    def _next(self) -> str:
        character = self._peek()
        self._position += 1
        return character

    def _peek(self) -> str:
        return self._word[self._position : self._position + 1]

    def _piece(self, character: str, keeps_escapes: bool) -> str:
        if character == "'":
            return self._single_quoted()
        if character == '"':
            return self._double_quoted(keeps_escapes)
        if character == "$":
            return self._variable()
        if character == self._escape:
            return (character if keeps_escapes else "") + self._next()
        return character

    def _single_quoted(self) -> str:
        end = self._word.find("'", self._position)
        if end < 0:
            raise ExpansionError("unexpected end of statement while looking for matching single-quote")
        start, self._position = self._position, end + 1
        return self._word[start:end]

    def _double_quoted(self, keeps_escapes: bool) -> str:
        parts: list[str] = []
        while (character := self._next()) != '"':
            if not character:
                raise ExpansionError("unexpected end of statement while looking for matching double-quote")
            if character == "$":
                parts.append(self._variable())
            elif character == self._escape and self._peek() and self._peek() in f'"${self._escape}':
                parts.append((character if keeps_escapes else "") + self._next())
            else:
                parts.append(character)
        return "".join(parts)

    def _name(self) -> str:
        match = _NAME.match(self._word, self._position)
        if match is None:
            return ""
        self._position = match.end()
        return match[0]

    def _variable(self) -> str:
        if self._peek() != "{":
            name = self._name()
            return self._value(name) if name else "$"
        self._next()
        name = self._name()
        operator = self._next()
        if not name or not operator:
            raise ExpansionError("syntax error: bad substitution")
        if operator == "}":
            return self._value(name)
        if operator == "/":
            return self._replaced(name)
        treats_empty_as_unset = operator == ":"
        if treats_empty_as_unset:
            operator = self._next()
        return self._modified(name, operator, treats_empty_as_unset)

    def _known(self, name: str) -> str | None:
        value = self._values.get(name)
        return None if value is not None and len(value) > LONGEST_VALUE else value

    def _value(self, name: str) -> str:
        value = self._known(name)
        if value is None and (name[0].isalpha() or name[0] == "_"):
            self.unresolved.append(name)
        return value or ""

    def _modified(self, name: str, operator: str, treats_empty_as_unset: bool) -> str:
        before = len(self.unresolved)
        word = self.until("}", keeps_escapes=operator in ("#", "%"))
        value = self._known(name)
        is_set = bool(value) if treats_empty_as_unset else value is not None
        is_used = is_set if operator == "+" else not is_set
        if operator in ("-", "+", "?") and not is_used:
            del self.unresolved[before:]
        match operator:
            case "-":
                return value or "" if is_set else word
            case "+":
                return word if is_set else ""
            case "?":
                return self._value(name) if is_set or value is None else self._empty(name)
            case "#" | "%":
                return _trimmed(operator, word, self._value(name))
        raise ExpansionError(f"unsupported modifier ({operator}) in substitution")

    def _empty(self, name: str) -> str:
        raise ExpansionError(f"{name}: is not allowed to be empty")

    def _replaced(self, name: str) -> str:
        replaces_all = self._peek() == "/"
        if replaces_all:
            self._next()
        atoms = _atoms(self.until("/", keeps_escapes=True), is_greedy=True)
        replacement = self.until("}", keeps_escapes=True)
        value = _matched(self._value(name))
        return re.sub("".join(atoms), lambda match: replacement, value, count=0 if replaces_all else 1)


def _trimmed(operator: str, word: str, value: str) -> str:
    """`value` without what matches at its beginning (`#`) or its end (`%`); the doubled operator takes the longest."""
    is_greedy = word.startswith(operator)
    atoms = _atoms(word[is_greedy:], is_greedy)
    if operator == "#":
        match = re.match("".join(atoms), _matched(value))
        return value[match.end() :] if match else value
    match = re.match("".join(reversed(atoms)), _matched(value)[::-1])
    return value[: len(value) - match.end()] if match else value


def _atoms(pattern: str, is_greedy: bool) -> list[str]:
    """A pattern as parts of a regular expression: `*` and `?` are wild, brackets are not."""
    stars = re.sub(r"\*+", "*", pattern)
    if stars.count("*") > _MOST_STARS or len(stars) > _LONGEST_MATCHED:
        raise ExpansionError("too intricate")
    atoms: list[str] = []
    for match in re.finditer(r"\\(.?)|.", stars, re.DOTALL):
        character, escaped = match[0], match[1]
        if escaped is not None:
            if escaped not in tuple("}/*?\\"):
                raise ExpansionError(f"invalid escape '\\{escaped}'")
            atoms.append(re.escape(escaped))
        elif character == "*":
            atoms.append(".*" if is_greedy else ".*?")
        else:
            atoms.append("." if character == "?" else re.escape(character))
    return atoms


def _matched(value: str) -> str:
    if len(value) > _LONGEST_MATCHED:
        raise ExpansionError("too long")
    return value
