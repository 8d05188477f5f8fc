"""Which words of an instruction begin a here-document. Source: frontend/dockerfile/parser of BuildKit.

Blanks may stand between `<<` and the name since BuildKit 0.22 (moby/buildkit#5817).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from .expansion import ExpansionError, lex_words
from .words import split_flags, split_keyword

__all__ = ["FoundHeredoc", "find_heredocs", "is_json"]

_TAKES_HEREDOCS = ("ADD", "COPY", "RUN")
_WORD = re.compile(r"[0-9]*<<(-?)([^<]*)")
_LONE_SIGN = re.compile(r"[0-9]*<<")


@dataclass(frozen=True)
class FoundHeredoc:
    """The word that ends it, and whether tabs before that are left out (`<<-`).

    With `has_blanks` between `<<` and the name BuildKit before 0.22 takes it for none.
    """

    name: str
    strips_tabs: bool
    has_blanks: bool = False


def find_heredocs(keyword: str, rest: str) -> tuple[FoundHeredoc, ...]:
    """The here-documents that an instruction begins, in their order. `rest` is what follows its keyword.

    As BuildKit has it: none in the JSON form, none in a line whose quotes or variables its lexer cannot read.
    """
    if "<<" not in rest:
        return ()
    command, text = keyword, rest
    if keyword == "ONBUILD":
        command, text = split_keyword(rest)
    if command not in _TAKES_HEREDOCS or is_json(split_flags(text)[1]):
        return ()
    try:
        return tuple(_heredocs_of(lex_words(rest)))
    except ExpansionError:
        return ()


def _heredocs_of(words: Iterator[str]) -> Iterator[FoundHeredoc]:
    for word in words:
        has_blanks = _LONE_SIGN.fullmatch(word) is not None
        match = _WORD.fullmatch(f"{word}{next(words, '')}" if has_blanks else word)
        if match is not None:
            names = list(lex_words(match[2], is_raw=False))
            if len(names) == 1:
                yield FoundHeredoc(names[0], bool(match[1]), has_blanks)


def is_json(text: str) -> bool:
    """Is it the JSON form? What follows the array is ignored, as docker does."""
    if not text.startswith("["):
        return False
    try:
        words, _ = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return False
    return all(isinstance(word, str) for word in words)
