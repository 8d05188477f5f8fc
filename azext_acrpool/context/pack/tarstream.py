"""Tar headers and the tar stream of a walk: POSIX.1-2001 (pax) with ustar headers wherever these can say it all.

The same tree gives the same bytes: no user, group or device numbers, whole seconds, a fixed order. Formats:
https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Container, Iterable, Iterator
from zlib import adler32

from ..errors import FileChangedError, UnreadableError
from ..link_targets import archived_target
from ..source import MemoryFile
from .capabilities import ATTRIBUTE, file_capability
from .hard_links import HardLinks
from .skips import Skip, Skips
from .walk import Entry, FileEntry, FolderEntry, LinkEntry

__all__ = ["CHUNK_BYTES", "END", "TarStream", "header"]

BLOCK = 512
CHUNK_BYTES = 1 << 20
END = b"\0" * (2 * BLOCK)

# Names get back the bytes they have on disk (os.fsencode would do, more slowly).
_ENCODING, _ENCODING_ERRORS = sys.getfilesystemencoding(), sys.getfilesystemencodeerrors()

_SMALL_FILE_BYTES = 256 << 10
_NANOSECONDS = 10**9
_LARGEST_OCTAL = 0o77777777777  # eleven digits: 8 GiB - 1 as a size, the year 2242 as a time
_FILE, _HARD_LINK, _LINK, _FOLDER, _PAX = b"0", b"1", b"2", b"5", b"x"
_PADDING = tuple(b"\0" * (-size % BLOCK) for size in range(BLOCK))

# A header is: name, mode, uid, gid, size, mtime | checksum | kind, link target, magic .. device numbers, prefix
_HEAD = b"%b%07o\0" + b"0000000\0" * 2 + b"%011o\0%011o\0"
_CHECKSUM = b"%06o\0 "
_MAGIC = b"ustar\x0000" + b"\0" * 80
# Extended attributes are records of pax headers under a prefix that Schily's star gave them, and all others took.
_CAPABILITY = b"SCHILY.xattr." + ATTRIBUTE.encode()
_CHECKSUM_AS_SPACES = 8 * ord(" ")


def header(
    name: bytes, kind: bytes, *, mode: int, mtime: int, size: int = 0, target: bytes = b"", capability: bytes = b""
) -> bytes:
    """The header of one entry, one or more blocks.

    `name` is the path as bytes, with a slash at the end for a folder; `kind` ustar's type flag; `mode` the permission
    bits; `mtime` in seconds since the epoch; `size` the bytes of content that follow; `target` that of a symbolic link,
    or the name that a hard link shares its file with; `capability` that of `capabilities.file_capability`.
    """
    prefix, short = (b"", name) if len(name) <= 100 else _split(name)
    fits = 0 <= mtime <= _LARGEST_OCTAL and size <= _LARGEST_OCTAL and len(target) <= 100
    if short and fits and not capability and name.isascii() and target.isascii():
        return _ustar(short, kind, mode=mode, mtime=mtime, size=size, target=target, prefix=prefix)
    return _with_pax(name, kind, mode=mode, mtime=mtime, size=size, target=target, capability=capability)


def _split(name: bytes) -> tuple[bytes, bytes]:
    """Prefix (at most 155 bytes) and name (at most 100) around a slash; both empty where no slash allows it."""
    cut = name.rfind(b"/", 0, 156)
    if cut <= 0 or not 0 < len(name) - cut - 1 <= 100:
        return b"", b""
    return name[:cut], name[cut + 1 :]


def _ustar(
    name: bytes, kind: bytes, *, mode: int, mtime: int, size: int, target: bytes = b"", prefix: bytes = b""
) -> bytes:
    head = _HEAD % (name.ljust(100, b"\0"), mode, size, mtime)
    tail, tail_sum = _tail(kind, target, prefix) if target or prefix else _PLAIN_TAILS[kind]
    return head + _CHECKSUM % (_sum(head) + _CHECKSUM_AS_SPACES + tail_sum) + tail


def _tail(kind: bytes, target: bytes, prefix: bytes) -> tuple[bytes, int]:
    """What follows the checksum, and its sum."""
    tail = kind + target.ljust(100, b"\0") + _MAGIC + prefix.ljust(167, b"\0")
    return tail, _sum(tail)


def _sum(data: bytes) -> int:
    """The sum of all bytes; less than 65521, as headers are ASCII.

    The lower half of Adler-32 is one more than that, modulo 65521, and a good deal faster than `sum`.
    """
    return (adler32(data) & 0xFFFF) - 1


_PLAIN_TAILS = {kind: _tail(kind, b"", b"") for kind in (_FILE, _FOLDER, _LINK, _PAX)}


def _with_pax(name: bytes, kind: bytes, *, mode: int, mtime: int, size: int, target: bytes, capability: bytes) -> bytes:
    """A ustar header after a pax header with all that does not fit into it."""
    records: list[tuple[bytes, bytes]] = []
    if not name.isascii() or len(name) > 100:
        records.append((b"path", name))
    if not target.isascii() or len(target) > 100:
        records.append((b"linkpath", target))
    if not 0 <= mtime <= _LARGEST_OCTAL:
        records.append((b"mtime", b"%d" % mtime))
    if size > _LARGEST_OCTAL:
        records.append((b"size", b"%d" % size))
    if capability:
        records.append((_CAPABILITY, capability))
    if not (_is_utf8(name) and _is_utf8(target)):
        records.insert(0, (b"hdrcharset", b"BINARY"))
    body = b"".join(_pax_record(key, value) for key, value in records)
    pax = _ustar(b"././@PaxHeader", _PAX, mode=0o644, mtime=0, size=len(body))
    ustar = _ustar(
        _ascii(name)[:100],
        kind,
        mode=mode,
        mtime=min(max(mtime, 0), _LARGEST_OCTAL),
        size=size if size <= _LARGEST_OCTAL else 0,
        target=_ascii(target)[:100],
    )
    return pax + body + _PADDING[len(body) % BLOCK] + ustar


def _ascii(text: bytes) -> bytes:
    return bytes(byte if byte < 0x80 else ord("?") for byte in text)


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _pax_record(key: bytes, value: bytes) -> bytes:
    """`<length> <key>=<value>\\n`, where the length counts itself."""
    rest = len(key) + len(value) + 3
    length = rest + len(b"%d" % rest)
    if len(b"%d" % length) != length - rest:
        length += 1
    return b"%d %s=%s\n" % (length, key, value)


class TarStream:
    """The tar stream of some entries, in chunks; it counts the files, folders, links and bytes of content in it so far.

    Each name of a file that has several counts as a file; its content is there, and counted, once.

    `required` is the path of a file that must not be missing (the Dockerfile), "" for none; `always` are those that no
    rule can leave out. `keep_modes` is False where the file system has no executable bits: all is 0755 then, as with
    Docker.
    """

    def __init__(
        self,
        skips: Skips,
        *,
        required: str = "",
        always: Container[str] = (),
        keep_modes: bool = os.name != "nt",
    ) -> None:
        self.files = 0
        self.folders = 0
        self.links = 0
        self.content_bytes = 0
        self._skips = skips
        self._hard_links = HardLinks()
        self._required = required
        self._always = always
        self._keep_modes = keep_modes
        self._parts: list[bytes] = []
        self._size = 0

    def chunks(self, entries: Iterable[Entry], extra: Iterable[MemoryFile]) -> Iterator[bytes]:
        """Pack everything, in chunks of at least `CHUNK_BYTES` (but for the last); where they end is the tree's alone.

        Raises UnreadableError when a file cannot be read, FileChangedError when one shrank or is no longer a file, or
        when one that is always sent is missing.
        """
        for entry in entries:
            if isinstance(entry, LinkEntry):
                self._link(entry)
            elif isinstance(entry, FileEntry):
                large = self._file(entry)
                if large is not None:
                    yield from large
            else:
                self._folder(entry)
            if self._size >= CHUNK_BYTES:
                yield self._take()
        for file in extra:
            name, size = _archive_name(file.name), len(file.content)
            self._add(header(name, _FILE, mode=file.mode, mtime=file.mtime, size=size))
            self._add(file.content)
            self._add(_PADDING[size % BLOCK])
            self.content_bytes += size
            self._packed(file.name)
        if self._required:
            raise FileChangedError(self._required, "vanished", required=True)
        self._add(END)
        yield self._take()

    def _packed(self, path: str) -> None:
        self.files += 1
        if path == self._required:
            self._required = ""

    def _take(self) -> bytes:
        chunk = b"".join(self._parts)
        self._parts = []
        self._size = 0
        return chunk

    def _add(self, data: bytes) -> None:
        self._parts.append(data)
        self._size += len(data)

    def _mode(self, status: os.stat_result) -> int:
        return stat.S_IMODE(status.st_mode) if self._keep_modes else 0o755

    def _folder(self, entry: FolderEntry) -> None:
        name = _archive_name(entry.path) + b"/"
        self._add(header(name, _FOLDER, mode=self._mode(entry.status), mtime=_seconds(entry.status)))
        self.folders += 1

    def _link(self, entry: LinkEntry) -> None:
        try:
            status = entry.folder.link_status(entry.name)
            target = entry.folder.link_target(entry.name)
        except OSError as error:
            self._unreadable(entry, error)
            return
        if not self._linked(entry.path, status, mode=0o777):
            name = _archive_name(entry.path)
            self._add(
                header(name, _LINK, mode=0o777, mtime=_seconds(status), target=_archive_name(archived_target(target)))
            )
        self.links += 1

    def _linked(self, path: str, status: os.stat_result, *, mode: int, capability: bytes = b"") -> bool:
        """Add `path` as a hard link, if what it names is in the archive under another name."""
        first = self._hard_links.first_name(path, status)
        if first is None:
            return False
        name, target, mtime = _archive_name(path), _archive_name(first), _seconds(status)
        # The capability once more: whoever unpacks a link sets the owner of its file, and Linux drops it at that.
        self._add(header(name, _HARD_LINK, mode=mode, mtime=mtime, target=target, capability=capability))
        return True

    def _file(self, entry: FileEntry) -> Iterator[bytes] | None:
        """Pack a file; a large one's chunks are returned, to be taken as they are read."""
        path = entry.path
        try:
            descriptor = entry.folder.open_file(entry.name)
        except OSError as error:
            self._unreadable(entry, error)
            return None
        size = 0
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                what = "was replaced by something that is not a file"
                raise FileChangedError(path, what, required=path in self._always)
            mode, mtime, capability = self._mode(status), _seconds(status), file_capability(descriptor)
            if not self._linked(path, status, mode=mode, capability=capability):
                size = status.st_size
                head = header(_archive_name(path), _FILE, mode=mode, mtime=mtime, size=size, capability=capability)
                self._add(head)
                if size <= _SMALL_FILE_BYTES:
                    padding = _PADDING[size % BLOCK]
                    self._parts += (self._read(descriptor, size, path), padding)
                    self._size += size + len(padding)
                    self.content_bytes += size
        finally:
            if size <= _SMALL_FILE_BYTES:
                os.close(descriptor)
        self._packed(path)
        return self._large_content(descriptor, size, path) if size > _SMALL_FILE_BYTES else None

    def _large_content(self, descriptor: int, size: int, path: str) -> Iterator[bytes]:
        """The chunks that a large file fills; closes the descriptor."""
        try:
            remaining = size
            while remaining:
                if self._size >= CHUNK_BYTES:
                    yield self._take()
                data = self._read(descriptor, min(CHUNK_BYTES - self._size, remaining), path)
                remaining -= len(data)
                self._add(data)
                self.content_bytes += len(data)
            self._add(_PADDING[size % BLOCK])
        finally:
            os.close(descriptor)

    def _unreadable(self, entry: FileEntry, error: OSError) -> None:
        required = entry.path in self._always
        if error.errno != errno.ENOENT:
            raise UnreadableError(entry.path, error.strerror or str(error), required=required) from None
        if required:
            raise FileChangedError(entry.path, "vanished", required=True) from None
        self._skips.add(Skip.VANISHED, entry.path)

    def _read(self, descriptor: int, size: int, path: str) -> bytes:
        """Exactly `size` bytes: what was added to the file since it was opened is not read."""
        try:
            data = os.read(descriptor, size)
            while len(data) != size:
                more = os.read(descriptor, size - len(data))
                if not more:
                    raise FileChangedError(path, "became shorter", required=path in self._always)
                data += more
        except OSError as error:
            reason = error.strerror or str(error)
            raise UnreadableError(path, reason, required=path in self._always) from None
        return data


def _seconds(status: os.stat_result) -> int:
    return status.st_mtime_ns // _NANOSECONDS


def _archive_name(path: str) -> bytes:
    return path.encode(_ENCODING, _ENCODING_ERRORS)
