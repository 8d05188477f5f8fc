"""Go's strings, which are bytes, as Python's: bytes that are not UTF-8 are kept as lone surrogates."""

from __future__ import annotations

import unicodedata

__all__ = ["REPLACEMENT", "byte_length", "from_bytes", "is_print", "runes", "title_case", "to_bytes"]

REPLACEMENT = "\ufffd"
"""utf8.RuneError: what Go reads where the bytes are not UTF-8."""


def to_bytes(text: str) -> bytes:
    """The bytes of a string."""
    return text.encode("utf-8", "surrogateescape")


def from_bytes(data: bytes) -> str:
    """The string of some bytes."""
    return data.decode("utf-8", "surrogateescape")


def byte_length(text: str) -> int:
    """What `len` gives."""
    return len(text) if text.isascii() else len(to_bytes(text))


def runes(text: str) -> str:
    """The string with U+FFFD for each byte that is not UTF-8, as `[]rune(text)` has it."""
    if text.isascii():
        return text
    return "".join(REPLACEMENT if 0xDC80 <= ord(character) <= 0xDCFF else character for character in text)


def is_print(character: str) -> bool:
    """unicode.IsPrint: letters, marks, numbers, punctuation, symbols, and the ASCII space."""
    return character == " " or unicodedata.category(character)[0] in "LMNPS"


def title_case(character: str) -> str:
    """unicode.ToTitle for one character: never more than one."""
    titled = character.title()
    return titled if len(titled) == 1 else character
