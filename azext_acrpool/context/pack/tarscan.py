"""Reading what a tar stream holds while it passes by: names, kinds and sizes; content is kept only if asked for.

Formats: POSIX ustar and pax, GNU's long names and sparse files, and the headers of Unix V7.
https://www.gnu.org/software/tar/manual/html_node/Standard.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

__all__ = ["BLOCK", "Keeper", "Member", "MemberKind", "TarScan", "is_header"]

BLOCK = 512

_NO_CONTENT = b"123456"
_SPARSE, _LONG_NAME, _LONG_LINK, _PAX, _GLOBAL_PAX = b"S", b"L", b"K", b"x", b"g"
_EXTENSIONS = (_LONG_NAME, _LONG_LINK, _PAX, _GLOBAL_PAX)
# Bytes of a name, or of all records about one member. Linux has paths of 4 KiB.
_LONGEST_EXTENSION = 1 << 20
_CHECKSUM = slice(148, 156)
# Marks of a binary number, in its first byte, and the largest number that programs can hold.
_BINARY, _NEGATIVE = 0x80, 0x40
_LARGEST = (1 << 63) - 1
# More digits than a number of that size has, with some zeros before it.
_DIGITS = {8: re.compile(rb"[0-7]{1,30}"), 10: re.compile(rb"[0-9]{1,30}")}


class MemberKind(Enum):
    """What a member of an archive is."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    HARD_LINK = "hard link"
    OTHER = "other"


_KINDS = {b"1": MemberKind.HARD_LINK, b"2": MemberKind.LINK, b"5": MemberKind.FOLDER} | dict.fromkeys(
    (b"3", b"4", b"6"), MemberKind.OTHER
)


@dataclass(frozen=True)
class Member:
    """A member as its header names it. `size` is in bytes, `target` what a link points to."""

    name: str
    kind: MemberKind
    size: int = 0
    target: str = ""


# Takes the content of a member, in pieces.
Keeper = Callable[[bytes], object]


def is_header(block: bytes) -> bool:
    """Whether the checksum of a block is that of a header."""
    if len(block) != BLOCK:
        return False
    try:
        expected = _number(block[_CHECKSUM])
    except ValueError:
        return False
    others = block[: _CHECKSUM.start] + b" " * 8 + block[_CHECKSUM.stop :]
    signed = sum(byte - 256 if byte > 127 else byte for byte in others)
    return expected in (sum(others), signed)


