"""Reads the tokens of a template one by one, with a look ahead, and refuses what does not belong there."""

from __future__ import annotations

from collections import deque
from typing import NoReturn

from ..errors import TemplateParseError
from .lexer import tokens
from .tokens import Kind, Token

__all__ = ["TokenReader"]

DEEPEST = 100
"""How deep blocks and parentheses may nest. Go allows 10000 parentheses; Python's stack does not."""

MOST_TOKENS = 50_000


class TokenReader:
    """The tokens of a text, for a parser to build on.

    `name` is the template's; `newest` is the token read last, looked at or taken, whose line errors name;
    `action_line` is where the action that is being read began, 0 outside of actions.
    """

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.newest = Token(Kind.EOF, 0, "", 1)
        self.action_line = 0
        self._tokens = tokens(text)
        self._ahead: deque[Token] = deque()
        self._depth = 0
        self._count = 0

    def _read(self) -> Token:
        token = next(self._tokens, None)
        self._count += 1
        if self._count > MOST_TOKENS:
            self.fail(f"the emulator allows no more than {MOST_TOKENS} words in a template")
        if token is not None:
            self.newest = token
        return self.newest if token is not None else Token(Kind.EOF, 0, "", self.newest.line)

    def take(self) -> Token:
        """The next token, which is taken."""
        return self._ahead.popleft() if self._ahead else self._read()

    def back(self, *given: Token) -> None:
        """Give tokens back, the first of them to be read first."""
        self._ahead.extendleft(reversed(given))

    def peek(self) -> Token:
        """The next token, which stays."""
        if not self._ahead:
            self._ahead.append(self._read())
        return self._ahead[0]

    def next_word(self) -> Token:
        """The next token that is no blank, which is taken."""
        token = self.take()
        while token.kind is Kind.SPACE:
            token = self.take()
        return token

    def peek_word(self) -> Token:
        """The next token that is no blank, which stays; blanks before it are taken."""
        token = self.next_word()
        self.back(token)
        return token

    def expect(self, context: str, *kinds: Kind) -> Token:
        """The next token that is no blank, which must be of one of those kinds."""
        token = self.next_word()
        if token.kind not in kinds:
            self.unexpected(token, context)
        return token

    def fail(self, problem: str) -> NoReturn:
        """Refuse at the line of the newest token. Raises TemplateParseError."""
        raise TemplateParseError(f"template: {self.name}:{self.newest.line}: {problem}")

    def unexpected(self, token: Token, context: str) -> NoReturn:
        """Refuse a token that does not belong there. Raises TemplateParseError."""
        if token.kind is not Kind.ERROR:
            self.fail(f"unexpected {token} in {context}")
        started = f" started at {self.name}:{self.action_line}"
        if self.action_line in (0, token.line):
            started = ""
        elif not token.value.endswith(" action"):
            started = " in action" + started
        self.fail(f"{token}{started}")

    def deeper(self, step: int = 1) -> None:
        """Count a level of nesting. Raises TemplateParseError for too many."""
        self._depth += step
        if self._depth > DEEPEST:
            self.fail("max expression depth exceeded")
