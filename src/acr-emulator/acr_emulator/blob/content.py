"""Bytes at rest: small ones in memory, large ones in files that go away with their last user."""

from __future__ import annotations

import contextlib
import io
import itertools
import threading
import weakref
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

__all__ = ["Chunk", "ContentReader", "ContentSpace", "ContentWriter", "StorageFullError", "read_range"]

MEMORY_LIMIT = 256 * 1024
"""Bytes one chunk may keep in memory before it moves to a file."""

MOST_MEMORY = 64 * 1024 * 1024
MOST_BYTES = 20 * 1024**3
"""Bytes that all chunks together may keep in memory, and at all."""


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()


class StorageFullError(Exception):
    """There is no room for more: the space's own limit, or a full disk."""


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
    """Collects a stream of unknown length into one chunk, holding at most `memory_limit` bytes in memory.

    Its methods raise StorageFullError.
    """

    def __init__(self, space: ContentSpace, memory_limit: int) -> None:
        self._space = space
        self._memory_limit = memory_limit
        self._buffer = bytearray()
        self._file: IO[bytes] | None = None
        self._path: Path | None = None
        self.size = 0

    def write(self, data: bytes) -> None:
        """Add `data` at the end."""
        self._space.take(len(data))
        self.size += len(data)
        if self._file is None:
            self._buffer += data
            if len(self._buffer) > self._memory_limit:
                self._move_to_file()
            return
        with _disk_full_told():
            self._file.write(data)

    def _move_to_file(self) -> None:
        self._path = self._space.new_path()
        with _disk_full_told():
            self._file = self._path.open("wb")
            self._file.write(self._buffer)
        self._buffer.clear()

    def finish(self) -> Chunk:
        """What was written; the writer must not be used afterwards."""
        in_memory = self._file is None and self._space.has_memory_for(len(self._buffer))
        if not in_memory and self._file is None:
            self._move_to_file()
        if self._file is not None:
            with _disk_full_told():
                self._file.close()
        chunk = Chunk(self.size, path=self._path) if self._file else Chunk(self.size, data=bytes(self._buffer))
        self._space.give_back_with(chunk, in_memory=in_memory)
        return chunk

    def discard(self) -> None:
        """Forget what was written."""
        self._space.take(-self.size)
        if self._file is not None and self._path is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            _remove(self._path)


@contextlib.contextmanager
def _disk_full_told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageFullError(f"The emulator's disk takes no more: {error.strerror}.") from error


class ContentSpace:
    """A temporary directory that chunks of more than `memory_limit` bytes live in.

    All chunks together come to `most_bytes` at most, and those in memory to `most_memory`: beyond it small ones live
    in files as well. Chunks give their room back when nobody uses them any more.
    """

    def __init__(
        self, memory_limit: int = MEMORY_LIMIT, *, most_bytes: int = MOST_BYTES, most_memory: int = MOST_MEMORY
    ) -> None:
        self._memory_limit = memory_limit
        self._most_bytes = most_bytes
        self._most_memory = most_memory
        self._directory = TemporaryDirectory(prefix="acr-emulator-", ignore_cleanup_errors=True)
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._used = 0
        self._in_memory = 0
        # (bytes, bytes in memory) of chunks that are gone: noted where chunks die, which no lock may wait for.
        self._given_back: deque[tuple[int, int]] = deque()

    def take(self, size: int) -> None:
        """Reserve room for so many bytes, or give it back if negative. Raises StorageFullError."""
        with self._lock:
            self._collect()
            if self._used + size > self._most_bytes:
                raise StorageFullError(f"The emulator keeps {self._most_bytes} bytes of blobs at most.")
            self._used += size

    def has_memory_for(self, size: int) -> bool:
        """Whether a chunk of this size may stay in memory; if so, the memory is reserved."""
        with self._lock:
            self._collect()
            if self._in_memory + size > self._most_memory:
                return False
            self._in_memory += size
            return True

    def give_back_with(self, chunk: Chunk, *, in_memory: bool) -> None:
        """Give its room back when the chunk is gone."""
        weakref.finalize(chunk, self._given_back.append, (chunk.size, chunk.size if in_memory else 0)).atexit = False

    def _collect(self) -> None:
        while self._given_back:
            size, in_memory = self._given_back.popleft()
            self._used -= size
            self._in_memory -= in_memory

    def new_path(self) -> Path:
        """A file name that nobody has used."""
        return Path(self._directory.name) / str(next(self._numbers))

    def writer(self) -> ContentWriter:
        """A writer for one new chunk."""
        return ContentWriter(self, self._memory_limit)

    def store(self, data: bytes) -> Chunk:
        """Keep `data` as a chunk. Raises StorageFullError."""
        writer = self.writer()
        try:
            writer.write(data)
            return writer.finish()
        except StorageFullError:
            writer.discard()
            raise

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
