"""Files that are named for a source that is a folder here: where they are, and what the service finds them by there."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ...context.link_targets import archived_target, leaves
from ...files import is_file
from ...wording import printable
from ..console.errors import CommandError, UsageError
from .source import SourceMissingError

__all__ = ["NamedFile", "file_below", "find_named", "is_below", "not_in_source", "way_to"]

# Links on the way to one file: as many as Linux follows.
_MOST_LINKS: Final = 40


@dataclass(frozen=True)
class NamedFile:
    """A file here. `below` is its path in the source, slash-separated; None if it lies elsewhere."""

    path: Path
    below: str | None


def find_named(folder: Path, name: str) -> NamedFile | None:
    """The file of that path below the folder, as the service has it, or else from the current folder, as users type it.

    None if there is neither. Raises UsageError when that cannot be known.
    """
    path = _relative(name)
    if is_below(folder, name):
        return NamedFile(folder / path, path.as_posix())
    if not _is_file(folder, path, name):
        return None
    # Links in the folders are followed, one at the end is the file that was named.
    real, root = Path(os.path.realpath(path.parent)) / path.name, os.path.realpath(folder)
    return NamedFile(path, real.relative_to(root).as_posix() if real.is_relative_to(root) else None)


def file_below(folder: Path, name: str) -> str:
    """A file's path below the folder, with slashes. Raises SourceMissingError if it is not there, UsageError."""
    named = find_named(folder, name)
    if named is None or named.below is None:
        raise not_in_source(folder, name)
    return named.below


def not_in_source(folder: Path, name: str) -> CommandError:
    """There is no file of that name in the source."""
    return SourceMissingError(
        f"There is no file '{printable(name)}' in the source location '{printable(str(folder))}'.",
        "Name a file by its path below the source location.",
    )


def is_below(folder: Path, name: str) -> bool:
    """Whether there is a file of this path below the folder. Raises UsageError when that cannot be known."""
    path = _relative(name)
    return not path.is_absolute() and ".." not in path.parts and _is_file(folder, folder / path, name)


def way_to(folder: Path, below: str) -> tuple[str, ...] | None:
    """The paths that must be sent for a file of the source to be there: each link on the way, and what they lead to.

    None if that is not in the source, as whoever unpacks it sees it: links to absolute paths are sent as they are.
    """
    met: list[str] = []
    at: list[str] = []
    left = below.split("/")[::-1]
    while left:
        part = left.pop()
        if part == "..":
            if not at:
                return None
            at.pop()
        elif part not in ("", "."):
            target = _link_target(folder.joinpath(*at, part))
            at.append(part)
            if target is not None:
                path = "/".join(at)
                if len(met) == _MOST_LINKS or Path(target).is_absolute() or leaves(path, archived_target(target)):
                    return None
                met.append(path)
                at.pop()
                left += archived_target(target).split("/")[::-1]
    return tuple(dict.fromkeys((*met, "/".join(at))))


def _link_target(path: Path) -> str | None:
    """Where a link leads; None for what is none."""
    try:
        return str(path.readlink()) if path.is_symlink() else None
    except OSError:
        return None


def _is_file(folder: Path, path: Path, name: str) -> bool:
    try:
        return is_file(path)
    except OSError as error:
        raise UsageError(
            f"'{printable(name)}' in the source location '{printable(str(folder))}' cannot be used: {error.strerror}."
        ) from error


def _relative(name: str) -> Path:
    return Path(name.replace("\\", "/"))
