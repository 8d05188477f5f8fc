"""Reading an uploaded tar archive, plain or compressed, in memory and time that are bounded whatever was sent.

An archive of a few megabytes can hold terabytes, millions of names, or headers of any size. The limits are the
emulator's own; an agent ends with a full disk instead.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO, cast

from .errors import ContextError
from .model import Source, open_source

__all__ = ["CHUNK", "DOWNLOAD_FAILED", "Checkpoint", "read_errors", "walk"]

DOWNLOAD_FAILED = "failed to download context. Please check if the URL is incorrect."
MAX_UNPACKED = 8 * 2**30
"""Bytes of the whole archive, unpacked."""

MAX_HEADER = 64 * 2**10
"""Bytes of what precedes one entry: long names and extended attributes."""

MAX_COMMON_HEADERS = 100
"""Members of the extended headers that hold for all entries."""

CHUNK = 256 * 2**10

Checkpoint = Callable[[], None]
"""Called again and again by work that takes long; raises when the work is to stop."""


class _ForwardStream:
    """The unpacked archive, read once from its beginning on, in pieces that fit memory."""

    def __init__(self, stream: BinaryIO, checkpoint: Checkpoint) -> None:
        self._stream = stream
        self._checkpoint = checkpoint
        self._position = 0
        self.longest_read = MAX_HEADER

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int) -> int:
        if offset < self._position:
            raise tarfile.ReadError("an entry of negative size")
        while self._position < offset and self._take(min(CHUNK, offset - self._position)):
            pass
        return self._position

    def read(self, size: int) -> bytes:
        if not 0 <= size <= self.longest_read:
            raise tarfile.ReadError("a header that is too long")
        return self._take(size)

    def _take(self, size: int) -> bytes:
        self._checkpoint()
        content = self._stream.read(size)
        self._position += len(content)
        if self._position > MAX_UNPACKED:
            raise ContextError(f"{DOWNLOAD_FAILED} (the emulator unpacks at most {MAX_UNPACKED // 2**30} GiB)")
        return content


def walk(source: Source, checkpoint: Checkpoint) -> Iterator[tuple[tarfile.TarInfo, IO[bytes] | None]]:
    """Every entry in order, with the content of a regular file, to be read in pieces of up to CHUNK bytes.

    Raises ContextError beyond the limits; what is no archive raises what `read_errors` knows.
    """
    with open_source(source) as packed, _unpacked(packed) as unpacked:
        stream = _ForwardStream(unpacked, checkpoint)
        with tarfile.open(fileobj=cast(IO[bytes], stream), mode="r:") as tar:
            while (member := tar.next()) is not None:
                # tarfile would remember every entry.
                tar.members.clear()  # type: ignore[attr-defined]
                if len(tar.pax_headers) > MAX_COMMON_HEADERS:
                    raise tarfile.ReadError("too many extended headers")
                stream.longest_read = CHUNK
                yield member, tar.extractfile(member) if member.isreg() else None
                stream.longest_read = MAX_HEADER


def _unpacked(packed: BinaryIO) -> BinaryIO:
    """`packed` without its compression, which its first bytes tell."""
    start = packed.read(6)
    packed.seek(0)
    if start.startswith(b"\x1f\x8b"):
        return cast(BinaryIO, gzip.GzipFile(fileobj=packed))
    if start.startswith(b"BZh"):
        return cast(BinaryIO, bz2.BZ2File(packed))
    if start.startswith((b"\xfd7zXZ\x00", b"\x5d\x00\x00")):
        return cast(BinaryIO, lzma.LZMAFile(packed))
    return packed


@contextmanager
def read_errors() -> Iterator[None]:
    """Makes a ContextError of what goes wrong while an archive and the contents in it are read."""
    try:
        yield
    except (tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, RecursionError) as error:
        raise ContextError(f"{DOWNLOAD_FAILED} ({error})") from error
