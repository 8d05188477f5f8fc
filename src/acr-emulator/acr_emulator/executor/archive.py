"""Uploaded sources: a tar archive, indexed without ever being unpacked to disk.

Names and links are judged as Docker judges them when it unpacks: nothing may leave the root; links are followed
inside it, as if it were the root of a file system.
"""

from __future__ import annotations

import hashlib
import lzma
import posixpath
import tarfile
import zlib
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import IO, Literal

from .errors import ContextError
from .model import Source, open_source

__all__ = ["DOWNLOAD_FAILED", "ContextArchive", "Entry"]

EntryType = Literal["file", "directory", "symlink", "other"]
DOWNLOAD_FAILED = "failed to download context. Please check if the URL is incorrect."
MAX_LINKS = 255
BLOCK = 512


@dataclass(frozen=True)
class Entry:
    """One name in the archive. `digest` is of a file's content, `target` where a symlink points; sizes in bytes."""

    type: EntryType
    size: int = 0
    executable: bool = False
    digest: str = ""
    target: str = ""


class ContextArchive:
    """The tree that an archive unpacks to.

    Raises ContextError for what isn't a tar archive (plain or compressed), or leaves its root.
    """

    def __init__(self, source: Source) -> None:
        self._source: Source | None = source
        self._entries: dict[str, Entry] = {"": Entry("directory")}
        self._members: dict[str, int] = {}
        with _read_errors():
            for index, (member, content) in enumerate(self._walk(source)):
                self._add(member, content, index)

    @classmethod
    def empty(cls) -> ContextArchive:
        """A context with nothing in it."""
        return cls._of(None, {"": Entry("directory")}, {})

    @classmethod
    def _of(cls, source: Source | None, entries: dict[str, Entry], members: dict[str, int]) -> ContextArchive:
        archive = cls.__new__(cls)
        archive._source, archive._entries, archive._members = source, entries, members
        return archive

    def below_directory(self, directory: str) -> ContextArchive | None:
        """The part of the tree below `directory`, as a context of its own; None if there is no such directory."""
        root = self.resolve(directory)
        if root is None or self._entries[root].type != "directory":
            return None
        if not root:
            return self
        cut = len(root) + 1
        entries = {name[cut:]: self._entries[name] for name in self.below(root)}
        members = {name[cut:]: index for name, index in self._members.items() if name.startswith(f"{root}/")}
        return self._of(self._source, entries, members)

    @staticmethod
    def _walk(source: Source) -> Iterator[tuple[tarfile.TarInfo, IO[bytes] | None]]:
        with open_source(source) as stream, tarfile.open(fileobj=stream, mode="r:*") as tar:
            for member in tar:
                yield member, tar.extractfile(member) if member.isreg() else None

    def _add(self, member: tarfile.TarInfo, content: IO[bytes] | None, index: int) -> None:
        # Of a rooted name, and only of that, nothing leads above the root.
        path = _inside_root(posixpath.normpath(member.name) if member.name.startswith("/") else member.name)
        if path is None:
            raise ContextError(f'"{member.name}" is outside of "/workspace"')
        if not path:
            return
        directory, name = posixpath.split(path)
        path = posixpath.join(self.resolve(directory) or directory, name)
        if member.issym():
            _check_symlink(path, member.linkname)
            self._entries[path] = Entry("symlink", target=member.linkname)
        elif member.islnk():
            self._add_hard_link(path, member)
        elif member.isdir():
            self._entries[path] = Entry("directory")
        elif content is not None:
            digest = hashlib.sha256()
            while chunk := content.read(1024 * 1024):
                digest.update(chunk)
            self._entries[path] = Entry("file", member.size, bool(member.mode & 0o111), digest.hexdigest())
            self._members[path] = index
        else:
            self._entries[path] = Entry("other")
        for parent in _parents(path):
            self._entries.setdefault(parent, Entry("directory"))

    def _add_hard_link(self, path: str, member: tarfile.TarInfo) -> None:
        target = _inside_root(member.linkname)
        if target is None:
            raise ContextError(f'invalid hardlink "{member.linkname}" -> "{member.name}"')
        if target not in self._entries:
            raise ContextError(f"link /workspace/{target} /workspace/{path}: no such file or directory")
        self._entries[path] = self._entries[target]
        if target in self._members:
            self._members[path] = self._members[target]

    @property
    def size(self) -> int:
        """Bytes of an uncompressed tar of the tree: what the Docker client sends to its daemon."""
        contents = sum(-(-entry.size // BLOCK) * BLOCK + BLOCK for name, entry in self._entries.items() if name)
        return contents + 2 * BLOCK

    def paths(self) -> Sequence[str]:
        """All names but the root's own, sorted."""
        return self._sorted_paths

    @cached_property
    def _sorted_paths(self) -> list[str]:
        return sorted(name for name in self._entries if name)

    def entry(self, path: str) -> Entry:
        """What is there at a path that `resolve` gave."""
        return self._entries[path]

    def below(self, path: str) -> list[str]:
        """A path that `resolve` gave, and everything below it, sorted."""
        if not path:
            return ["", *self._sorted_paths]
        # "0" is the character after "/": all that lies between them is below the path.
        start, end = (bisect_left(self._sorted_paths, f"{path}{limit}") for limit in "/0")
        return [path, *self._sorted_paths[start:end]]

    def resolve(self, path: str) -> str | None:
        """Follow symlinks within the root; None if nothing is there (or links go round in circles)."""
        rest = [part for part in path.split("/") if part not in ("", ".")][::-1]
        current: list[str] = []
        links = 0
        while rest:
            part = rest.pop()
            if part == "..":
                current = current[:-1]
                continue
            name = "/".join([*current, part])
            entry = self._entries.get(name)
            if entry is None:
                return None
            if entry.type != "symlink":
                current.append(part)
                continue
            links += 1
            if links > MAX_LINKS:
                return None
            if entry.target.startswith("/"):
                current = []
            rest += [step for step in entry.target.split("/") if step not in ("", ".")][::-1]
        return "/".join(current)

    def read_text(self, path: str) -> str | None:
        """A file's content as text, or None if there is no such file inside the root."""
        resolved = self.resolve(path) if _inside_root(path) is not None else None
        if resolved is None or resolved not in self._members or self._source is None:
            return None
        with _read_errors():
            for index, (_member, content) in enumerate(self._walk(self._source)):
                if index == self._members[resolved] and content is not None:
                    return content.read().decode("utf-8", "replace")
        return None


@contextmanager
def _read_errors() -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError) as error:
        raise ContextError(f"{DOWNLOAD_FAILED} ({error})") from error


def _inside_root(name: str) -> str | None:
    """The name relative to the root, or None when it climbs out of it. Absolute names count from the root."""
    path = posixpath.normpath(name.lstrip("/")) if name.lstrip("/") else "."
    if path == ".." or path.startswith("../"):
        return None
    return "" if path == "." else path


def _check_symlink(path: str, target: str) -> None:
    joined = posixpath.join(posixpath.dirname(path), target.lstrip("/"))
    if _inside_root(joined) is None:
        raise ContextError(f'invalid symlink "/workspace/{path}" -> "{target}"')


def _parents(path: str) -> Iterator[str]:
    while path := posixpath.dirname(path):
        yield path
