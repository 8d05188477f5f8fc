"""HTTP details of the Blob service: ranges, conditions, block lists and response headers, as pure functions."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from email.utils import format_datetime, parsedate_to_datetime
from xml.parsers import expat
from xml.sax.saxutils import escape

from .errors import (
    BlobAlreadyExistsError,
    ConditionNotMetError,
    EmptyMetadataKeyError,
    InvalidBlockIdError,
    InvalidHeaderValueError,
    InvalidMetadataError,
    InvalidRangeError,
    InvalidXmlDocumentError,
    MetadataTooLargeError,
    NotModifiedError,
)
from .model import BlobProperties, Block, BlockLookup, BlockSource

__all__ = [
    "check_block_id",
    "check_metadata",
    "check_read_conditions",
    "check_write_conditions",
    "metadata_headers",
    "modification_headers",
    "parse_block_list",
    "parse_range",
    "property_headers",
    "render_block_lists",
    "render_error",
]

RANGE = re.compile(r"bytes=([0-9]{1,19})-([0-9]{0,19})$")
MAX_BLOCK_ID_BYTES = 64
MAX_METADATA_BYTES = 8 * 1024
METADATA_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
BLOCK_SOURCES: Mapping[str, BlockSource] = {
    "Committed": "Committed",
    "Uncommitted": "Uncommitted",
    "Latest": "Latest",
}


def parse_range(header: str | None, size: int) -> tuple[int, int] | None:
    """The half-open byte range that a `Range` header asks for, or None for the whole blob.

    Azure supports `bytes=a-b` and `bytes=a-` only; anything else is ignored, as RFC 9110 lets a server do.
    Raises InvalidRangeError when the range starts at or beyond `size`.
    """
    match = RANGE.match(header.strip()) if header else None
    if match is None:
        return None
    start = int(match[1])
    last = int(match[2]) if match[2] else size - 1
    if match[2] and last < start:
        return None
    if start >= size:
        raise InvalidRangeError
    return start, min(last + 1, size)


def check_read_conditions(headers: Mapping[str, str], properties: BlobProperties) -> None:
    """Apply conditional headers to a read. Raises ConditionNotMetError or NotModifiedError."""
    _check_match(headers, properties)
    if_none_match = headers.get("if-none-match")
    if if_none_match is not None:
        if if_none_match in ("*", properties.etag):
            raise NotModifiedError
        return
    since = _date(headers, "if-modified-since")
    if since is not None and _to_second(properties.last_modified) <= since:
        raise NotModifiedError


def check_write_conditions(headers: Mapping[str, str], properties: BlobProperties | None) -> None:
    """Apply conditional headers to a write; `properties` is None when the blob is not there.

    Raises ConditionNotMetError or BlobAlreadyExistsError.
    """
    if properties is None:
        if "if-match" in headers:
            raise ConditionNotMetError
        return
    _check_match(headers, properties)
    if_none_match = headers.get("if-none-match")
    if if_none_match == "*":
        raise BlobAlreadyExistsError
    if if_none_match == properties.etag:
        raise ConditionNotMetError
    since = _date(headers, "if-modified-since")
    if since is not None and _to_second(properties.last_modified) <= since:
        raise ConditionNotMetError


def _check_match(headers: Mapping[str, str], properties: BlobProperties) -> None:
    if headers.get("if-match", "*") not in ("*", properties.etag):
        raise ConditionNotMetError
    since = _date(headers, "if-unmodified-since")
    if since is not None and _to_second(properties.last_modified) > since:
        raise ConditionNotMetError


def _date(headers: Mapping[str, str], name: str) -> datetime | None:
    if name not in headers:
        return None
    try:
        moment = parsedate_to_datetime(headers[name])
    except (ValueError, OverflowError) as error:
        raise InvalidHeaderValueError from error
    # "-0000" says that the zone is not known, but not that there is none.
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _to_second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


def check_block_id(block_id: str) -> None:
    """Raise InvalidBlockIdError unless the ID is base64 of 1 to 64 bytes."""
    try:
        decoded = base64.b64decode(block_id, validate=True)
    except ValueError as error:
        raise InvalidBlockIdError from error
    if not 0 < len(decoded) <= MAX_BLOCK_ID_BYTES:
        raise InvalidBlockIdError


def check_metadata(metadata: Mapping[str, str]) -> None:
    """Refuse metadata that Azure refuses: names are C# identifiers, all of it has 8 KiB (the REST reference).

    Raises EmptyMetadataKeyError, InvalidMetadataError or MetadataTooLargeError.
    """
    if "" in metadata:
        raise EmptyMetadataKeyError
    if not all(METADATA_NAME.fullmatch(name) for name in metadata):
        raise InvalidMetadataError
    if sum(len(name) + len(value) for name, value in metadata.items()) > MAX_METADATA_BYTES:
        raise MetadataTooLargeError


def parse_block_list(document: bytes) -> list[BlockLookup]:
    """The entries of a Put Block List body, in order. Raises InvalidXmlDocumentError."""
    path: list[str] = []
    lookups: list[BlockLookup] = []
    text: list[str] = []

    def start(name: str, _attributes: Mapping[str, str]) -> None:
        path.append(name)
        text.clear()
        if path[0] != "BlockList" or len(path) > 2 or (len(path) == 2 and name not in BLOCK_SOURCES):
            raise InvalidXmlDocumentError

    def end(name: str) -> None:
        if len(path) == 2:
            lookups.append(BlockLookup("".join(text).strip(), BLOCK_SOURCES[name]))
        path.pop()

    def refuse_doctype(*_details: object) -> None:
        raise InvalidXmlDocumentError

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text.append
    parser.StartDoctypeDeclHandler = refuse_doctype
    try:
        parser.Parse(document, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        # The latter two: an encoding that is not known, or that is none of text.
        raise InvalidXmlDocumentError from error
    return lookups


def render_block_lists(committed: Iterable[Block] | None, uncommitted: Iterable[Block] | None) -> bytes:
    """The body of Get Block List; None leaves a list out."""
    parts = ['<?xml version="1.0" encoding="utf-8"?><BlockList>']
    for tag, blocks in (("CommittedBlocks", committed), ("UncommittedBlocks", uncommitted)):
        if blocks is not None:
            rows = "".join(
                f"<Block><Name>{escape(block.name)}</Name><Size>{block.chunk.size}</Size></Block>" for block in blocks
            )
            parts.append(f"<{tag}>{rows}</{tag}>")
    parts.append("</BlockList>")
    return "".join(parts).encode()


def render_error(code: str, message: str, request_id: str, now: datetime) -> bytes:
    """The XML body that goes with an error status."""
    stamp = now.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")
    text = escape(f"{message}\nRequestId:{request_id}\nTime:{stamp}")
    return (
        f'\ufeff<?xml version="1.0" encoding="utf-8"?><Error><Code>{escape(code)}</Code>'
        f"<Message>{text}</Message></Error>"
    ).encode()


def property_headers(properties: BlobProperties) -> list[tuple[str, str]]:
    """The headers that describe a blob. Names keep their case, which matters to whoever reads metadata keys."""
    settings = properties.settings
    optional = {
        "Content-Encoding": settings.content_encoding,
        "Content-Language": settings.content_language,
        "Content-Disposition": settings.content_disposition,
        "Cache-Control": settings.cache_control,
    }
    headers = [
        ("Content-Type", settings.content_type),
        *((name, value) for name, value in optional.items() if value is not None),
        ("Accept-Ranges", "bytes"),
        *modification_headers(properties),
        ("x-ms-creation-time", _http_date(properties.created)),
        ("x-ms-blob-type", properties.blob_type),
        ("x-ms-lease-status", "unlocked"),
        ("x-ms-lease-state", "available"),
        ("x-ms-server-encrypted", "true"),
    ]
    if properties.blob_type == "AppendBlob":
        headers.append(("x-ms-blob-committed-block-count", str(properties.committed_blocks)))
    return headers + metadata_headers(properties)


def metadata_headers(properties: BlobProperties) -> list[tuple[str, str]]:
    """One `x-ms-meta-` header per key."""
    return [(f"x-ms-meta-{name}", value) for name, value in properties.metadata.items()]


def modification_headers(properties: BlobProperties) -> list[tuple[str, str]]:
    """The two headers that answer every write."""
    return [("ETag", properties.etag), ("Last-Modified", _http_date(properties.last_modified))]


def _http_date(moment: datetime) -> str:
    """A time as HTTP headers spell it."""
    return format_datetime(moment.astimezone(timezone.utc), usegmt=True)
