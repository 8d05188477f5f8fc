"""Blobs: block blobs with staged blocks and append blobs, as Azure Storage keeps them.

Rules are those of the Blob service's REST reference. The store knows nothing of HTTP or signatures.
"""

from __future__ import annotations

import io
import itertools
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import BinaryIO

from .content import Chunk, ContentReader, ContentSpace, ContentWriter
from .errors import (
    AppendPositionConditionNotMetError,
    BlobNotFoundError,
    BlockCountExceedsLimitError,
    BlockListTooLongError,
    InvalidBlobOrBlockError,
    InvalidBlobTypeError,
    InvalidBlockListError,
)
from .model import BlobProperties, BlobType, Block, BlockLookup, ContentSettings, Snapshot

__all__ = ["BlobStore"]

MAX_BLOCKS = 50_000
MAX_UNCOMMITTED_BLOCKS = 100_000
"""Of one blob (the REST reference, "Put Block")."""

TAIL_LIMIT = 64 * 1024
READ_BUFFER = 1024 * 1024


@dataclass
class _Blob:
    properties: BlobProperties
    blocks: tuple[Block, ...] = ()
    tail: bytearray = field(default_factory=bytearray)

    def chunks(self) -> tuple[Chunk, ...]:
        whole = tuple(block.chunk for block in self.blocks)
        return (*whole, Chunk(len(self.tail), data=bytes(self.tail))) if self.tail else whole


