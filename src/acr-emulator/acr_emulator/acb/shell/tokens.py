"""Tokens of a line: operators, words, redirections, and the texts of here-documents."""

from __future__ import annotations

from dataclasses import dataclass

from .tree import HereDocument, Literal, Redirect, Word
from .words import BREAKS, WordReader

__all__ = ["END", "KEYWORDS", "NEWLINE", "REDIRECT", "WORD", "Lexer", "Token"]

WORD = "word"
REDIRECT = "redirection"
NEWLINE = "newline"
END = "end of file"
"""Kinds of tokens, as the shell names them in errors. Operators and keywords are kinds of their own."""

OPERATORS = ("&&", "||", ";;", "&", "|", ";", "(", ")")
REDIRECTIONS = ("<<-", "<<", "<&", "<>", "<", ">>", ">&", ">|", ">")
KEYWORDS = frozenset(
    {"!", "case", "do", "done", "elif", "else", "esac", "fi", "for", "if", "in", "then", "until", "while", "{", "}"}
)


@dataclass(frozen=True)
class Token:
    """`kind` is one of the above, an operator or a keyword; the rest is set for words and redirections."""

    kind: str
    word: Word = ()
    is_quoted: bool = False
    redirect: Redirect | None = None

    @property
    def text(self) -> str:
        """The text of a word without quotes and expansions, else empty."""
        match self.word:
            case (Literal(text=text),) if not self.is_quoted:
                return text
        return ""


class Lexer(WordReader):
    """Cuts a text into tokens."""

    _pending: list[HereDocument] | None = None

    def token(self) -> Token:
        """The next token; after a newline the here-documents of its line have been read."""
        while True:
            character = self.peek()
            if character and character in " \t":
                self.next()
            elif character == "#":
                while self.text[self.position : self.position + 1] not in ("\n", ""):
                    self.next()
            else:
                break
        if character == "":
            self._read_here_documents()
            return Token(END)
        if character == "\n":
            self.next()
            self._read_here_documents()
            return Token(NEWLINE)
        for operator in OPERATORS:
            if self.text.startswith(operator, self.position):
                self.position += len(operator)
                return Token(operator)
        return self._redirection(character) if character in "<>" else self._word()

    def _word(self) -> Token:
        word, is_quoted = self.read_word()
        text = Token(WORD, word, is_quoted).text
        if len(text) == 1 and text in "0123456789" and self.peek() and self.peek() in "<>":
            return self._redirection(self.peek(), int(text))
        return Token(WORD, word, is_quoted)

    def _redirection(self, character: str, descriptor: int | None = None) -> Token:
        operator = next(known for known in REDIRECTIONS if self.text.startswith(known, self.position))
        self.position += len(operator)
        if descriptor is None:
            descriptor = 0 if character == "<" else 1
        while self.peek() and self.peek() in " \t":
            self.next()
        if not self.peek() or self.peek() in f"{BREAKS}#":
            return Token(REDIRECT)
        word, is_quoted = self.read_word()
        if not operator.startswith("<<"):
            return Token(REDIRECT, redirect=Redirect(descriptor, operator, word))
        delimiter = "".join(part.text for part in word if isinstance(part, Literal))
        document = HereDocument(delimiter, operator == "<<-", is_quoted)
        self._pending = [*(self._pending or []), document]
        return Token(REDIRECT, redirect=Redirect(descriptor, "<<", document))

    def _read_here_documents(self) -> None:
        pending, self._pending = self._pending or [], None
        for document in pending:
            first_line = self.line
            text = self._here_text(document)
            document.body = (
                (Literal(text, is_quoted=True),) if document.is_quoted else self.read_quoted_text(text, first_line)
            )

    def _here_text(self, document: HereDocument) -> str:
        lines: list[str] = []
        while self.position < len(self.text):
            end = self.text.find("\n", self.position)
            stop = len(self.text) if end < 0 else end + 1
            line = self.text[self.position : stop]
            self.position = stop
            self.line += line.endswith("\n")
            if document.strips_tabs:
                line = line.lstrip("\t")
            if line.removesuffix("\n") == document.delimiter:
                break
            lines.append(line)
        return "".join(lines)
