"""Cuts a template's text into tokens, as text/template does: the same tokens, positions, lines and refusals."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..quoting import quote
from ..text import is_print
from .tokens import KEYWORDS, Kind, Token

__all__ = ["tokens"]

LEFT, RIGHT = "{{", "}}"
SPACE = " \t\r\n"
DIGITS = tuple("0123456789")
TERMINATORS = SPACE + ".,|:)("
NUMBER = re.compile(
    r"[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?"
    r"|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?"
    r"|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?"
)
QUOTED = {
    '"': (Kind.STRING, re.compile(r'[^"\\\n]*(?:\\[^\n][^"\\\n]*)*"'), "unterminated quoted string"),
    "'": (Kind.CHARACTER_CONSTANT, re.compile(r"(?:[^'\\\n]|\\[^\n])*'"), "unterminated character constant"),
    "`": (Kind.RAW_STRING, re.compile(r"[^`]*`"), "unterminated raw quoted string"),
}
SIMPLE = {"=": Kind.ASSIGN, "|": Kind.PIPE}


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a text, EOF the last; an error ends them too, with its text as value."""
    return _Lexer(text).run()


class _LexicalError(Exception):
    pass


class _Lexer:
    def __init__(self, text: str) -> None:
        self._text = text
        self._start = 0
        self._position = 0
        self._line = 1
        self._depth = 0

    def run(self) -> Iterator[Token]:
        try:
            while True:
                yield from self._plain_text()
                if self._position == len(self._text):
                    yield Token(Kind.EOF, self._position, "", self._line)
                    return
                if self._comment():
                    continue
                yield self._left_delimiter()
                yield from self._action()
        except _LexicalError as error:
            yield Token(Kind.ERROR, self._start, str(error), self._line)

    def _plain_text(self) -> Iterator[Token]:
        """The text up to the next action, without the blanks that a trim marker takes."""
        end = self._text.find(LEFT, self._position)
        end = len(self._text) if end < 0 else end
        shown = end
        if self._is_left_marker(end + len(LEFT)):
            shown = self._start + len(self._text[self._start : end].rstrip(SPACE))
        self._position = shown
        if shown > self._start:
            yield self._token(Kind.TEXT)
        self._position = end
        self._skip()

    def _is_left_marker(self, position: int) -> bool:
        return self._text[position : position + 1] == "-" and self._text[position + 1 : position + 2] in tuple(SPACE)

    def _right_delimiter_length(self) -> int:
        """The length of the right delimiter that stands here with its trim marker, or 0."""
        if self._text.startswith(RIGHT, self._position):
            return len(RIGHT)
        blank, marked = (
            self._text[self._position : self._position + 1],
            self._text[self._position + 1 : self._position + 4],
        )
        return len(RIGHT) + 2 if blank in tuple(SPACE) and marked == "-" + RIGHT else 0

    def _comment(self) -> bool:
        """Step over a comment; false if none stands here."""
        inner = self._position + len(LEFT)
        inner += 2 if self._is_left_marker(inner) else 0
        if not self._text.startswith("/*", inner):
            return False
        self._position = inner
        self._skip()
        end = self._text.find("*/", inner + 2)
        if end < 0:
            raise _LexicalError("unclosed comment")
        self._position = end + 2
        length = self._right_delimiter_length()
        if not length:
            raise _LexicalError("comment ends before closing delimiter")
        self._position += length
        if length > len(RIGHT):
            self._skip_blanks()
        self._skip()
        return True

    def _left_delimiter(self) -> Token:
        is_marked = self._is_left_marker(self._position + len(LEFT))
        self._position += len(LEFT)
        token = self._token(Kind.LEFT_DELIMITER)
        self._position += 2 if is_marked else 0
        self._skip()
        self._depth = 0
        return token

    def _right_delimiter(self, length: int) -> Token:
        if length > len(RIGHT):
            self._position += 2
            self._skip()
        self._position += len(RIGHT)
        token = self._token(Kind.RIGHT_DELIMITER)
        if length > len(RIGHT):
            self._skip_blanks()
            self._skip()
        return token

    def _action(self) -> Iterator[Token]:
        while True:
            length = self._right_delimiter_length()
            if length:
                if self._depth:
                    raise _LexicalError("unclosed left paren")
                yield self._right_delimiter(length)
                return
            yield self._inside()

    def _inside(self) -> Token:
        character = self._next()
        if not character:
            raise _LexicalError("unclosed action")
        if character in SPACE:
            return self._space()
        if character in SIMPLE:
            return self._token(SIMPLE[character])
        if character == ":":
            if self._next() != "=":
                raise _LexicalError("expected :=")
            return self._token(Kind.DECLARE)
        if character in QUOTED:
            return self._quoted(*QUOTED[character])
        if character == "$" or (character == "." and self._peek() and self._peek() not in DIGITS):
            return self._field_or_variable(Kind.VARIABLE if character == "$" else Kind.FIELD)
        return self._word_or_mark(character)

    def _word_or_mark(self, character: str) -> Token:
        if character in "+-.0123456789":
            self._position -= 1
            return self._number()
        if _is_alphanumeric(character):
            return self._identifier()
        if character in "()":
            return self._parenthesis(character)
        if character.isascii() and is_print(character):
            return self._token(Kind.CHARACTER)
        raise _LexicalError(f"unrecognized character in action: {_named(character)}")

    def _space(self) -> Token:
        while self._peek() in tuple(SPACE):
            self._position += 1
        last = self._position - 1
        if self._position - self._start > 1 and self._text.startswith("-" + RIGHT, self._position):
            self._position = last
        return self._token(Kind.SPACE)

    def _quoted(self, kind: Kind, pattern: re.Pattern[str], problem: str) -> Token:
        match = pattern.match(self._text, self._position)
        if match is None:
            raise _LexicalError(problem)
        self._position = match.end()
        return self._token(kind)

    def _field_or_variable(self, kind: Kind) -> Token:
        if self._is_at_terminator():
            return self._token(Kind.VARIABLE if kind is Kind.VARIABLE else Kind.DOT)
        self._take_alphanumeric()
        return self._token(kind)

    def _identifier(self) -> Token:
        self._take_alphanumeric()
        word = self._text[self._start : self._position]
        if word in KEYWORDS:
            return self._token(KEYWORDS[word])
        return self._token(Kind.BOOL if word in ("true", "false") else Kind.IDENTIFIER)

    def _take_alphanumeric(self) -> None:
        while (character := self._peek()) and _is_alphanumeric(character):
            self._position += 1
        if not self._is_at_terminator():
            raise _LexicalError(f"bad character {_named(self._peek())}")

    def _number(self) -> Token:
        self._scan_number()
        if self._peek() not in ("+", "-"):
            return self._token(Kind.NUMBER)
        self._scan_number()
        if self._text[self._position - 1] != "i":
            raise _LexicalError(f"bad number syntax: {quote(self._text[self._start : self._position])}")
        return self._token(Kind.COMPLEX)

    def _scan_number(self) -> None:
        if match := NUMBER.match(self._text, self._position):
            self._position = match.end()
        if (character := self._peek()) and _is_alphanumeric(character):
            self._position += 1
            raise _LexicalError(f"bad number syntax: {quote(self._text[self._start : self._position])}")

    def _parenthesis(self, character: str) -> Token:
        if character == "(":
            self._depth += 1
            return self._token(Kind.LEFT_PARENTHESIS)
        self._depth -= 1
        if self._depth < 0:
            raise _LexicalError("unexpected right paren")
        return self._token(Kind.RIGHT_PARENTHESIS)

    def _is_at_terminator(self) -> bool:
        is_at_end = self._text.startswith(RIGHT, self._position)
        return is_at_end or not self._peek() or self._peek() in TERMINATORS

    def _peek(self) -> str:
        return self._text[self._position : self._position + 1]

    def _next(self) -> str:
        character = self._peek()
        self._position += len(character)
        return character

    def _skip_blanks(self) -> None:
        while self._peek() in tuple(SPACE):
            self._position += 1

    def _token(self, kind: Kind) -> Token:
        token = Token(kind, self._start, self._text[self._start : self._position], self._line)
        self._skip()
        return token

    def _skip(self) -> None:
        """Go on behind what has been read."""
        self._line += self._text.count("\n", self._start, self._position)
        self._start = self._position


def _is_alphanumeric(character: str) -> bool:
    return character == "_" or character.isalpha() or character.isdecimal()


def _named(character: str) -> str:
    """`%#U`."""
    shown = f" '{character}'" if is_print(character) else ""
    return f"U+{ord(character):04X}{shown}"
