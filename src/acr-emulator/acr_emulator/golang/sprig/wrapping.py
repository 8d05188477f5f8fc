"""Wrapping and shortening of text, as the library goutils does it for sprig. Widths count bytes."""

from __future__ import annotations

from ..template import check_size
from ..text import from_bytes, to_bytes

__all__ = ["abbreviate", "abbreviate_both", "wrap", "wrap_with"]

SHORTEST = 4
SHORTEST_BOTH = 7
DOTS = b"..."


def abbreviate(width: int, text: str) -> str:
    """The text cut to a width, with dots behind it; the whole text for a width below 4."""
    return text if width < SHORTEST else _abbreviated(to_bytes(text), 0, width)


def abbreviate_both(left: int, width: int, text: str) -> str:
    """The text from about `left` on, cut to a width, with dots at both ends."""
    if width < SHORTEST or (left > 0 and width < SHORTEST_BOTH):
        return text
    return _abbreviated(to_bytes(text), left, width)


def _abbreviated(data: bytes, offset: int, width: int) -> str:
    kept = width - len(DOTS)
    if len(data) <= width:
        return from_bytes(data)
    if width < SHORTEST:
        return ""
    offset = min(offset, len(data))
    if len(data) - offset < kept:
        offset = len(data) - kept
    if offset <= SHORTEST:
        return from_bytes(data[:kept] + DOTS)
    if width < SHORTEST_BOTH:
        return ""
    if offset + kept < len(data):
        return from_bytes(DOTS) + _abbreviated(data[offset:], 0, kept)
    return from_bytes(DOTS + data[-kept:])


def wrap(width: int, text: str) -> str:
    """The text in lines of at most that width; words that are longer keep a line of their own."""
    return _wrapped(to_bytes(text), width, b"\n", splits_words=False)


def wrap_with(width: int, separator: str, text: str) -> str:
    """The same with another text between lines; words that are longer are cut."""
    check_size(len(text) * (len(separator) + 1) // max(width, 1))
    return _wrapped(to_bytes(text), width, to_bytes(separator) or b"\n", splits_words=True)


def _wrapped(data: bytes, width: int, separator: bytes, splits_words: bool) -> str:
    width = max(width, 1)
    lines = bytearray()
    offset = 0
    while len(data) - offset > width:
        if data[offset] == ord(" "):
            offset += 1
            continue
        end = offset + width
        space = data.rfind(b" ", offset, end + 1)
        if space < 0 and splits_words:
            lines += data[offset:end] + separator
            offset = end
            continue
        if space < 0:
            space = data.find(b" ", end)
        if space < 0:
            lines += data[offset:]
            offset = len(data)
            break
        lines += data[offset:space] + separator
        offset = space + 1
    return from_bytes(bytes(lines) + data[offset:])
