"""Go's regular expressions, as far as an ignore pattern can produce them, in terms of Python's `re`.

Docker turns each ignore pattern into a Go regular expression and escapes most, but not all, of what is special there:
`\\d`, `\\Q..\\E`, `[[:alpha:]]` and `^` keep their meaning. Syntax: https://pkg.go.dev/regexp/syntax (Perl flags).
"""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import cache, lru_cache

from .linear import ANY_FOLDERS, ANY_TEXT, ASSERTIONS, STAR

__all__ = ["GoRegexpError", "translate"]

Ranges = list[tuple[int, int]]

_REPLACEMENT_CHARACTER = 0xFFFD  # what Go reads for an undecodable byte
_FIRST_SURROGATE, _LAST_SURROGATE = 0xD800, 0xDFFF  # what Python reads for one (PEP 383 uses a part of these)

_NAMED_CLASSES: dict[str, Ranges] = {
    "alnum": [(0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A)],
    "alpha": [(0x41, 0x5A), (0x61, 0x7A)],
    "ascii": [(0x00, 0x7F)],
    "blank": [(0x09, 0x09), (0x20, 0x20)],
    "cntrl": [(0x00, 0x1F), (0x7F, 0x7F)],
    "digit": [(0x30, 0x39)],
    "graph": [(0x21, 0x7E)],
    "lower": [(0x61, 0x7A)],
    "print": [(0x20, 0x7E)],
    "punct": [(0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)],
    "space": [(0x09, 0x0D), (0x20, 0x20)],
    "upper": [(0x41, 0x5A)],
    "word": [(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)],
    "xdigit": [(0x30, 0x39), (0x41, 0x46), (0x61, 0x66)],
}
_PERL_CLASSES: dict[str, Ranges] = {
    "d": _NAMED_CLASSES["digit"],
    "s": [(0x09, 0x0A), (0x0C, 0x0D), (0x20, 0x20)],
    "w": _NAMED_CLASSES["word"],
}
_CONTROL_ESCAPES = {"a": 0x07, "f": 0x0C, "n": 0x0A, "r": 0x0D, "t": 0x09, "v": 0x0B}


class GoRegexpError(ValueError):
    """Go would not compile this expression."""


def translate(expression: str) -> list[str]:
    """The Python equivalent of a Go expression: tokens for a `LinearMatcher`. Raises GoRegexpError when Go refuses it.

    In the expression, undecodable bytes are replaced by U+FFFD already, as Go does; in the compared path, they are lone
    surrogates.
    """
    return _without_repetitions(_Translator(expression).tokens())


def _without_repetitions(tokens: list[str]) -> list[str]:
    """Without those that mean nothing."""
    joined: list[str] = []
    for token in tokens:
        if joined and joined[-1] == token and token in (STAR, ANY_TEXT, ANY_FOLDERS):
            continue
        joined.append(token)
    return joined


