"""The first few of many things, for a sentence."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["FirstFew"]

_SHOWN = 3


class FirstFew:
    """Counts what is added, and keeps the first of it: memory does not grow.

    >>> print(FirstFew(["'a'", "'b'", "'c'", "'d'"]))
    'a', 'b', 'c' and 1 more
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self.count = 0
        self._first: list[str] = []
        for text in texts:
            self.add(text)

    def add(self, text: str) -> None:
        self.count += 1
        if len(self._first) < _SHOWN:
            self._first.append(text)

    def __str__(self) -> str:
        more = self.count - len(self._first)
        return ", ".join(self._first) + (f" and {more} more" if more else "")
