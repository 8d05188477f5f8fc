"""Responses of the Blob service."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.concurrency import iterate_in_threadpool
from starlette.responses import Response, StreamingResponse

from .model import BlobProperties, Snapshot
from .protocol import modification_headers, property_headers

__all__ = ["add_headers", "stream", "whole_headers", "written"]


def whole_headers(properties: BlobProperties) -> list[tuple[str, str]]:
    """The headers of a reply that carries, or stands for, the whole content."""
    md5 = properties.settings.content_md5
    return [*property_headers(properties), *([("Content-MD5", md5)] if md5 else [])]


def stream(snapshot: Snapshot, start: int, end: int, status: int, headers: list[tuple[str, str]]) -> Response:
    """Send the bytes from `start` up to `end`."""
    response = StreamingResponse(iterate_in_threadpool(snapshot.read(start, end)), status)
    add_headers(response, headers)
    response.headers["Content-Length"] = str(end - start)
    return response


def written(properties: BlobProperties, headers: Mapping[str, str] | None = None) -> Response:
    """The reply to a write: 201, the new ETag, and `headers` with the checksums of what came in."""
    response = Response(status_code=201, headers=dict(headers or {}))
    add_headers(response, modification_headers(properties))
    response.headers["x-ms-request-server-encrypted"] = "true"
    return response


def add_headers(response: Response, headers: list[tuple[str, str]]) -> None:
    """Add headers, keeping the case of their names."""
    # Straight into raw_headers: the framework's own way in lower-cases names, and metadata keys have a case.
    response.raw_headers += [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