class _Translator:
    """One pass over a Go expression; `tokens` returns what it means piece by piece."""

    def __init__(self, expression: str) -> None:
        self._text = expression
        self._position = 0

    def tokens(self) -> list[str]:
        tokens: list[str] = []
        while self._position < len(self._text):
            tokens.extend(self._next())
        return tokens

    def _next(self) -> list[str]:
        for go, python in (("(.*/)?", ANY_FOLDERS), (".*", ANY_TEXT), ("[^/]*", STAR), ("[^/]", "[^/]")):
            if self._take(go):
                return [python]
        char = self._text[self._position]
        if char == "[":
            return [self._class()]
        if char == "\\":
            return self._escape()
        self._position += 1
        if char in "^$":
            return [r"\A" if char == "^" else r"\Z"]
        if char == "*":  # after a class that swallowed the brackets of a generated "[^/]*"
            return ["*"]
        return [_literal(ord(char))]

    def _take(self, text: str) -> bool:
        if self._text.startswith(text, self._position):
            self._position += len(text)
            return True
        return False

    def _escape(self) -> list[str]:
        """`\\` outside a class."""
        following = self._text[self._position + 1 : self._position + 2]
        if following in ASSERTIONS:
            self._position += 2
            return [ASSERTIONS[following]]
        if following == "Q":
            literal, _, self._rest = self._rest[2:].partition("\\E")
            return [_literal(ord(char)) for char in literal]
        ranges = self._unicode_class()
        if ranges is None:
            ranges = self._perl_class()
        if ranges is not None:
            return [_class(ranges)]
        return [_literal(self._escaped_character())]

    @property
    def _rest(self) -> str:
        return self._text[self._position :]

    @_rest.setter
    def _rest(self, rest: str) -> None:
        self._position = len(self._text) - len(rest)

    def _class(self) -> str:
        self._position += 1
        negated = self._take("^")
        ranges: Ranges = []
        first = True
        while first or not self._take("]"):
            first = False
            if self._position >= len(self._text):
                raise GoRegexpError("missing closing ]")
            named = self._named_class()
            if named is None:
                named = self._unicode_class()
            if named is None:
                named = self._perl_class()
            ranges.extend([self._range()] if named is None else named)
        return _class(_complement(ranges) if negated else ranges)

    def _range(self) -> tuple[int, int]:
        low = self._class_character()
        rest = self._rest
        if len(rest) < 2 or rest[0] != "-" or rest[1] == "]":
            return low, low
        self._position += 1
        high = self._class_character()
        if high < low:
            raise GoRegexpError(f"invalid character class range '{chr(low)}-{chr(high)}'")
        return low, high

    def _class_character(self) -> int:
        if self._position >= len(self._text):
            raise GoRegexpError("missing closing ]")
        if self._text[self._position] == "\\":
            return self._escaped_character()
        self._position += 1
        return ord(self._text[self._position - 1])

    def _named_class(self) -> Ranges | None:
        """`[:alpha:]` or `[:^alpha:]`, within a class."""
        end = self._text.find(":]", self._position + 2)
        if not self._text.startswith("[:", self._position) or end < 0:
            return None
        name = self._text[self._position + 2 : end]
        ranges = _NAMED_CLASSES.get(name.removeprefix("^"))
        if ranges is None:
            raise GoRegexpError(f"invalid character class '[:{name}:]'")
        self._position = end + 2
        return _complement(ranges) if name.startswith("^") else ranges

    def _unicode_class(self) -> Ranges | None:
        """`\\pL`, `\\PL`. Docker escapes braces, so that only the one-letter names can be written."""
        rest = self._rest
        if rest[:2] not in ("\\p", "\\P"):
            return None
        name = rest[2:3]
        if not name or name not in "CLMNPSZ":
            raise GoRegexpError(f"invalid character class '{rest[:3]}'")
        self._position += 3
        ranges = _category(name)
        return _complement(ranges) if rest[1] == "P" else ranges

    def _perl_class(self) -> Ranges | None:
        rest = self._rest
        if rest[:1] != "\\" or rest[1:2].lower() not in _PERL_CLASSES:
            return None
        self._position += 2
        ranges = _PERL_CLASSES[rest[1].lower()]
        return _complement(ranges) if rest[1].isupper() else ranges

    def _escaped_character(self) -> int:
        """The code point of an escape such as `\\.`, `\\n`, `\\x41` or `\\101`."""
        char = self._text[self._position + 1 : self._position + 2]
        self._position += 2
        if char in _CONTROL_ESCAPES:
            return _CONTROL_ESCAPES[char]
        if char == "x":
            return self._digits("[0-9A-Fa-f]{2}", 16)
        following = self._rest[:1]
        # A single digit other than zero would be a back reference, which Go does not have.
        if char == "0" or ("1" <= char <= "7" and "0" <= following <= "7"):
            self._position -= 1
            return self._digits("[0-7]{1,3}", 8)
        if char and char.isascii() and not char.isalnum():
            return ord(char)
        raise GoRegexpError(f"invalid escape sequence '\\{char}'")

    def _digits(self, digits: str, base: int) -> int:
        found = re.compile(digits).match(self._text, self._position)
        if found is None:
            raise GoRegexpError("invalid escape sequence '\\x'")
        self._position = found.end()
        return int(found[0], base)


def _literal(code: int) -> str:
    if code == _REPLACEMENT_CHARACTER:
        return _class([(code, code)])
    return re.escape(chr(code))


def _class(ranges: Ranges) -> str:
    """A Python character class. Surrogates belong to it if and only if U+FFFD does."""
    return _class_of(tuple(ranges))


@lru_cache(maxsize=64)  # the same text for the same class: one of Unicode's is some kilobytes long
def _class_of(ranges: tuple[tuple[int, int], ...]) -> str:
    parts: list[str] = []
    for low, high in ranges:
        if low < _FIRST_SURROGATE:
            parts.append(_span(low, min(high, _FIRST_SURROGATE - 1)))
        if high > _LAST_SURROGATE:
            parts.append(_span(max(low, _LAST_SURROGATE + 1), high))
        if low <= _REPLACEMENT_CHARACTER <= high:
            parts.append(_span(_FIRST_SURROGATE, _LAST_SURROGATE))
    return f"[{''.join(parts)}]" if parts else "(?!)"


def _span(low: int, high: int) -> str:
    return f"\\U{low:08x}-\\U{high:08x}"


def _complement(ranges: Ranges) -> Ranges:
    result: Ranges = []
    following = 0
    for low, high in sorted(ranges):
        if low > following:
            result.append((following, low - 1))
        following = max(following, high + 1)
    if following <= sys.maxunicode:
        result.append((following, sys.maxunicode))
    return result


@cache
def _category(letter: str) -> Ranges:
    """The code points of a general category such as L or N. Go's C leaves out what is not assigned."""
    ranges: Ranges = []
    for code in range(sys.maxunicode + 1):
        category = unicodedata.category(chr(code))
        if category[0] == letter and category != "Cn":
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1] = (ranges[-1][0], code)
            else:
                ranges.append((code, code))
    return ranges
