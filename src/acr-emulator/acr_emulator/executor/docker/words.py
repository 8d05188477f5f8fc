"""Words of a Dockerfile: quotes, escapes and variables, as Docker's shell lexer treats them.

https://docs.docker.com/reference/dockerfile/#environment-replacement
"""

from __future__ import annotations

import json
from collections.abc import Mapping

__all__ = ["SubstitutionError", "expand", "json_words", "name_values", "split_words", "unquote"]

OPERATORS = "-+?"
LONGEST_VALUE = 128 * 2**10
"""Characters: more than Linux gives to a program as one word."""


class SubstitutionError(ValueError):
    """A `${...}` that Docker refuses; the text is Docker's."""


def expand(word: str, variables: Mapping[str, str], escape: str = "\\") -> str:
    """Replace variables and remove quotes and escapes. Raises SubstitutionError."""
    return _Lexer(word, variables, escape).run()


def unquote(word: str) -> str:
    """Remove quotes and escapes, and leave variables as they are. Raises SubstitutionError."""
    return _Lexer(word, {}, "\\", keeps_variables=True).run()


class _Lexer:
    def __init__(self, word: str, variables: Mapping[str, str], escape: str, *, keeps_variables: bool = False) -> None:
        self._word = word
        self._variables = variables
        self._escape = escape
        self._keeps_variables = keeps_variables
        self._position = 0
        self._substituted = 0

    def run(self) -> str:
        try:
            return self._until("")
        except RecursionError:
            raise SubstitutionError("the emulator does not follow substitutions that deep") from None

    def _peek(self) -> str:
        return self._word[self._position : self._position + 1]

    def _next(self) -> str:
        character = self._peek()
        self._position += 1
        return character

    def _until(self, stop: str) -> str:
        parts: list[str] = []
        while True:
            character = self._peek()
            if not character:
                if stop:
                    raise SubstitutionError("syntax error: missing '}'")
                return "".join(parts)
            if character == stop:
                self._next()
                return "".join(parts)
            parts.append(self._piece())

    def _piece(self) -> str:
        character = self._next()
        if character == "'":
            return self._single_quoted()
        if character == '"':
            return self._double_quoted()
        if character == "$":
            return self._variable()
        if character == self._escape:
            return self._next()
        return character

    def _single_quoted(self) -> str:
        end = self._word.find("'", self._position)
        if end < 0:
            raise SubstitutionError("unexpected end of statement while looking for matching single-quote")
        text = self._word[self._position : end]
        self._position = end + 1
        return text

    def _double_quoted(self) -> str:
        parts: list[str] = []
        while True:
            character = self._next()
            if not character:
                raise SubstitutionError("unexpected end of statement while looking for matching double-quote")
            if character == '"':
                return "".join(parts)
            if character == "$":
                parts.append(self._variable())
            elif character == self._escape and self._peek() and self._peek() in f'"${self._escape}':
                parts.append(self._next())
            else:
                parts.append(character)

    def _variable(self) -> str:
        start = self._position - 1
        if self._peek() == "{":
            self._next()
            value = self._braced()
        else:
            name = self._name()
            value = self._variables.get(name, "") if name else "$"
        if self._keeps_variables:
            return self._word[start : self._position]
        self._substituted += len(value)
        if self._substituted > LONGEST_VALUE:
            raise SubstitutionError(f"the emulator substitutes at most {LONGEST_VALUE} characters in a word")
        return value

    def _name(self) -> str:
        start = self._position
        while (character := self._peek()) and (character.isalnum() or character == "_") and character.isascii():
            self._next()
            if self._position == start + 1 and character.isdigit():
                break
        return self._word[start : self._position]

    def _braced(self) -> str:
        name = self._name()
        character = self._next()
        if not name:
            raise SubstitutionError("syntax error: bad substitution" if character else "syntax error: missing '}'")
        value = self._variables.get(name)
        if character == "}":
            return value or ""
        treat_empty_as_unset = character == ":"
        if treat_empty_as_unset:
            character = self._next()
        if not character:
            raise SubstitutionError("syntax error: missing '}'")
        if character not in OPERATORS:
            raise SubstitutionError(f"unsupported modifier ({character}) in substitution: {self._word}")
        other = self._until("}")
        is_set = bool(value) if treat_empty_as_unset else value is not None
        if character == "+":
            return other if is_set else ""
        if character == "?" and not is_set and not self._keeps_variables:
            raise SubstitutionError(f"{name}: {other or 'is not allowed to be unset'}")
        return (value or "") if is_set else other


def split_words(text: str, escape: str = "\\") -> list[str]:
    """Split at whitespace outside quotes; quotes and escapes stay, to be dealt with by `expand`."""
    words: list[str] = []
    word = ""
    quote = ""
    position = 0
    while position < len(text):
        character = text[position]
        if character == escape and quote != "'":
            word += text[position : position + 2]
            position += 2
            continue
        if quote:
            quote = "" if character == quote else quote
            word += character
        elif character.isspace():
            words += [word] if word else []
            word = ""
        else:
            quote = character if character in "'\"" else ""
            word += character
        position += 1
    return [*words, word] if word else words


def name_values(text: str, escape: str = "\\") -> list[tuple[str, str]]:
    """The pairs of an ENV or LABEL: `a=b c="d e"`, or the old form `a the rest`. Values are not expanded."""
    words = split_words(text, escape)
    if words and "=" not in words[0]:
        return [(words[0], text.strip()[len(words[0]) :].strip())]
    pairs = (word.partition("=") for word in words)
    return [(name, value) for name, _, value in pairs]


def json_words(text: str) -> list[str] | None:
    """The strings of a JSON array form, or None if the text is no array of strings. What follows it counts for nothing.

    https://pkg.go.dev/encoding/json#Decoder.Decode
    """
    text = text.lstrip()
    if not text.startswith("["):
        return None
    try:
        words, _ = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None
    return words if all(isinstance(word, str) for word in words) else None
