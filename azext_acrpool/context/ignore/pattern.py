"""One ignore pattern: its syntax, and how it is compared. No I/O.

The rules are those of https://github.com/moby/patternmatcher and of Go's `path/filepath`, which it builds on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from .go_regexp import GoRegexpError, translate

__all__ = ["MatchType", "Pattern", "PatternError", "clean", "trim_space"]

# unicode.IsSpace of Go; str.strip() would also take the ASCII separators 0x1c to 0x1f.
_GO_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f"
    "\u205f\u3000"
)
_UNDECODABLE = re.compile("[\ud800-\udfff]")


class PatternError(ValueError):
    """The pattern is malformed; `str()` says why."""


class MatchType(Enum):
    """How a pattern is compared. The names are moby's."""

    EXACT = "exactMatch"
    PREFIX = "prefixMatch"
    SUFFIX = "suffixMatch"
    REGEXP = "regexpMatch"


def trim_space(text: str) -> str:
    """Go's `strings.TrimSpace`."""
    return text.strip(_GO_SPACE)


def clean(path: str) -> str:
    """Go's `filepath.Clean` for slash-separated paths.

    >>> clean("./a//b/../c/")
    'a/c'
    >>> clean("")
    '.'
    """
    rooted = path.startswith("/")
    parts: list[str] = []
    for part in path.split("/"):
        if part in ("", "."):
            continue
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part != ".." or not rooted:
            parts.append(part)
    cleaned = "/".join(parts)
    return "/" + cleaned if rooted else cleaned or "."


@dataclass(frozen=True)
class Pattern:
    """A cleaned pattern without its `!`, with undecodable bytes as lone surrogates.

    `backslash_escapes`: a backslash takes the meaning off the next character. False on Windows. Raises PatternError
    when it is malformed, as `filepath.Match` or the regular expression of the pattern sees it.
    """

    text: str
    backslash_escapes: bool = True

    def __post_init__(self) -> None:
        _check_syntax(self.text, self.backslash_escapes)
        try:
            _ = self.tokens
        except GoRegexpError as error:
            raise PatternError(str(error)) from None

    @cached_property
    def _compiled(self) -> tuple[MatchType, str]:
        return _to_go(self.text, self.backslash_escapes)

    @property
    def match_type(self) -> MatchType:
        return self._compiled[0]

    @property
    def go_regexp(self) -> str:
        """The regular expression that Docker makes of the pattern; empty for the other match types."""
        return self._compiled[1]

    @cached_property
    def tokens(self) -> list[str]:
        """The same for a `LinearMatcher`; of no use for the other match types."""
        return translate(self.go_regexp)


def _check_syntax(text: str, escapes: bool) -> None:
    """What moby's `New` refuses: patterns for which `filepath.Match(text, ".")` fails.

    Go compares chunk by chunk (a chunk ends before a star) and stops at the first that cannot match, so that what is
    wrong behind it goes unnoticed: `*a*[` fails when its regular expression is compiled, `*a*[]b]` not at all.
    """
    name = "."
    while text:
        star, chunk, text = _scan_chunk(text, escapes)
        if star and not chunk:
            return
        starts = range(len(name) + 1) if star else range(1)
        rests = (_match_chunk(chunk, name[start:], escapes) for start in starts)
        rest = next((rest for rest in rests if rest is not None and (text or not rest)), None)
        if rest is None:
            return
        name = rest


def _scan_chunk(text: str, escapes: bool) -> tuple[bool, str, str]:
    """Whether there are stars at the start, what follows up to the next star outside a class, and the rest."""
    without_stars = text.lstrip("*")
    in_class = False
    position = 0
    while position < len(without_stars):
        char = without_stars[position]
        if char == "*" and not in_class:
            break
        if char in "[]":
            in_class = char == "["
        position += 2 if char == "\\" and escapes else 1
    return without_stars != text, without_stars[:position], without_stars[position:]


def _match_chunk(chunk: str, name: str, escapes: bool) -> str | None:
    """What is left of `name` behind the chunk; None if it does not match. All of the chunk is checked."""
    position = 0
    failed = False
    while position < len(chunk):
        failed = failed or not name
        char = chunk[position]
        position += 1
        if char == "[":
            position, matched = _match_class(chunk, position, name[:1], escapes)
        elif char == "?":
            matched = name[:1] != "/"
        else:
            if char == "\\" and escapes:
                if position == len(chunk):
                    raise PatternError("nothing follows the last '\\'")
                char = chunk[position]
                position += 1
            matched = name[:1] == char
        failed = failed or not matched
        name = name[1:]
    return None if failed else name


def _match_class(chunk: str, position: int, char: str, escapes: bool) -> tuple[int, bool]:
    """Compare with the class that opened before `position`; returns the position after its `]`, too."""
    negated = chunk.startswith("^", position)
    position += negated
    ranges = 0
    matched = False
    while not ranges or chunk[position] != "]":
        low = high = _class_character(chunk, position, escapes)
        position = high[1]
        if chunk[position] == "-":
            high = _class_character(chunk, position + 1, escapes)
            position = high[1]
        matched = matched or low[0] <= char <= high[0]
        ranges += 1
    return position + 1, matched != negated


def _class_character(chunk: str, position: int, escapes: bool) -> tuple[str, int]:
    """One end of a range, and the position after it, which is still within the chunk."""
    char = chunk[position : position + 1]
    if char == "\\" and escapes:
        position += 1
        char = chunk[position : position + 1]
    elif char and char in "-]":
        raise PatternError(f"'{char}' at the wrong place in a character class '[..]' (write '\\{char}')")
    if char and _UNDECODABLE.match(char):
        raise PatternError("a character class '[..]' holds a byte that is not UTF-8")
    if position + 1 >= len(chunk):
        raise PatternError("a character class '[' has no closing ']'")
    return char, position + 1


def _to_go(text: str, escapes: bool) -> tuple[MatchType, str]:
    """moby's `Pattern.compile`: the match type and the Go regular expression of a pattern."""
    # Go's text/scanner, which moby reads the pattern with, skips a byte order mark and replaces undecodable bytes.
    text = _UNDECODABLE.sub("\ufffd", text.removeprefix("\ufeff"))
    expression = ["^"]
    match_type = MatchType.EXACT
    position = 0
    while position < len(text):
        char = text[position]
        if text.startswith("**", position):
            first = position == 0
            position += 3 if text.startswith("/", position + 2) else 2
            if position < len(text):
                expression.append("(.*/)?")
                match_type = MatchType.REGEXP
            elif match_type is MatchType.EXACT:
                match_type = MatchType.PREFIX
            else:
                expression.append(".*")
                match_type = MatchType.REGEXP
            if first:
                match_type = MatchType.SUFFIX
            continue
        position += 1
        if char in "*?[]":
            match_type = MatchType.REGEXP
            expression.append({"*": "[^/]*", "?": "[^/]"}.get(char, char))
        elif char in ".+()|{}$":
            expression.append("\\" + char)
        elif char == "\\" and escapes:
            # At the very end moby leaves the backslash alone, which then takes the meaning off the "$" that follows.
            match_type = MatchType.REGEXP if position < len(text) else match_type
            expression.append(text[position - 1 : position + 1])
            position += 1
        else:
            expression.append(char)
    return match_type, "".join(expression) + "$" if match_type is MatchType.REGEXP else ""
