"""The pruned walk over a context: what is sent, in an order that depends on names only.

An ignored folder that no exception can reach is never opened. Symbolic links are entries of their own and never
followed. Folders are opened one at a time, so neither depth nor path length is limited by open files or `PATH_MAX`.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import FileChangedError, UnreadableError
from ..ignore.dockerignore import FolderMatches
from ..ignore.selection import Selection
from .folder import Folder, FolderOpener, is_junction
from .skips import Skip, Skips

__all__ = ["Entry", "FileEntry", "FolderEntry", "LinkEntry", "walk"]


class FileEntry:
    """A regular file. Use it before asking the walk for the next entry: `folder`, which holds it, is closed then.

    `path` is slash-separated, below the context root, with undecodable bytes as lone surrogates; `name` is its last
    part.
    """

    __slots__ = ("folder", "name", "path")

    def __init__(self, path: str, name: str, folder: Folder) -> None:
        self.path = path
        self.name = name
        self.folder = folder


class LinkEntry(FileEntry):
    """A symbolic link."""

    __slots__ = ()


@dataclass(frozen=True)
class FolderEntry:
    """A folder. `path` is as in `FileEntry`."""

    path: str
    status: os.stat_result


Entry = FileEntry | LinkEntry | FolderEntry


class _Visit:
    """A folder to be entered.

    `matches` are the rules that it inherits to its entries, None when nothing in it is sent but what is always sent.
    `announced`: it was an entry of the walk.
    """

    __slots__ = ("announced", "excluded", "matches", "parent", "path", "status")

    def __init__(self, path: str, parent: _Visit | None, matches: FolderMatches | None) -> None:
        self.path = path
        self.parent = parent
        self.matches = matches
        self.excluded = False
        self.announced = parent is None  # the root has no entry
        self.status: os.stat_result | None = None


class _Listing:
    """The entries of one folder that are sent or entered."""

    def __init__(self) -> None:
        self.files: list[str] = []
        self.links: list[str] = []
        self.folders: list[_Visit] = []


def walk(opener: FolderOpener, selection: Selection, skips: Skips) -> Iterator[Entry]:
    """The entries to send: each folder before what is in it, names in code point order.

    A folder that is excluded itself is an entry when something in it is sent, so that its mode is kept. Raises
    UnreadableError when a folder cannot be read that is not excluded, or holds what is always sent, and
    FileChangedError when the latter vanished.
    """
    pending = [_Visit("", None, selection.ignore.no_matches)]
    while pending:
        visit = pending.pop()
        folder = _open(opener, visit, selection, skips)
        if folder is None:
            continue
        try:
            visit.status = folder.status()
            listing = _list(folder, visit, selection, skips)
            if listing.files or listing.links or not visit.excluded:
                yield from _announce(visit)
            prefix = visit.path + "/" if visit.path else ""
            for name in sorted(listing.files):
                yield FileEntry(prefix + name, name, folder)
            for name in sorted(listing.links):
                yield LinkEntry(prefix + name, name, folder)
        finally:
            folder.close()
        pending.extend(sorted(listing.folders, key=lambda sub: sub.path, reverse=True))


def _open(opener: FolderOpener, visit: _Visit, selection: Selection, skips: Skips) -> Folder | None:
    try:
        return opener(visit.path)
    except OSError as error:
        if visit.path and error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
            if selection.holds_always(visit.path):
                raise FileChangedError(visit.path, "vanished", required=True) from None
            skips.add(Skip.CLOSED if visit.excluded else Skip.VANISHED, visit.path)
        else:
            _not_readable(visit, error, selection, skips)
        return None


def _not_readable(visit: _Visit, error: OSError, selection: Selection, skips: Skips) -> None:
    """Note that a folder is skipped; raise UnreadableError if something in it would be missed."""
    required = not visit.path or selection.holds_always(visit.path)
    if required or not visit.excluded:
        raise UnreadableError(visit.path or ".", error.strerror or str(error), required=required) from None
    skips.add(Skip.CLOSED, visit.path)


def _announce(visit: _Visit) -> Iterator[Entry]:
    """The folder and those above it, as far as they were not entries before."""
    unannounced = []
    current: _Visit | None = visit
    while current is not None and not current.announced:
        current.announced = True
        unannounced.append(current)
        current = current.parent
    for folder in reversed(unannounced):
        if folder.status is not None:
            yield FolderEntry(folder.path, folder.status)


def _list(folder: Folder, visit: _Visit, selection: Selection, skips: Skips) -> _Listing:
    listing = _Listing()
    prefix = visit.path + "/" if visit.path else ""
    excludes = _all if visit.matches is None else selection.ignore.file_filter(visit.matches)
    try:
        with folder.scan() as entries:
            for entry in entries:
                name = entry.name
                path = prefix + name
                if path in selection.never:
                    continue
                if entry.is_dir(follow_symlinks=False) and not is_junction(entry):
                    _consider_folder(listing, name, _Visit(path, visit, visit.matches), selection, skips)
                elif path in selection.always:
                    _add(listing, entry, path, skips)
                elif excludes(path):
                    _tell_ignored(path, selection, skips)
                elif name in selection.left_out_names:
                    skips.add(Skip.LEFT_OUT_NAME, path)
                else:
                    _add(listing, entry, path, skips)
    except OSError as error:
        _not_readable(visit, error, selection, skips)
    return listing


def _all(_path: str) -> bool:
    return True


def _consider_folder(listing: _Listing, name: str, visit: _Visit, selection: Selection, skips: Skips) -> None:
    """Have the folder entered if anything in it may be sent. `visit` comes with the matches of the folder above it."""
    if visit.matches is None:
        visit.excluded = True
    else:
        visit.excluded, visit.matches = selection.ignore.evaluate(visit.path, visit.matches)
        if name in selection.left_out_names:
            if not visit.excluded:
                skips.add(Skip.LEFT_OUT_NAME, visit.path)
            visit.excluded, visit.matches = True, None
    if not visit.excluded or _must_enter(visit.path, visit.matches, selection):
        listing.folders.append(visit)
    elif name not in selection.left_out_names:
        _tell_ignored(visit.path, selection, skips)


def _tell_ignored(path: str, selection: Selection, skips: Skips) -> None:
    if selection.is_left_out(path):
        skips.add(Skip.LEFT_OUT_NAME, path)
    else:
        skips.ignored(path)


def _must_enter(path: str, matches: FolderMatches | None, selection: Selection) -> bool:
    """Whether an excluded folder may hold something that is sent."""
    if matches is not None and selection.ignore.may_include_below(path, matches):
        return True
    return bool(selection.always) and selection.holds_always(path)


def _add(listing: _Listing, entry: os.DirEntry[str], path: str, skips: Skips) -> None:
    if entry.is_symlink():
        listing.links.append(entry.name)
    elif entry.is_file(follow_symlinks=False):
        listing.files.append(entry.name)
    else:
        skips.add(Skip.SPECIAL_FILE, path)
