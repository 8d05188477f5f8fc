"""Words of a line, character by character: quotes, escapes and expansions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from .errors import ShellLimitError, ShellSyntaxError
from .tree import Arithmetic, Literal, Parameter, Part, Sequence, Substitution, Word

__all__ = ["BREAKS", "Bodies", "WordReader"]

BREAKS = " \t\n;&|()<>"
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
DIGITS = re.compile(r"[0-9]+")
SPECIAL = "@*#?-$!"
DEEPEST = 50


class Bodies(Protocol):
    """Parses what command substitutions hold."""

    def of_rest(self, reader: WordReader) -> Sequence:
        """What stands between the reader's position and a closing parenthesis; the reader is then behind that."""

    def of_text(self, text: str, line: int, depth: int) -> Sequence:
        """What stood between backquotes."""


class WordReader:
    """Reads words from a text, of which the first line has the number `line`."""

    def __init__(self, text: str, line: int, depth: int, bodies: Bodies) -> None:
        self.text = text
        self.line = line
        self.depth = depth
        self.position = 0
        self._bodies = bodies
        self._check_depth()

    def peek(self, offset: int = 0) -> str:
        """The character ahead, empty at the end. A backslash and a newline together are not there."""
        while offset == 0 and self.text.startswith("\\\n", self.position):
            self.position += 2
            self.line += 1
        return self.text[self.position + offset : self.position + offset + 1]

    def next(self) -> str:
        """Take the character ahead."""
        character = self.text[self.position : self.position + 1]
        self.position += 1
        self.line += character == "\n"
        return character

    def error(self, text: str) -> ShellSyntaxError:
        """A syntax error at the reader's line."""
        return ShellSyntaxError(text, self.line)

    def read_word(self) -> tuple[Word, bool]:
        """A word, and whether any of it is quoted."""
        parts = _Parts()
        while (character := self.peek()) and character not in BREAKS:
            self._base_piece(parts)
        return parts.word(), parts.has_quotes

    def read_quoted_text(self, text: str, line: int) -> Word:
        """The word that a here-document's text is: expansions, but no quotes."""
        reader = type(self)(text, line, self.depth + 1, self._bodies)
        parts = _Parts()
        while reader.peek():
            reader._quoted_piece(parts, "$`\\")
        return parts.word()

    def _base_piece(self, parts: _Parts) -> None:
        match self.next():
            case "\\":
                parts.quote(self.next() or "\\")
            case "'":
                parts.quote(self._single_quoted())
            case '"':
                self._double_quoted(parts)
            case "$":
                parts.add(self._dollar(is_quoted=False))
            case "`":
                parts.add(self._backquoted(is_quoted=False))
            case character:
                parts.literal(character)

    def _quoted_piece(self, parts: _Parts, escapable: str) -> None:
        match self.next():
            case "\\":
                follows = self.text[self.position : self.position + 1]
                parts.quote(self.next() if follows and follows in escapable else "\\")
            case "$":
                parts.add(self._dollar(is_quoted=True))
            case "`":
                parts.add(self._backquoted(is_quoted=True))
            case character:
                parts.quote(character)

    def _single_quoted(self) -> str:
        end = self.text.find("'", self.position)
        if end < 0:
            self.line += self.text.count("\n", self.position)
            raise self.error("Unterminated quoted string")
        text = self.text[self.position : end]
        self.line += text.count("\n")
        self.position = end + 1
        return text

    def _double_quoted(self, parts: _Parts) -> None:
        if self.peek() == '"':
            parts.quote("")
        while (character := self.peek()) != '"':
            if not character:
                raise self.error("Unterminated quoted string")
            self._quoted_piece(parts, '$`"\\')
        parts.has_quotes = True
        self.next()

    def _dollar(self, is_quoted: bool) -> Part:
        character = self.peek()
        if character == "(":
            self.next()
            if self.peek() == "(":
                self.next()
                return Arithmetic(self._arithmetic(), is_quoted)
            return Substitution(self._bodies.of_rest(self), is_quoted)
        if character == "{":
            self.next()
            return self._braced(is_quoted)
        if match := NAME.match(self.text, self.position):
            self.position = match.end()
            return Parameter(match[0], is_quoted=is_quoted)
        if character and (character in SPECIAL or (character.isdecimal() and character.isascii())):
            return Parameter(self.next(), is_quoted=is_quoted)
        return Literal("$", is_quoted)

    def _backquoted(self, is_quoted: bool) -> Part:
        escapable = '$`\\"' if is_quoted else "$`\\"
        line = self.line
        body: list[str] = []
        while (character := self.next()) != "`":
            if not character:
                raise self.error("EOF in backquote substitution")
            if character == "\\" and self.text[self.position : self.position + 1] in tuple(escapable):
                character = self.next()
            body.append(character)
        return Substitution(self._bodies.of_text("".join(body), line, self.depth + 1), is_quoted)

    def _arithmetic(self) -> Word:
        parts = _Parts()
        level = 0
        while True:
            character = self.peek()
            if not character:
                raise self.error("Missing '))'")
            if character == ")" and level == 0 and self.peek(1) == ")":
                self.position += 2
                return parts.word()
            level += (character == "(") - (character == ")" and level > 0)
            self._quoted_piece(parts, '$`"\\')

    def _braced(self, is_quoted: bool) -> Part:
        name, operator = self._braced_name()
        treats_empty_as_unset = False
        if operator == "" and self.peek() != "}":
            if self.peek() == ":":
                self.next()
                treats_empty_as_unset = True
            operator = self._operator(treats_empty_as_unset)
        if operator == "bad" and self.peek() != "}":
            self.next()
        is_pattern = operator[:1] in ("%", "#")
        word = self._braced_word(is_quoted and not is_pattern)
        if operator == "length" and word:
            operator = "bad"
        return Parameter(name, operator, word, treats_empty_as_unset, is_quoted)

    def _braced_name(self) -> tuple[str, str]:
        measured = self._name_at(self.position + 1) if self.peek() == "#" else ""
        is_length = bool(measured) and (measured not in SPECIAL or self.peek(1 + len(measured)) == "}")
        if is_length:
            self.next()
        self.peek()
        name = self._name_at(self.position)
        self.position += len(name)
        if not name:
            return "", "bad"
        return name, "length" if is_length else ""

    def _name_at(self, position: int) -> str:
        for pattern in (NAME, DIGITS):
            if match := pattern.match(self.text, position):
                return match[0]
        character = self.text[position : position + 1]
        return character if character and character in SPECIAL else ""

    def _operator(self, has_colon: bool) -> str:
        character = self.peek()
        if character and character in "-+=?":
            return self.next()
        if not has_colon and character and character in "%#":
            self.next()
            return character + (self.next() if self.peek() == character else "")
        return "bad"

    def _braced_word(self, is_quoted: bool) -> Word:
        parts = _Parts()
        with self.deeper():
            while (character := self.peek()) != "}":
                if not character:
                    raise self.error("Unterminated quoted string" if is_quoted else "Missing '}'")
                if not is_quoted:
                    self._base_piece(parts)
                elif character == '"':
                    self.next()
                    self._double_quoted(parts)
                else:
                    self._quoted_piece(parts, '$`"\\}')
            self.next()
        return parts.word()

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """A level further down. Raises ShellLimitError where that is too deep."""
        self.depth += 1
        self._check_depth()
        yield
        self.depth -= 1

    def _check_depth(self) -> None:
        if self.depth > DEEPEST:
            raise ShellLimitError(f"a line for the shell nests more than {DEEPEST} levels deep")


class _Parts:
    """Collects a word, neighbouring texts of a kind joined."""

    def __init__(self) -> None:
        self.has_quotes = False
        self._parts: list[Part] = []
        self._text: list[str] = []
        self._is_quoted = False

    def literal(self, text: str) -> None:
        self._append(text, is_quoted=False)

    def quote(self, text: str) -> None:
        self.has_quotes = True
        self._append(text, is_quoted=True)

    def add(self, part: Part) -> None:
        if isinstance(part, Literal):
            self._append(part.text, part.is_quoted)
        else:
            self._flush()
            self._parts.append(part)

    def word(self) -> Word:
        self._flush()
        return tuple(self._parts)

    def _append(self, text: str, is_quoted: bool) -> None:
        if self._text and self._is_quoted != is_quoted:
            self._flush()
        self._is_quoted = is_quoted
        self._text.append(text)

    def _flush(self) -> None:
        if self._text:
            self._parts.append(Literal("".join(self._text), self._is_quoted))
            self._text = []
