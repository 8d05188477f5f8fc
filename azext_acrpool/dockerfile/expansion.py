"""Variables and quotes in a word of a Dockerfile, as BuildKit expands them.

Source: https://docs.docker.com/reference/dockerfile/#environment-replacement, frontend/dockerfile/shell of BuildKit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from .words import SPACES

__all__ = ["LONGEST_VALUE", "ExpansionError", "IntricateWordError", "expand_word", "lex_words"]

LONGEST_VALUE = 4096
"""Characters. No image reference is that long; values made of each other would double their length line by line."""

_LONGEST_MATCHED = 256
_MOST_STARS = 3
"""What a pattern may be tried on, and what it may hold: more would take long, and no image needs it."""

_DEEPEST = 20
_NAME = re.compile(r"[0-9]+|[@*#?$!-]|[^\W\d]\w*")
_BLANK = re.compile(f"[{SPACES}]")
_ACTIVE = re.compile(r"['\"$\\]")
_PLAIN = re.compile(rf"[^{SPACES}'\"$\\`/}}]+")


class ExpansionError(ValueError):
    """A word whose variables or quotes docker refuses; the text says why, without a full stop."""


class IntricateWordError(ExpansionError):
    """A word that is longer or more intricate than the name of any image, which is not looked into."""

    def __init__(self) -> None:
        super().__init__("it is longer or more intricate than the name of any image")


def expand_word(word: str, values: Mapping[str, str], escape: str = "\\") -> tuple[str, tuple[str, ...]]:
    """The word without quotes and variables, and the names of those that have no value, or one too long for any use.

    Raises ExpansionError.
    """
    if len(word) > LONGEST_VALUE:
        raise IntricateWordError
    if escape not in word and not _ACTIVE.search(word):
        return word, ()
    expander = _Expander(word, values, escape)
    return expander.until("", keeps_escapes=False), tuple(expander.unresolved)


def lex_words(text: str, is_raw: bool = True) -> Iterator[str]:
    """The words of a shell's line, variables left as they are; `is_raw` leaves quotes and backslashes, too.

    Raises ExpansionError, which may come after words.
    """
    if not _ACTIVE.search(text):
        return filter(None, _BLANK.split(text))
    return _Expander(text, {}, "\\", keeps_variables=True, keeps_quotes=is_raw).words(keeps_escapes=is_raw)


class _Expander:
    def __init__(
        self,
        word: str,
        values: Mapping[str, str],
        escape: str,
        keeps_variables: bool = False,
        keeps_quotes: bool = False,
    ) -> None:
        self.unresolved: list[str] = []
        self._word = word
        self._values = values
        self._escape = escape
        self._keeps_variables = keeps_variables
        self._keeps_quotes = keeps_quotes
        self._position = 0
        self._depth = 0

    def words(self, keeps_escapes: bool) -> Iterator[str]:
        """What stands between blanks that are neither quoted nor escaped. Blanks in `${..}` are neither."""
        parts: list[str] = []
        while character := self._next():
            piece = self._piece(character, keeps_escapes)
            if character in ("'", '"', self._escape) or not _BLANK.search(piece):
                parts.append(piece)
                continue
            first, *others = _BLANK.split(piece)
            for following in others:
                yield from filter(None, ["".join([*parts, first])])
                parts, first = [], following
            parts.append(first)
        yield from filter(None, ["".join(parts)])

    def until(self, end: str, keeps_escapes: bool) -> str:
        """What stands before the character `end`, which is taken as well; an empty `end` is that of the word."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise IntricateWordError
        parts: list[str] = []
        while (character := self._next()) != end:
            if not character:
                raise ExpansionError(f"it ends before a {end}")
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
        match = _PLAIN.match(self._word, self._position)
        if match is None or character in "/}":
            return character
        self._position = match.end()
        return character + match[0]

    def _single_quoted(self) -> str:
        end = self._word.find("'", self._position)
        if end < 0:
            raise ExpansionError("a single quote is not closed")
        start, self._position = self._position, end + 1
        text = self._word[start:end]
        return f"'{text}'" if self._keeps_quotes else text

    def _double_quoted(self, keeps_escapes: bool) -> str:
        parts: list[str] = []
        while (character := self._next()) != '"':
            if not character:
                raise ExpansionError("a double quote is not closed")
            if character == "$":
                parts.append(self._variable())
            elif character == self._escape and self._peek() and self._peek() in f'"${self._escape}':
                parts.append((character if keeps_escapes else "") + self._next())
            else:
                parts.append(character)
        text = "".join(parts)
        return f'"{text}"' if self._keeps_quotes else text

    def _name(self) -> str:
        match = _NAME.match(self._word, self._position)
        if match is None:
            return ""
        self._position = match.end()
        return match[0]

    def _variable(self) -> str:
        if self._peek() != "{":
            name = self._name()
            return self._unbraced(name) if name else "$"
        self._next()
        name = self._name()
        operator = self._next()
        if not name or not operator:
            raise ExpansionError("it ends before a }" if name else "after ${ there is no name that docker takes")
        if operator == "}":
            return f"${{{name}}}" if self._keeps_variables else self._value(name)
        if operator == "/":
            return self._replaced(name)
        if operator not in ":-+?#%":
            raise ExpansionError(f"docker does not know '{operator}' after a name in ${{..}}")
        treats_empty_as_unset = operator == ":"
        if treats_empty_as_unset:
            operator = self._next()
        return self._modified(name, operator, treats_empty_as_unset)

    def _unbraced(self, name: str) -> str:
        return f"${name}" if self._keeps_variables else self._value(name)

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
        if self._keeps_variables:
            return f"${{{name}{':' if treats_empty_as_unset else ''}{operator}{word}}}"
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
        raise ExpansionError(f"docker does not know '{operator}' after a name in ${{..}}")

    def _empty(self, name: str) -> str:
        raise ExpansionError(f"{name} must not be empty")

    def _replaced(self, name: str) -> str:
        replaces_all = self._peek() == "/"
        if replaces_all:
            self._next()
        pattern = self.until("/", keeps_escapes=True)
        replacement = self.until("}", keeps_escapes=True)
        if self._keeps_variables:
            return f"${{{name}/{pattern}/{replacement}}}"
        atoms = _atoms(pattern, is_greedy=True)
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
        raise IntricateWordError
    atoms: list[str] = []
    for match in re.finditer(r"\\(.?)|.", stars, re.DOTALL):
        character, escaped = match[0], match[1]
        if escaped is not None:
            if escaped not in tuple("}/*?\\"):
                raise ExpansionError(f"a pattern in ${{..}} has \\ before '{escaped}'")
            atoms.append(re.escape(escaped))
        elif character == "*":
            atoms.append(".*" if is_greedy else ".*?")
        else:
            atoms.append("." if character == "?" else re.escape(character))
    return atoms


def _matched(value: str) -> str:
    if len(value) > _LONGEST_MATCHED:
        raise IntricateWordError
    return value
