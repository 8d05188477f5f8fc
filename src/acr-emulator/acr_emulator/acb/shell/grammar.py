"""The shell's grammar: tokens put together to commands.

A list of commands is read up to the end of its line and can be carried out before the next is read, as a shell does:
an error in a later line does not undo the lines before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .builtin_names import SPECIAL_BUILTINS
from .errors import ShellSyntaxError
from .tokens import END, KEYWORDS, NEWLINE, REDIRECT, WORD, Lexer, Token
from .tree import (
    AndOr,
    Case,
    Command,
    For,
    Function,
    If,
    Item,
    Literal,
    Loop,
    Pipeline,
    Redirect,
    Redirected,
    Sequence,
    Simple,
    Subshell,
    Word,
)
from .words import WordReader

__all__ = ["parse_lines"]

ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
ENDS = frozenset({END, ")", ";;", "do", "done", "elif", "else", "esac", "fi", "then", "}"})
"""Tokens that end a list of commands."""


def parse_lines(text: str, line: int = 1, depth: int = 0) -> Iterator[Sequence]:
    """The commands of a text, line by line. Raises ShellSyntaxError when it comes to a line that is wrong."""
    parser = _Parser(Lexer(text, line, depth, _SubstitutionBodies()))
    while (commands := parser.line()) is not None:
        yield commands


class _SubstitutionBodies:
    def of_rest(self, reader: WordReader) -> Sequence:
        if not isinstance(reader, Lexer):
            raise TypeError("words are read by lexers")
        parser = _Parser(reader)
        body = parser.body(may_be_empty=True)
        parser.expect(")")
        return body

    def of_text(self, text: str, line: int, depth: int) -> Sequence:
        return Sequence(tuple(item for commands in parse_lines(text, line, depth) for item in commands.items))


class _Parser:
    def __init__(self, lexer: Lexer) -> None:
        self._lexer = lexer
        self._token = Token(NEWLINE)
        self._is_pushed = False

    def line(self) -> Sequence | None:
        """The commands up to the end of a line, or None at the end of the text."""
        items: list[Item] = []
        while True:
            kind = self._read(keywords=True)
            if kind == NEWLINE:
                return Sequence(tuple(items))
            if kind == END:
                self._push()
                return Sequence(tuple(items)) if items else None
            self._push()
            items.append(self._item())
            if self._token.kind not in (";", "&", NEWLINE, END):
                raise self._unexpected()
            if self._token.kind in (NEWLINE, END):
                self._push()

    def body(self, may_be_empty: bool = False) -> Sequence:
        """The commands up to a token that ends a list."""
        items: list[Item] = []
        while True:
            kind = self._read(keywords=True, newlines=True)
            self._push()
            if kind == END or ((items or may_be_empty) and kind in ENDS):
                return Sequence(tuple(items))
            items.append(self._item())
            if self._token.kind not in (";", "&", NEWLINE):
                self._push()
                return Sequence(tuple(items))

    def expect(self, kind: str) -> None:
        """Take a token of a kind. Raises ShellSyntaxError if it is another."""
        if self._read() != kind:
            raise self._unexpected(kind)

    def _read(self, keywords: bool = False, newlines: bool = False) -> str:
        """Take the next token, as a keyword if it is one and may be one, newlines before it dropped if they may be."""
        if not self._is_pushed:
            self._token = self._lexer.token()
        self._is_pushed = False
        while newlines and self._token.kind == NEWLINE:
            self._token = self._lexer.token()
        if keywords and self._token.kind == WORD and self._token.text in KEYWORDS:
            self._token = Token(self._token.text)
        return self._token.kind

    def _push(self) -> None:
        self._is_pushed = True

    def _unexpected(self, expected: str | None = None) -> ShellSyntaxError:
        reason = f"{_named(self._token.kind)} unexpected"
        return self._lexer.error(f"{reason} (expecting {_named(expected)})" if expected else reason)

    def _item(self) -> Item:
        """A command, and the token after it taken."""
        command = self._and_or()
        return Item(command, self._read() == "&")

    def _and_or(self) -> Command:
        first = self._pipeline()
        rest: list[tuple[str, Command]] = []
        while (operator := self._read()) in ("&&", "||"):
            self._read(keywords=True, newlines=True)
            self._push()
            rest.append((operator, self._pipeline()))
        self._push()
        return AndOr(first, tuple(rest)) if rest else first

    def _pipeline(self) -> Command:
        is_negated = self._read(keywords=True) == "!"
        if is_negated:
            self._read(keywords=True)
        self._push()
        commands = [self._command()]
        while self._read() == "|":
            self._read(keywords=True, newlines=True)
            self._push()
            commands.append(self._command())
        self._push()
        return Pipeline(tuple(commands), is_negated) if is_negated or len(commands) > 1 else commands[0]

    def _command(self) -> Command:
        with self._lexer.deeper():
            return self._any_command()

    def _any_command(self) -> Command:
        match self._read():
            case "if":
                command: Command = self._if()
            case "while" | "until" as kind:
                command = self._loop(kind)
            case "for":
                command = self._for()
            case "case":
                command = self._case()
            case "(":
                command = Subshell(self._body_until(")"))
            case "{":
                command = self._body_until("}")
            case "word" | "redirection":
                self._push()
                return self._simple()
            case _:
                raise self._unexpected()
        redirects: list[Redirect] = []
        while self._read(keywords=True) == REDIRECT:
            redirects.append(self._redirect())
        self._push()
        return Redirected(command, tuple(redirects)) if redirects else command

    def _body_until(self, end: str) -> Sequence:
        body = self.body()
        self.expect(end)
        return body

    def _if(self) -> If:
        condition = self._body_until("then")
        then = self.body()
        match self._read():
            case "elif":
                with self._lexer.deeper():
                    return If(condition, then, self._if())
            case "else":
                otherwise: Sequence | None = self._body_until("fi")
            case _:
                otherwise = None
                self._push()
                self.expect("fi")
        return If(condition, then, otherwise)

    def _loop(self, kind: str) -> Loop:
        return Loop(self._body_until("do"), self._body_until("done"), kind == "until")

    def _for(self) -> For:
        line = self._lexer.line
        name = self._token.text if self._read() == WORD else ""
        if NAME.fullmatch(name) is None:
            raise self._lexer.error("Bad for loop variable")
        words: list[Word] | None = None
        if self._read(keywords=True, newlines=True) == "in":
            words = []
            while self._read() == WORD:
                words.append(self._token.word)
            if self._token.kind not in (NEWLINE, ";"):
                raise self._unexpected()
        elif self._token.kind != ";":
            self._push()
        if self._read(keywords=True, newlines=True) != "do":
            raise self._unexpected("do")
        return For(name, None if words is None else tuple(words), self._body_until("done"), line)

    def _case(self) -> Case:
        line = self._lexer.line
        self.expect(WORD)
        word = self._token.word
        if self._read(keywords=True, newlines=True) != "in":
            raise self._unexpected("in")
        arms: list[tuple[tuple[Word, ...], Sequence]] = []
        while self._read(keywords=True, newlines=True) != "esac":
            arms.append(self._arm())
            if self._read(keywords=True, newlines=True) == "esac":
                break
            if self._token.kind != ";;":
                raise self._unexpected(";;")
        return Case(word, tuple(arms), line)

    def _arm(self) -> tuple[tuple[Word, ...], Sequence]:
        if self._token.kind == "(":
            self._read()
        patterns = [self._token.word or (Literal(self._token.kind),)]
        while self._read() == "|":
            self._read()
            patterns.append(self._token.word)
        if self._token.kind != ")":
            raise self._unexpected(")")
        return tuple(patterns), self.body(may_be_empty=True)

    def _simple(self) -> Command:
        assignments: list[tuple[str, Word]] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        line = self._lexer.line
        while True:
            match self._read():
                case "word":
                    assignment = None if words else _assignment(self._token.word)
                    if assignment is None:
                        words.append(self._token.word)
                    else:
                        assignments.append(assignment)
                case "redirection":
                    redirects.append(self._redirect())
                case "(" if len(words) == 1 and not assignments and not redirects:
                    return self._function(words[0])
                case _:
                    self._push()
                    return Simple(tuple(assignments), tuple(words), tuple(redirects), line)

    def _function(self, word: Word) -> Function:
        self.expect(")")
        name = Token(WORD, word).text
        if NAME.fullmatch(name) is None or name in SPECIAL_BUILTINS:
            raise self._lexer.error("Bad function name")
        self._read(keywords=True, newlines=True)
        self._push()
        return Function(name, self._command())

    def _redirect(self) -> Redirect:
        redirect = self._token.redirect
        if redirect is None:
            self._read()
            raise self._unexpected()
        return redirect


def _named(kind: str) -> str:
    return kind if kind in (END, NEWLINE, REDIRECT, WORD) else f'"{kind}"'


def _assignment(word: Word) -> tuple[str, Word] | None:
    if not word or not isinstance(word[0], Literal) or word[0].is_quoted:
        return None
    match = ASSIGNMENT.match(word[0].text)
    if match is None:
        return None
    rest = word[0].text[match.end() :]
    return match[1], ((Literal(rest),) if rest else ()) + word[1:]
