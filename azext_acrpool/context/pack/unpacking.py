"""Unpacking gzip, bzip2 and xz as it passes by, in bounded memory."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Generator, Iterator
from enum import Enum
from typing import Any

__all__ = ["Compression", "Unpacker", "compression_of"]

# What comes out of one step at most: a few bytes may unpack to gigabytes.
_PIECE_BYTES = 1 << 20
# Bytes. xz -9 needs 65 MiB.
_LZMA_MEMORY = 256 << 20
# What Python says of it; there is no error of its own for that.
_PAST_LIMIT = "Memory usage limit exceeded"
_TOO_LARGE = (
    f"unpacking it takes more than {_LZMA_MEMORY >> 20} MiB of memory. Compress it with xz -9 or less, or with gzip"
)


class Compression(Enum):
    """How an archive is compressed; the value is how such a file begins."""

    GZIP = b"\x1f\x8b"
    BZIP2 = b"BZh"
    XZ = b"\xfd7zXZ\0"
    NONE = b""


_DECOMPRESSORS: dict[Compression, Callable[[], Any]] = {
    Compression.GZIP: lambda: zlib.decompressobj(16 + zlib.MAX_WBITS),
    Compression.BZIP2: bz2.BZ2Decompressor,
    Compression.XZ: lambda: lzma.LZMADecompressor(memlimit=_LZMA_MEMORY),
}


def compression_of(beginning: bytes) -> Compression:
    """How a file that begins so is compressed; NONE where nothing says that it is."""
    return next(kind for kind in Compression if beginning.startswith(kind.value))


class Unpacker:
    """Unpacks a stream that is fed to it in pieces. What is damaged is a ValueError."""

    def __init__(self, compression: Compression) -> None:
        self._make = _DECOMPRESSORS.get(compression)
        self._current: Any = None
        self._begun = False
        self._ended = False
        self._has_unpacked = False

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing at the end."""
        return self._make is None or (self._begun and self._current is None)

    @property
    def is_past_a_stream(self) -> bool:
        """Whether one stream has ended, and what came after it, if anything, has unpacked to nothing."""
        return self._ended and not self._has_unpacked

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What the next bytes unpack to. A file may be several compressed streams one after the other."""
        if self._make is None:
            yield data
            return
        try:
            while data:
                data = yield from self._unpack(data)
        except (zlib.error, lzma.LZMAError, OSError, EOFError) as error:
            raise ValueError(_TOO_LARGE if str(error) == _PAST_LIMIT else "it is damaged") from error

    def _unpack(self, data: bytes) -> Generator[bytes, None, bytes]:
        """As `feed`, for one stream; returns what is left for the next."""
        if self._current is None:
            # Tapes and some tools fill up the last block.
            if self._make is None or (self._begun and not data.strip(b"\0")):
                return b""
            self._current, self._begun = self._make(), True
        current = self._current
        while True:
            piece = current.decompress(data, _PIECE_BYTES)
            if piece:
                self._has_unpacked = True
                yield piece
            if current.eof:
                self._current, self._ended, self._has_unpacked = None, True, False
                return bytes(current.unused_data)
            # zlib hands back what it did not come to, the others keep it.
            data = getattr(current, "unconsumed_tail", b"")
            if not data and len(piece) < _PIECE_BYTES and getattr(current, "needs_input", True):
                return b""
