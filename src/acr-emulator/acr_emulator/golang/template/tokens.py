"""The tokens of a template's text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from ..quoting import quote

__all__ = ["KEYWORDS", "Kind", "Token"]


class Kind(Enum):
    """What a token is."""

    ERROR = auto()
    EOF = auto()
    TEXT = auto()
    LEFT_DELIMITER = auto()
    RIGHT_DELIMITER = auto()
    LEFT_PARENTHESIS = auto()
    RIGHT_PARENTHESIS = auto()
    SPACE = auto()
    ASSIGN = auto()
    DECLARE = auto()
    PIPE = auto()
    CHARACTER = auto()
    CHARACTER_CONSTANT = auto()
    STRING = auto()
    RAW_STRING = auto()
    NUMBER = auto()
    COMPLEX = auto()
    BOOL = auto()
    FIELD = auto()
    IDENTIFIER = auto()
    VARIABLE = auto()
    BLOCK = "block"
    BREAK = "break"
    CONTINUE = "continue"
    DEFINE = "define"
    DOT = "."
    ELSE = "else"
    END = "end"
    IF = "if"
    NIL = "nil"
    RANGE = "range"
    TEMPLATE = "template"
    WITH = "with"


KEYWORDS = {kind.value: kind for kind in Kind if isinstance(kind.value, str)}


@dataclass(frozen=True)
class Token:
    """A token; `position` counts characters of the whole text, `line` is that of its beginning, from 1."""

    kind: Kind
    position: int
    value: str
    line: int

    def __str__(self) -> str:
        if self.kind is Kind.EOF:
            return "EOF"
        if self.kind is Kind.ERROR:
            return self.value
        if self.kind.value in KEYWORDS:
            return f"<{self.value}>"
        return quote(self.value[:10]) + "..." if len(self.value.encode("utf-8", "replace")) > 10 else quote(self.value)
