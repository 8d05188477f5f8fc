"""What is not sent although no rule of the user excludes it, collected into a few sentences."""

from __future__ import annotations

from enum import Enum

from ...wording import printable

__all__ = ["Skip", "Skips"]

_SHOWN = 3


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
        self._paths: dict[Skip, list[str]] = {}
        self._counts: dict[Skip, int] = {}

    def add(self, skip: Skip, path: str) -> None:
        count = self._counts.get(skip, 0)
        self._counts[skip] = count + 1
        if count < _SHOWN:
            self._paths.setdefault(skip, []).append(path)

    def ignored(self, path: str) -> None:
        """A rule excludes `path`, which is not entered if it is a folder. Nothing to tell the user about."""

    def messages(self) -> tuple[str, ...]:
        """One sentence for each reason, such as `'.git': not sent, ...`."""
        return tuple(f"{self._names(skip)}: {skip.value}." for skip in Skip if skip in self._counts)

    def _names(self, skip: Skip) -> str:
        names = ", ".join(f"'{printable(path)}'" for path in self._paths[skip])
        more = self._counts[skip] - len(self._paths[skip])
        return f"{names} and {more} more" if more else names
