"""Words and flags of an instruction. Source: frontend/dockerfile/parser of BuildKit (split_command, line_parsers)."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["BLANKS", "BOM", "SPACES", "split_flags", "split_keyword", "split_words"]

SPACES = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
"""What counts as a blank around lines and words: Go's, which are not quite Python's."""

BOM = "\ufeff"
"""What some editors write before a text in UTF-8."""

BLANKS = re.compile(r"[\t\v\f\r ]+")
"""What docker splits a line at."""

_SPACE = f"[{SPACES}]"
_FLAG = re.compile(
    rf"{_SPACE}*(--(?:[^{SPACES}\"'\\]|\\.|\\$|\"(?:[^\"\\]|\\.)*(?:\"|\\?$)|'(?:[^'\\]|\\.)*(?:'|\\?$))*)", re.DOTALL
)
_QUOTED = re.compile(r"\\(.?)|\"((?:[^\"\\]|\\.)*)(?:\"|\\?$)|'((?:[^'\\]|\\.)*)(?:'|\\?$)", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def split_keyword(line: str) -> tuple[str, str]:
    """The keyword of an instruction, in capitals, and the rest of it.

    >>> split_keyword("  copy  . /app ")
    ('COPY', '. /app')
    """
    words = BLANKS.split(line.strip(SPACES), maxsplit=1)
    return words[0].upper(), words[1].strip(SPACES) if len(words) == 2 else ""


def split_flags(rest: str) -> tuple[tuple[tuple[str, str | None], ...], str]:
    """The flags before an instruction's arguments, without quotes: names and values (None without `=`); and the rest.

    >>> split_flags('--platform="linux/amd64" --link debian AS base')
    ((('platform', 'linux/amd64'), ('link', None)), 'debian AS base')
    """
    flags: list[tuple[str, str | None]] = []
    position = 0
    while (match := _FLAG.match(rest, position)) is not None:
        position = match.end()
        word = _QUOTED.sub(_unquoted, match[1])
        if word == "--":
            break
        name, equals, value = word[2:].partition("=")
        flags.append((name, value if equals else None))
    return tuple(flags), rest[position:].strip(SPACES)


def _unquoted(match: re.Match[str]) -> str:
    if match[1] is not None:
        return match[1]
    return _ESCAPED.sub(r"\1", match[2] if match[2] is not None else match[3])


def split_words(text: str, escape: str) -> list[str]:
    """The words between blanks that are neither quoted nor escaped; quotes and escapes stay."""
    return _word_pattern(escape).findall(text)


@lru_cache(maxsize=2)
def _word_pattern(escape: str) -> re.Pattern[str]:
    mark = re.escape(escape)
    return re.compile(rf"(?:[^{SPACES}\"'{mark}]|{mark}.?|\"(?:{mark}.|[^\"{mark}])*\"?|'[^']*'?)+", re.DOTALL)
