"""Changes of case and of words, as the libraries xstrings 1.3 and goutils do them for sprig."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Iterator

from ..strings import to_lower, to_upper, trim_space
from ..text import runes, title_case, to_bytes

__all__ = [
    "camel_case",
    "initials",
    "kebab_case",
    "shuffle",
    "snake_case",
    "swap_case",
    "untitle",
    "without_space",
]


def _is_space(character: str) -> bool:
    return not trim_space(character)


def _is_connector(character: str) -> bool:
    return character in "-_" or _is_space(character)


def camel_case(text: str) -> str:
    """Words joined by connectors, each with a capital: `first_name` gives `FirstName`."""
    text = runes(text)
    bare = next((number for number, character in enumerate(text) if not _is_connector(character)), len(text))
    lead, words = text[:bare], text[bare:]
    if not words:
        return lead + lead[-1:]
    pieces = [lead]
    previous = to_upper(words[0])
    for character in words[1:]:
        is_start = _is_connector(previous)
        if not is_start or _is_connector(character):
            pieces.append(previous)
        previous = to_upper(character) if is_start else to_lower(character)
    return "".join([*pieces, previous])


def snake_case(text: str) -> str:
    """Words in lower case with `_` between: `FirstName` gives `first_name`."""
    return _joined_words(text, "_")


def kebab_case(text: str) -> str:
    """Words in lower case with `-` between: `FirstName` gives `first-name`."""
    return _joined_words(text, "-")


KINDS = {"u": "upper", "a": "letters", "n": "number", "c": "connector", "p": "punctuation", "o": "other"}
WORDS = re.compile(
    r"(?P<connector>c+)|(?P<punctuation>p+)|(?P<upper>ua+|u+(?!a)|u+(?=ua)|u)|(?P<letters>a+)|(?P<number>n+)|(?P<other>.[uo]*)"
)


def _class_of(character: str) -> str:
    category = unicodedata.category(character)
    if _is_connector(character):
        return "c"
    if category[0] == "P":
        return "p"
    if category == "Lu":
        return "u"
    if category[0] == "L" and not unicodedata.name(character, "").startswith(("CJK", "HIRAGANA", "KATAKANA", "HANGUL")):
        return "a"
    return "n" if category[0] == "N" else "o"


def _words(text: str) -> Iterator[tuple[str, str]]:
    """The words of a text with their kinds: `HTTPStatus` is two."""
    text = "".join(character for character in text if not 0xDC80 <= ord(character) <= 0xDCFF)
    classes = "".join(map(_class_of, text))
    for match in WORDS.finditer(classes):
        yield str(match.lastgroup), text[match.start() : match.end()]


def _joined_words(text: str, connector: str) -> str:
    words = list(_words(text))
    pieces: list[str] = []
    number = 0
    while number < len(words):
        kind, word = words[number]
        pieces.append(_lowered(kind, word, connector))
        number += 1
        if kind == "number":
            number = _take_rest_of_word(words, number, pieces, connector)
            pieces.append(_between(words, number, connector))
        elif kind in ("upper", "letters", "other"):
            number = _take_number(words, number, pieces, connector)
    return "".join(pieces)


def _take_number(words: list[tuple[str, str]], number: int, pieces: list[str], connector: str) -> int:
    """A number behind a word belongs to it, unless small letters follow: `Bld4Floor3rd` gives `bld4_floor_3rd`."""
    if number >= len(words) or words[number][0] != "number":
        pieces.append(_between(words, number, connector))
        return number
    if number + 1 == len(words):
        pieces.append(words[number][1])
        return number + 1
    if words[number + 1][0] != "letters":
        pieces.append(words[number][1])
        pieces.append(_between(words, number + 1, connector))
        return number + 1
    pieces += [connector, words[number][1]]
    number = _take_rest_of_word(words, number + 1, pieces, connector)
    pieces.append(_between(words, number, connector))
    return number


def _take_rest_of_word(words: list[tuple[str, str]], number: int, pieces: list[str], connector: str) -> int:
    while number < len(words) and words[number][0] in ("letters", "number"):
        pieces.append(words[number][1])
        number += 1
    return number


def _between(words: list[tuple[str, str]], number: int, connector: str) -> str:
    """What stands before a word that follows another."""
    has_own = number >= len(words) or words[number][0] in ("connector", "punctuation")
    return "" if has_own else connector


def _lowered(kind: str, word: str, connector: str) -> str:
    if kind == "connector":
        return connector * len(word)
    return to_lower(word) if kind == "upper" else word


def swap_case(text: str) -> str:
    """Upper case for lower and the other way round; the first letter of a word becomes its title case."""
    pieces = []
    is_start = True
    for character in runes(text):
        if unicodedata.category(character) in ("Lu", "Lt"):
            pieces.append(to_lower(character))
            is_start = False
        elif unicodedata.category(character) == "Ll":
            pieces.append(title_case(character) if is_start else to_upper(character))
            is_start = False
        else:
            pieces.append(character)
            is_start = _is_space(character)
    return "".join(pieces)


def untitle(text: str) -> str:
    """The first letter of each word in lower case."""
    pieces = []
    is_start = True
    for character in runes(text):
        pieces.append(to_lower(character) if is_start else character)
        is_start = _is_space(character)
    return "".join(pieces)


def initials(text: str) -> str:
    """The first byte of each word, as a character."""
    characters = to_bytes(text).decode("latin-1")
    pairs = zip(" " + characters, characters, strict=False)
    return "".join(after for before, after in pairs if _is_space(before) and not _is_space(after))


def without_space(text: str) -> str:
    """The text without blanks; if there are any, its bytes are taken for characters."""
    characters = to_bytes(text).decode("latin-1")
    kept = "".join(character for character in characters if not _is_space(character))
    return text if len(kept) == len(characters) else kept


def shuffle(text: str) -> str:
    """The characters in an order by chance."""
    characters = list(runes(text))
    random.SystemRandom().shuffle(characters)
    return "".join(characters)
