"""Packages encoding/base64 and encoding/base32: decoding, with Go's errors."""

from __future__ import annotations

import base64
import re

from .errors import GoError

__all__ = ["decode_base32", "decode_base64"]


def decode_base64(text: str) -> bytes:
    """What base64 text stands for. Raises GoError: `illegal base64 data at input byte N`."""
    position = _fault(text, "A-Za-z0-9+/", 4, (2, 3))
    if position is not None:
        raise GoError(f"illegal base64 data at input byte {position}")
    return base64.b64decode(re.sub(r"[\r\n]", "", text))


def decode_base32(text: str) -> bytes:
    """What base32 text stands for. Raises GoError: `illegal base32 data at input byte N`."""
    position = _fault(text, "A-Z2-7", 8, (2, 4, 5, 7))
    if position is not None:
        raise GoError(f"illegal base32 data at input byte {position}")
    return base64.b32decode(re.sub(r"[\r\n]", "", text))


def _fault(text: str, alphabet: str, group: int, fillable: tuple[int, ...]) -> int | None:
    """Where the text stops to be in the encoding; None if it is. Groups that are filled up with `=` end it."""
    data = text.encode("utf-8", "surrogateescape").decode("latin-1")
    letters = [(place, letter) for place, letter in enumerate(data) if letter not in "\r\n"]
    for count, (place, letter) in enumerate(letters):
        within = count % group
        if re.fullmatch(f"[{alphabet}]", letter):
            continue
        if letter != "=" or within not in fillable:
            return place
        return _padding_fault(letters, count, group - within, len(data))
    short = len(letters) % group
    return len(data) - short if short else None


def _padding_fault(letters: list[tuple[int, str]], first: int, length: int, end: int) -> int | None:
    for count in range(first, first + length):
        if count >= len(letters):
            return end
        if letters[count][1] != "=":
            return letters[count][0]
    return letters[first + length][0] if first + length < len(letters) else None
