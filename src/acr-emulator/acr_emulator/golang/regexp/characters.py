"""Sets of characters: what `.`, `[a-z]`, `\\d` and `\\p{L}` of a regular expression stand for."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

__all__ = ["PERL", "POSIX", "Characters", "category"]


@dataclass
class Characters:
    """Characters by ranges and by tests; `is_negated`: all others; `folds`: of either case."""

    ranges: list[tuple[str, str]] = field(default_factory=list)
    tests: list[Callable[[str], bool]] = field(default_factory=list)
    is_negated: bool = False
    folds: bool = False
    _known: dict[str, bool] = field(default_factory=dict, init=False)

    def __contains__(self, character: str) -> bool:
        if character not in self._known:
            forms = {character, character.lower(), character.upper()} if self.folds else {character}
            self._known[character] = any(map(self._holds, forms)) != self.is_negated
        return self._known[character]

    def _holds(self, character: str) -> bool:
        return any(low <= character <= high for low, high in self.ranges) or any(test(character) for test in self.tests)


DIGITS = [("0", "9")]
LETTERS = [("A", "Z"), ("a", "z")]
WORD = [*DIGITS, *LETTERS, ("_", "_")]
PUNCTUATION = [("!", "/"), (":", "@"), ("[", "`"), ("{", "~")]

PERL = {
    "d": DIGITS,
    "s": [("\t", "\n"), ("\f", "\r"), (" ", " ")],
    "w": WORD,
}
"""`\\d`, `\\s` and `\\w`; in upper case all others."""

POSIX = {
    "alnum": [*DIGITS, *LETTERS],
    "alpha": LETTERS,
    "ascii": [("\0", "\x7f")],
    "blank": [("\t", "\t"), (" ", " ")],
    "cntrl": [("\0", "\x1f"), ("\x7f", "\x7f")],
    "digit": DIGITS,
    "graph": [("!", "~")],
    "lower": [("a", "z")],
    "print": [(" ", "~")],
    "punct": PUNCTUATION,
    "space": [("\t", "\r"), (" ", " ")],
    "upper": [("A", "Z")],
    "word": WORD,
    "xdigit": [*DIGITS, ("A", "F"), ("a", "f")],
}
"""`[[:alnum:]]` and so on."""

CATEGORIES = frozenset(
    {
        *("C", "Cc", "Cf", "Co", "Cs", "L", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn", "N", "Nd", "Nl", "No"),
        *("P", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc", "Sk", "Sm", "So", "Z", "Zl", "Zp", "Zs"),
    }
)
SCRIPTS = frozenset(
    {
        *("Arabic", "Armenian", "Bengali", "Cyrillic", "Devanagari", "Ethiopic", "Georgian", "Greek", "Gujarati"),
        *("Hangul", "Hebrew", "Hiragana", "Katakana", "Khmer", "Lao", "Latin", "Mongolian", "Myanmar", "Tamil"),
        *("Telugu", "Thai", "Tibetan"),
    }
)


def category(name: str) -> Callable[[str], bool] | None:
    """The test for `\\p{name}`: a general category, `Any`, or one of the commoner scripts; None for other names."""
    if name == "Any":
        return lambda character: True
    if name in CATEGORIES:
        return lambda character: unicodedata.category(character).startswith(name)
    if name == "Han":
        return lambda character: unicodedata.name(character, "").startswith("CJK ")
    if name in SCRIPTS:
        return lambda character: unicodedata.name(character, "").startswith(name.upper() + " ")
    return None
