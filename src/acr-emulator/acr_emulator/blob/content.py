"""Bytes at rest: small ones in memory, large ones in files that go away with their last user."""

from __future__ import annotations

import contextlib
import io
import itertools
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

__all__ = ["Chunk", "ContentReader", "ContentSpace", "ContentWriter", "read_range"]

MEMORY_LIMIT = 256 * 1024
"""Bytes one chunk may keep in memory before it moves to a file."""


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()


class Chunk:
    """Immutable bytes, in memory or in a file that is deleted when the chunk is no longer referenced."""

    def __init__(self, size: int, data: bytes | None = None, path: Path | None = None) -> None:
        self.size = size
        self._data = data
        self._path = path
        if path is not None:
            weakref.finalize(self, _remove, path)

    def read(self, start: int, end: int) -> bytes:
        """The bytes from `start` up to, not including, `end`."""
        if self._path is None:
            return (self._data or b"")[start:end]
        with self._path.open("rb") as file:
            file.seek(start)
            return file.read(end - start)


class ContentWriter:
    """Collects a stream of unknown length into one chunk, holding at most `memory_limit` bytes in memory."""

    def __init__(self, space: ContentSpace, memory_limit: int) -> None:
        self._space = space
        self._memory_limit = memory_limit
        self._buffer = bytearray()
        self._file: IO[bytes] | None = None
        self._path: Path | None = None
        self.size = 0

    def write(self, data: bytes) -> None:
        """Add `data` at the end."""
        self.size += len(data)
        if self._file is not None:
            self._file.write(data)
            return
        self._buffer += data
        if len(self._buffer) > self._memory_limit:
            self._path = self._space.new_path()
            self._file = self._path.open("wb")
            self._file.write(self._buffer)
            self._buffer.clear()

    def finish(self) -> Chunk:
        """What was written; the writer must not be used afterwards."""
        if self._file is None:
            return Chunk(self.size, data=bytes(self._buffer))
        self._file.close()
        return Chunk(self.size, path=self._path)

    def discard(self) -> None:
        """Forget what was written."""
        if self._file is not None and self._path is not None:
            self._file.close()
            _remove(self._path)


class ContentSpace:
    """A temporary directory that chunks of more than `memory_limit` bytes live in."""

    def __init__(self, memory_limit: int = MEMORY_LIMIT) -> None:
        self._memory_limit = memory_limit
        self._directory = TemporaryDirectory(prefix="acr-emulator-", ignore_cleanup_errors=True)
        self._numbers = itertools.count()

    def new_path(self) -> Path:
        """A file name that nobody has used."""
        return Path(self._directory.name) / str(next(self._numbers))

    def writer(self) -> ContentWriter:
        """A writer for one new chunk."""
        return ContentWriter(self, self._memory_limit)

    def store(self, data: bytes) -> Chunk:
        """Keep `data` as a chunk."""
        writer = self.writer()
        writer.write(data)
        return writer.finish()

    def close(self) -> None:
        """Delete everything."""
        self._directory.cleanup()


def read_range(chunks: Sequence[Chunk], start: int, end: int) -> Iterator[bytes]:
    """The bytes from `start` up to `end` of the chunks put together, in pieces of at most 1 MiB."""
    piece = 1024 * 1024
    offset = 0
    for chunk in chunks:
        low, high = max(start - offset, 0), min(end - offset, chunk.size)
        for position in range(low, high, piece):
            yield chunk.read(position, min(position + piece, high))
        offset += chunk.size


class ContentReader(io.RawIOBase):
    """A seekable, read-only file over chunks."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        super().__init__()
        self._chunks = tuple(chunks)
        self._size = sum(chunk.size for chunk in chunks)
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(base + offset, 0)
        return self._position

    def tell(self) -> int:
        return self._position

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = self._size if size is None or size < 0 else size
        end = min(self._position + wanted, self._size)
        data = b"".join(read_range(self._chunks, self._position, end))
        self._position += len(data)
        return data

    def readinto(self, buffer: Any, /) -> int:
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
