"""What a blob consists of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from .content import Chunk, read_range

__all__ = ["BlobProperties", "BlobType", "Block", "BlockLookup", "BlockSource", "ContentSettings", "Snapshot"]

BlobType: TypeAlias = Literal["BlockBlob", "AppendBlob"]
BlockSource: TypeAlias = Literal["Committed", "Uncommitted", "Latest"]


@dataclass(frozen=True)
class ContentSettings:
    """The headers that describe a blob's content and come back with it."""

    content_type: str = "application/octet-stream"
    content_encoding: str | None = None
    content_language: str | None = None
    content_disposition: str | None = None
    cache_control: str | None = None
    content_md5: str | None = None


@dataclass(frozen=True)
class BlobProperties:
    """What a blob is, apart from its bytes. `size` is in bytes; times are aware."""

    blob_type: BlobType
    size: int
    etag: str
    created: datetime
    last_modified: datetime
    settings: ContentSettings
    metadata: Mapping[str, str]
    committed_blocks: int = 0


@dataclass(frozen=True)
class Block:
    """One block of a block blob: its base64 name as sent, and its bytes."""

    name: str
    chunk: Chunk


@dataclass(frozen=True)
class BlockLookup:
    """One entry of a block list: which block, and where to look for it."""

    name: str
    source: BlockSource = "Latest"


@dataclass(frozen=True)
class Snapshot:
    """A blob as it was at one moment: a reader is not disturbed by later writes."""

    properties: BlobProperties
    chunks: tuple[Chunk, ...]

    def read(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes from `start` up to `end`, in pieces."""
        return read_range(self.chunks, start, end)