class BlobStore:
    """All blobs of the emulator, by `container/blob`. Safe to use from several threads.

    `now` gives the current time as an aware datetime. Content beyond a few hundred KiB lives in files of a
    temporary directory, `space`, that `close` removes. The end of an append blob stays in memory up to `tail_limit`
    bytes.
    """

    def __init__(
        self,
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
        space: ContentSpace | None = None,
        tail_limit: int = TAIL_LIMIT,
    ) -> None:
        self._now = now
        self._space = space or ContentSpace()
        self._tail_limit = tail_limit
        self._lock = threading.RLock()
        self._blobs: dict[str, _Blob] = {}
        self._staged: dict[str, dict[str, Block]] = {}
        self._etags = itertools.count(1)

    def close(self) -> None:
        """Forget every blob and delete the temporary files."""
        with self._lock:
            self._blobs.clear()
            self._staged.clear()
            self._space.close()

    def writer(self) -> ContentWriter:
        """A place to stream content to, before it becomes a blob or a block."""
        return self._space.writer()

    def exists(self, name: str) -> bool:
        """Whether the blob is there (staged blocks alone don't make a blob)."""
        with self._lock:
            return name in self._blobs

    def snapshot(self, name: str) -> Snapshot:
        """The blob as it is now. Raises BlobNotFoundError."""
        with self._lock:
            blob = self._get(name)
            return Snapshot(blob.properties, blob.chunks())

    def properties(self, name: str) -> BlobProperties:
        """Size, times and metadata. Raises BlobNotFoundError."""
        with self._lock:
            return self._get(name).properties

    def open(self, name: str) -> BinaryIO:
        """A seekable file over the content as it is now. Raises BlobNotFoundError."""
        return io.BufferedReader(ContentReader(self.snapshot(name).chunks), READ_BUFFER)

    def put_block_blob(
        self,
        name: str,
        content: Chunk | bytes,
        settings: ContentSettings | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> BlobProperties:
        """Create or replace a block blob in one go; staged blocks of that name are dropped, as Azure does."""
        chunk = self._space.store(content) if isinstance(content, bytes) else content
        with self._lock:
            self._staged.pop(name, None)
            blocks = (Block("", chunk),) if chunk.size else ()
            return self._put(name, "BlockBlob", blocks, settings, metadata)

    def stage_block(self, name: str, block: Block) -> None:
        """Keep an uncommitted block; the same name again replaces it.

        Raises InvalidBlobTypeError on an append blob, InvalidBlobOrBlockError for a name whose length differs from
        the other blocks', and BlockCountExceedsLimitError.
        """
        with self._lock:
            if name in self._blobs:
                self._require_type(name, "BlockBlob")
            staged = self._staged.setdefault(name, {})
            # All of them have the length of the first.
            if len(next(iter(staged), block.name)) != len(block.name):
                raise InvalidBlobOrBlockError
            if len(staged) >= MAX_UNCOMMITTED_BLOCKS and block.name not in staged:
                raise BlockCountExceedsLimitError
            staged[block.name] = block

    def commit_blocks(
        self,
        name: str,
        lookups: Sequence[BlockLookup],
        settings: ContentSettings | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> BlobProperties:
        """Make the listed blocks the blob's content, in that order; all other blocks are dropped.

        Raises InvalidBlockListError for a block that isn't there, BlockListTooLongError.
        """
        if len(lookups) > MAX_BLOCKS:
            raise BlockListTooLongError
        with self._lock:
            if name in self._blobs:
                self._require_type(name, "BlockBlob")
            blocks = self._find_blocks(name, lookups)
            self._staged.pop(name, None)
            return self._put(name, "BlockBlob", blocks, settings, metadata)

    def block_lists(self, name: str) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
        """Committed and uncommitted blocks. Raises BlobNotFoundError if there is neither blob nor block."""
        with self._lock:
            staged = tuple(self._staged.get(name, {}).values())
            if name not in self._blobs and not staged:
                raise BlobNotFoundError
            committed = self._blobs[name].blocks if name in self._blobs else ()
            return tuple(block for block in committed if block.name), staged

    def create_append_blob(
        self,
        name: str,
        settings: ContentSettings | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> BlobProperties:
        """Create an empty append blob, replacing what was there."""
        with self._lock:
            self._staged.pop(name, None)
            return self._put(name, "AppendBlob", (), settings, metadata)

    def append(
        self, name: str, data: Chunk | bytes, *, position: int | None = None, max_size: int | None = None
    ) -> BlobProperties:
        """Add `data` at the end of an append blob.

        With `position`, only if the blob has that size; with `max_size`, only if it does not grow beyond it.
        Raises BlobNotFoundError, InvalidBlobTypeError, AppendPositionConditionNotMetError.
        """
        added = len(data) if isinstance(data, bytes) else data.size
        with self._lock:
            blob = self._require_type(name, "AppendBlob")
            size = blob.properties.size
            if position is not None and position != size:
                raise AppendPositionConditionNotMetError
            if max_size is not None and size + added > max_size:
                raise AppendPositionConditionNotMetError
            self._add(blob, data)
            blocks = blob.properties.committed_blocks + 1
            return self._touch(blob, size=size + added, committed_blocks=blocks)

    def _add(self, blob: _Blob, data: Chunk | bytes) -> None:
        if isinstance(data, bytes):
            blob.tail += data
        if blob.tail and (isinstance(data, Chunk) or len(blob.tail) > self._tail_limit):
            blob.blocks += (Block("", self._space.store(bytes(blob.tail))),)
            blob.tail.clear()
        if isinstance(data, Chunk):
            blob.blocks += (Block("", data),)

    def set_metadata(self, name: str, metadata: Mapping[str, str]) -> BlobProperties:
        """Replace the metadata. Raises BlobNotFoundError."""
        with self._lock:
            return self._touch(self._get(name), metadata=dict(metadata))

    def delete(self, name: str) -> None:
        """Remove the blob. Raises BlobNotFoundError."""
        with self._lock:
            self._get(name)
            del self._blobs[name]
            self._staged.pop(name, None)

    def _get(self, name: str) -> _Blob:
        if name not in self._blobs:
            raise BlobNotFoundError
        return self._blobs[name]

    def _require_type(self, name: str, blob_type: BlobType) -> _Blob:
        blob = self._get(name)
        if blob.properties.blob_type != blob_type:
            raise InvalidBlobTypeError
        return blob

    def _find_blocks(self, name: str, lookups: Sequence[BlockLookup]) -> tuple[Block, ...]:
        staged = self._staged.get(name, {})
        committed = {block.name: block for block in self._blobs[name].blocks} if name in self._blobs else {}
        places = {"Uncommitted": staged, "Committed": committed, "Latest": {**committed, **staged}}
        try:
            return tuple(places[lookup.source][lookup.name] for lookup in lookups)
        except KeyError as error:
            raise InvalidBlockListError from error

    def _put(
        self,
        name: str,
        blob_type: BlobType,
        blocks: tuple[Block, ...],
        settings: ContentSettings | None,
        metadata: Mapping[str, str] | None,
    ) -> BlobProperties:
        now = self._now()
        replaced = self._blobs.get(name)
        properties = BlobProperties(
            blob_type=blob_type,
            size=sum(block.chunk.size for block in blocks),
            etag="",
            created=replaced.properties.created if replaced else now,
            last_modified=now,
            settings=settings or ContentSettings(),
            metadata=dict(metadata or {}),
        )
        blob = _Blob(properties, blocks)
        self._blobs[name] = blob
        return self._touch(blob)

    def _touch(
        self,
        blob: _Blob,
        *,
        size: int | None = None,
        committed_blocks: int | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> BlobProperties:
        old = blob.properties
        now = self._now()
        blob.properties = replace(
            old,
            size=old.size if size is None else size,
            committed_blocks=old.committed_blocks if committed_blocks is None else committed_blocks,
            metadata=old.metadata if metadata is None else metadata,
            etag=f'"0x8D{next(self._etags):013X}"',
            last_modified=now,
        )
        return blob.properties
