"""Uploaded sources: a tar archive, indexed without ever being unpacked to disk.

Names and links are judged as Docker judges them when it unpacks: nothing may leave the root; links are followed
inside it, as if it were the root of a file system.
"""

from __future__ import annotations

import hashlib
import posixpath
import tarfile
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import IO, Literal

from .errors import ContextError
from .model import Source
from .unpacking import CHUNK, DOWNLOAD_FAILED, Checkpoint, read_errors, walk

__all__ = ["ContextArchive", "Entry"]

EntryType = Literal["file", "directory", "symlink", "other"]
MAX_LINKS = 255
BLOCK = 512

LONGEST_PATH = 4095
LONGEST_NAME = 255
"""Bytes of a path and of each name in it, as Linux has it."""

MAX_ENTRIES = 500_000
MAX_NAMES = 64 * 2**20
"""Characters of all paths together: with the number of entries, what bounds the index's memory."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One name in the archive. `digest` is of a file's content, `target` where a symlink points; sizes in bytes."""

    type: EntryType
    size: int = 0
    executable: bool = False
    digest: str = ""
    target: str = ""


class ContextArchive:
    """The tree that an archive unpacks to.

    `checkpoint` is called all along while the archive is read; an exception that it raises ends the reading. Raises
    ContextError for what isn't a tar archive (plain or compressed), leaves its root or is beyond all limits.
    """

    def __init__(self, source: Source, checkpoint: Checkpoint = lambda: None) -> None:
        self._source: Source | None = source
        self._checkpoint = checkpoint
        self._entries: dict[str, Entry] = {"": Entry("directory")}
        self._members: dict[str, int] = {}
        self._fingerprints: dict[str, str] = {}
        self._characters = 0
        with read_errors():
            for index, (member, content) in enumerate(walk(source, checkpoint)):
                self._add(member, content, index)

    @classmethod
    def empty(cls) -> ContextArchive:
        """A context with nothing in it."""
        return cls._of(None, lambda: None, {"": Entry("directory")}, {})

    @classmethod
    def _of(
        cls, source: Source | None, checkpoint: Checkpoint, entries: dict[str, Entry], members: dict[str, int]
    ) -> ContextArchive:
        archive = cls.__new__(cls)
        archive._source, archive._checkpoint = source, checkpoint
        archive._entries, archive._members, archive._fingerprints = entries, members, {}
        return archive

    def only(self, is_included: Callable[[str], bool]) -> ContextArchive:
        """The same tree without the paths that are not included; folders on the way to those that are stay."""
        entries = {"": self._entries[""]}
        for name in self.matching(is_included):
            entries[name] = self._entries[name]
            entries.update({parent: self._entries[parent] for parent in _parents(name)})
        members = {name: index for name, index in self._members.items() if name in entries}
        return self._of(self._source, self._checkpoint, entries, members)

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
        return self._of(self._source, self._checkpoint, entries, members)

    def _add(self, member: tarfile.TarInfo, content: IO[bytes] | None, index: int) -> None:
        # Of a rooted name, and only of that, nothing leads above the root.
        path = _inside_root(posixpath.normpath(member.name) if member.name.startswith("/") else member.name)
        if path is None:
            raise ContextError(f'"{member.name}" is outside of "/workspace"')
        if not path:
            return
        _check_length(path)
        directory, name = posixpath.split(path)
        path = posixpath.join(self.resolve(directory) or directory, name)
        if member.issym():
            _check_length(member.linkname)
            _check_symlink(path, member.linkname)
            self._entries[path] = Entry("symlink", target=member.linkname)
        elif member.islnk():
            self._add_hard_link(path, member)
        elif member.isdir():
            self._entries[path] = Entry("directory")
        elif content is not None:
            digest = hashlib.sha256()
            while chunk := content.read(CHUNK):
                digest.update(chunk)
            self._entries[path] = Entry("file", member.size, bool(member.mode & 0o111), digest.hexdigest())
            self._members[path] = index
        else:
            self._entries[path] = Entry("other")
        self._count(path)
        for parent in _parents(path):
            if parent not in self._entries:
                self._entries[parent] = Entry("directory")
                self._count(parent)

    def _count(self, path: str) -> None:
        self._characters += len(path)
        if len(self._entries) > MAX_ENTRIES or self._characters > MAX_NAMES:
            raise ContextError(f"{DOWNLOAD_FAILED} (the emulator unpacks at most {MAX_ENTRIES} names)")

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

    def matching(self, is_wanted: Callable[[str], bool]) -> Iterator[str]:
        """Those of all names that are wanted."""
        for name in self.paths():
            self._checkpoint()
            if is_wanted(name):
                yield name

    def fingerprint(self, path: str) -> str:
        """A text that stands for all that is at a path which `resolve` gave: names, types, modes and contents."""
        if path not in self._fingerprints:
            prefix = len(path) + 1 if path else 0
            digest = hashlib.sha256()
            for name in self.below(path):
                self._checkpoint()
                entry = self._entries[name]
                relative = posixpath.basename(path) if name == path else name[prefix:]
                row = (relative, entry.type, entry.executable, entry.digest, entry.target)
                digest.update(repr(row).encode("utf-8", "surrogateescape"))
            self._fingerprints[path] = digest.hexdigest()
        return self._fingerprints[path]

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

    def read(self, path: str, limit: int) -> bytes | None:
        """The first `limit` bytes of a file, or None if there is no such file inside the root."""
        resolved = self.resolve(path) if _inside_root(path) is not None else None
        if resolved is None or resolved not in self._members or self._source is None:
            return None
        with read_errors():
            for index, (_member, content) in enumerate(walk(self._source, self._checkpoint)):
                if index == self._members[resolved] and content is not None:
                    return _first_bytes(content, limit)
        return None


def _first_bytes(content: IO[bytes], limit: int) -> bytes:
    read = bytearray()
    while len(read) < limit and (chunk := content.read(min(CHUNK, limit - len(read)))):
        read += chunk
    return bytes(read)


def _inside_root(name: str) -> str | None:
    """The name relative to the root, or None when it climbs out of it. Absolute names count from the root."""
    path = posixpath.normpath(name.lstrip("/")) if name.lstrip("/") else "."
    if path == ".." or path.startswith("../"):
        return None
    return "" if path == "." else path


def _check_length(path: str) -> None:
    encoded = path.encode("utf-8", "surrogateescape")
    if len(encoded) > LONGEST_PATH or any(len(name) > LONGEST_NAME for name in encoded.split(b"/")):
        raise ContextError(f"open /workspace/{path[:LONGEST_NAME]}..: file name too long")


def _check_symlink(path: str, target: str) -> None:
    joined = posixpath.join(posixpath.dirname(path), target.lstrip("/"))
    if _inside_root(joined) is None:
        raise ContextError(f'invalid symlink "/workspace/{path}" -> "{target}"')


def _parents(path: str) -> Iterator[str]:
    while path := posixpath.dirname(path):
        yield path
