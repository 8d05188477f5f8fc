"""The folder that a run's steps share: `/workspace`, with what was uploaded and what a real agent would fetch."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from ..acb.run_line import WORKSPACE
from .archive import ContextArchive
from .errors import FileTooLargeError

__all__ = ["ASSUMED_DOCKERFILE", "Folder", "Workspace"]

LONGEST_FILE = 512 * 2**10
"""Bytes of a Dockerfile, a task file or another file that is read as a whole: the emulator's own limit."""

ASSUMED_DOCKERFILE = b"FROM alpine:latest\nCOPY . /src\n"
"""What the emulator assumes to be in a remote context, since it fetches nothing."""


@dataclass(frozen=True)
class Folder:
    """A folder as a context: `origin` is where it would have been fetched from, empty for what was uploaded."""

    archive: ContextArchive
    origin: str = ""


class Workspace:
    """What is in the folder: an archive, or with `archive` None whatever is at `origin`.

    Without both, nothing is there.
    """

    def __init__(self, archive: ContextArchive | None, origin: str = "") -> None:
        self._archive = archive or ContextArchive.empty()
        self._fetched = {"": origin} if origin and archive is None else {}

    def fetch(self, folder: str, origin: str) -> None:
        """Assume that `folder`, an absolute path, holds what is at `origin`."""
        inside = self._inside(folder)
        if inside is not None:
            self._fetched[inside] = origin

    def origin(self, path: str) -> str:
        """Where the file or folder at an absolute path would have been fetched from."""
        inside = self._inside(path)
        while inside is not None:
            if inside in self._fetched:
                return self._fetched[inside]
            inside = posixpath.dirname(inside) if inside else None
        return ""

    def has(self, path: str) -> bool:
        """Whether anything is at an absolute path."""
        inside = self._inside(path)
        return inside is not None and (bool(self.origin(path)) or self._archive.resolve(inside) is not None)

    def folder(self, path: str) -> Folder | None:
        """The folder at an absolute path, or None if none is there."""
        if origin := self.origin(path):
            return Folder(ContextArchive.empty(), origin)
        inside = self._inside(path)
        archive = None if inside is None else self._archive.below_directory(inside)
        return None if archive is None else Folder(archive)

    def read(self, path: str) -> bytes | None:
        """A file's content by its absolute path, None if there is none. Raises FileTooLargeError."""
        if self.origin(path):
            return ASSUMED_DOCKERFILE
        inside = self._inside(path)
        content = None if inside is None else self._archive.read(inside, LONGEST_FILE + 1)
        if content is not None and len(content) > LONGEST_FILE:
            raise FileTooLargeError(
                f"the emulator reads files of at most {LONGEST_FILE // 2**10} KiB: {path} is larger"
            )
        return content

    def _inside(self, path: str) -> str | None:
        relative = posixpath.relpath(posixpath.normpath(path), WORKSPACE)
        if relative == ".." or relative.startswith("../"):
            return None
        return "" if relative == "." else relative
