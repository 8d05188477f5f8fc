"""How large a text may grow that is put together from parts: a list may hold the same long text many times."""

from __future__ import annotations

from collections.abc import Iterable

from .errors import LimitExceededError

__all__ = ["LONGEST_TEXT", "join_bounded"]

LONGEST_TEXT = 1 << 24


def join_bounded(separator: str, parts: Iterable[str]) -> str:
    """The parts joined. Raises LimitExceededError once they are longer than 16 million characters."""
    pieces: list[str] = []
    length = 0
    for part in parts:
        length += len(part) + len(separator)
        if length > LONGEST_TEXT:
            raise LimitExceededError("the text is longer than the emulator allows")
        pieces.append(part)
    return separator.join(pieces)