class TarScan:
    """Takes a tar stream in pieces, and calls `found` for each member. `feed` raises ValueError for what is no tar.

    What `found` returns takes the member's content. Of a sparse file it is not given: that is not all in one place.
    """

    def __init__(self, found: Callable[[Member], Keeper | None]) -> None:
        self._found = found
        self._keep: Keeper | None = None
        self._content_left = 0
        self._buffer = bytearray()
        self._wanted = BLOCK
        self._skipped = 0
        self._take: Callable[[bytes], None] = self._header
        self._held = 0
        self._extension = b""
        self._extension_size = 0
        self._records: dict[str, bytes] = {}
        self._pending: Member | None = None
        self._zero_blocks = 0

    @property
    def is_over(self) -> bool:
        """Whether the mark of the archive's end was seen; what comes after it does not count."""
        return self._zero_blocks >= 2

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing that a header promised."""
        at_boundary = not (self._skipped or self._buffer or self._records or self._extension)
        return self.is_over or (at_boundary and self._pending is None)

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        view, position = memoryview(data), 0
        while position < len(view) and not self.is_over:
            if self._skipped:
                step = min(self._skipped, len(view) - position)
                self._pass_on(view[position : position + step])
                self._skipped -= step
                position += step
                continue
            piece = view[position : position + self._wanted - len(self._buffer)]
            self._buffer += piece
            position += len(piece)
            if len(self._buffer) == self._wanted:
                block = bytes(self._buffer)
                self._buffer.clear()
                self._take(block)

    def _pass_on(self, piece: memoryview) -> None:
        """Hand content to who keeps it, without what fills its last block."""
        if self._keep is not None and self._content_left:
            kept = piece[: self._content_left]
            self._content_left -= len(kept)
            self._keep(bytes(kept))

    def _header(self, block: bytes) -> None:
        if not block.strip(b"\0"):
            self._zero_blocks += 1
            return
        if self._zero_blocks or not is_header(block):
            raise ValueError("a header is damaged")
        kind, size = block[156:157], _number(block[124:136])
        if kind in _EXTENSIONS:
            if size > _LONGEST_EXTENSION:
                raise ValueError("a name is too long")
            self._extension, self._extension_size = kind, size
            self._wanted, self._take = _padded(size), self._read_extension
            if not size:
                self._read_extension(b"")
            return
        self._member(block, kind, size)

    def _read_extension(self, data: bytes) -> None:
        content, kind = data[: self._extension_size], self._extension
        if kind == _LONG_NAME:
            self._records["path"] = content.rstrip(b"\0")
        elif kind == _LONG_LINK:
            self._records["linkpath"] = content.rstrip(b"\0")
        elif kind == _PAX:
            self._records.update(_pax_records(content))
        self._extension = b""
        self._wanted, self._take = BLOCK, self._header

    def _member(self, block: bytes, kind: bytes, size: int) -> None:
        records, self._records = self._records, {}
        name = records.get("GNU.sparse.name") or records.get("path") or _name(block)
        target = records.get("linkpath") or _text(block[157:257])
        size = _decimal(records["size"]) if records.get("size") else size
        what = MemberKind.FOLDER if name.endswith(b"/") and kind not in b"12" else _KINDS.get(kind, MemberKind.FILE)
        size = 0 if kind and kind in _NO_CONTENT else size
        self._skipped = _padded(size)
        self._pending = Member(_decoded(name), what, size, _decoded(target))
        if kind == _SPARSE and block[482]:
            self._take = self._sparse_map
            self._held, self._skipped = self._skipped, 0
            return
        self._announce(is_plain="GNU.sparse.name" not in records)

    def _sparse_map(self, block: bytes) -> None:
        """GNU's list of where a sparse file has content; its last block says that no other follows."""
        if not block[504]:
            self._skipped, self._take = self._held, self._header
            self._announce(is_plain=False)

    def _announce(self, *, is_plain: bool) -> None:
        member, self._pending = self._pending, None
        if member is not None:
            keep = self._found(member)
            self._keep, self._content_left = (keep, member.size) if is_plain else (None, 0)


def _name(block: bytes) -> bytes:
    name, prefix = _text(block[:100]), _text(block[345:500])
    # GNU's own format has other things there.
    return prefix + b"/" + name if prefix and block[257:263] == b"ustar\0" else name


def _text(field: bytes) -> bytes:
    return field.partition(b"\0")[0]


def _decoded(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


def _number(field: bytes) -> int:
    """A number of a header: in octal, with blanks around it, or where that is too small, in binary behind a mark.

    Raises ValueError.
    """
    first = field[0]
    if first & _BINARY:
        number = int.from_bytes(bytes((first ^ _BINARY,)) + field[1:], "big")
        if first & _NEGATIVE or number > _LARGEST:
            raise ValueError("a size is damaged")
        return number
    return _digits(field.strip(b" \0").partition(b"\0")[0] or b"0", 8)


def _decimal(text: bytes) -> int:
    """A number of a record. Raises ValueError."""
    return _digits(text, 10)


def _digits(text: bytes, base: int) -> int:
    """A number of digits alone, without all else that Python takes for one: signs, blanks, underscores."""
    if not _DIGITS[base].fullmatch(text) or (number := int(text, base)) > _LARGEST:
        raise ValueError("a size is damaged")
    return number


def _padded(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


def _pax_records(content: bytes) -> dict[str, bytes]:
    """`<length> <key>=<value>\\n` each, where the length counts itself. Raises ValueError."""
    records: dict[str, bytes] = {}
    while content:
        digits, blank, _ = content.partition(b" ")
        length = _decimal(digits) if blank and _DIGITS[10].fullmatch(digits) else 0
        record = content[len(digits) + 1 : length]
        key, equals, value = record.partition(b"=")
        if not equals or not value.endswith(b"\n") or length > len(content):
            raise ValueError("a record about a name is damaged")
        records[key.decode("utf-8", "replace")] = value[:-1]
        content = content[length:]
    return records
