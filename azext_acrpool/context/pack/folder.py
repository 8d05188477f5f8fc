"""Opening folders and what is in them, without following links and without a limit on path length."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

__all__ = ["Folder", "FolderOpener", "folder_opener", "is_junction"]


class Folder(Protocol):
    """An open folder. Every method raises OSError as the system reports it."""

    def scan(self) -> AbstractContextManager[Iterator[os.DirEntry[str]]]: ...
    def status(self) -> os.stat_result: ...
    def open_file(self, name: str) -> int: ...
    def link_target(self, name: str) -> str: ...
    def link_status(self, name: str) -> os.stat_result: ...
    def close(self) -> None: ...


# Takes a slash-separated path below the root, "" for the root itself.
FolderOpener = Callable[[str], Folder]

# O_NONBLOCK: should a file be replaced by a named pipe, opening it must not wait for a writer.
_OPEN_FILE = (
    os.O_RDONLY
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOINHERIT", 0)
)
_OPEN_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
_MOUNT_POINT = 0xA0000003  # IO_REPARSE_TAG_MOUNT_POINT
_SAFE_PATH_BYTES = 1000  # macOS has the smallest PATH_MAX, 1024


class _DescriptorFolder:
    """A folder by its descriptor: entries are opened relative to it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def scan(self) -> AbstractContextManager[Iterator[os.DirEntry[str]]]:
        return os.scandir(self._descriptor)

    def status(self) -> os.stat_result:
        return os.fstat(self._descriptor)

    def open_file(self, name: str) -> int:
        return os.open(name, _OPEN_FILE, dir_fd=self._descriptor)

    def link_target(self, name: str) -> str:
        return os.readlink(name, dir_fd=self._descriptor)

    def link_status(self, name: str) -> os.stat_result:
        return os.stat(name, dir_fd=self._descriptor, follow_symlinks=False)

    def close(self) -> None:
        os.close(self._descriptor)


class _PathFolder:
    """A folder by its path, where the system has no descriptors for folders (Windows)."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def scan(self) -> AbstractContextManager[Iterator[os.DirEntry[str]]]:
        return os.scandir(str(self._path))

    def status(self) -> os.stat_result:
        return self._path.lstat()

    def open_file(self, name: str) -> int:
        return os.open(self._path / name, _OPEN_FILE)

    def link_target(self, name: str) -> str:
        return str((self._path / name).readlink())

    def link_status(self, name: str) -> os.stat_result:
        return (self._path / name).lstat()

    def close(self) -> None:
        """Nothing is held open."""


def folder_opener(root: str, *, use_descriptors: bool = os.open in os.supports_dir_fd) -> FolderOpener:
    """Opens folders below `root`, an absolute path without links.

    `use_descriptors`: whether the system opens files relative to an open folder.
    """
    if use_descriptors:
        return lambda path: _DescriptorFolder(_open_below(root, path))
    extended = extended_path(root)
    return lambda path: _PathFolder(Path(extended, *path.split("/")))


def _open_below(root: str, path: str) -> int:
    full = f"{root}/{path}"
    try:
        return os.open(full, _OPEN_FOLDER)
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
    descriptor = os.open(root, _OPEN_FOLDER)
    for piece in _pieces(path):
        try:
            following = os.open(piece, _OPEN_FOLDER, dir_fd=descriptor)
        finally:
            os.close(descriptor)
        descriptor = following
    return descriptor


def _pieces(path: str) -> Iterator[str]:
    """`path` in parts short enough for one system call each."""
    piece: list[str] = []
    length = 0
    for name in path.split("/"):
        size = len(os.fsencode(name)) + 1
        if piece and length + size > _SAFE_PATH_BYTES:
            yield "/".join(piece)
            piece, length = [], 0
        piece.append(name)
        length += size
    yield "/".join(piece)


def extended_path(path: str, *, windows: bool = os.name == "nt") -> str:
    r"""The form of an absolute path that may be longer than 260 characters on Windows (`\\?\`)."""
    if not windows or path.startswith("\\\\?\\"):
        return path
    return "\\\\?\\UNC\\" + path[2:] if path.startswith("\\\\") else "\\\\?\\" + path


def is_junction(entry: os.DirEntry[str], *, windows: bool = os.name == "nt") -> bool:
    """Whether a folder entry is an NTFS junction: a link in all but name, which the walk must not follow."""
    if not windows:
        return False
    return getattr(entry.stat(follow_symlinks=False), "st_reparse_tag", 0) == _MOUNT_POINT
