"""What is not sent although no rule of the user excludes it, collected into a few sentences."""

from __future__ import annotations

from enum import Enum

from ...wording import printable
from .first_few import FirstFew

__all__ = ["Skip", "Skips"]


class Skip(Enum):
    """Why something is not sent. The value goes behind "'a', 'b' and 3 more: "."""

    LEFT_OUT_NAME = (
        "not sent, as version control folders and .venv are not unless the ignore file has an exception for them, "
        "such as '!**/.git'"
    )
    SPECIAL_FILE = "not sent, as sockets, named pipes and devices cannot be"
    VANISHED = "not sent, as it vanished while the context was packed"
    CLOSED = "cannot be read; it is ignored, but exceptions ('!') below it have no effect"


class Skips:
    """Counts what is skipped, and keeps the first paths of each kind."""

    def __init__(self) -> None:
        self._found: dict[Skip, FirstFew] = {}

    def add(self, skip: Skip, path: str) -> None:
        self._found.setdefault(skip, FirstFew()).add(f"'{printable(path)}'")

    def ignored(self, path: str) -> None:
        """A rule excludes `path`, which is not entered if it is a folder. Nothing to tell the user about."""

    def messages(self) -> tuple[str, ...]:
        """One sentence for each reason, such as `'.git': not sent, ...`."""
        return tuple(f"{self._found[skip]}: {skip.value}." for skip in Skip if skip in self._found)
