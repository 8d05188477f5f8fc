"""The Blob service over HTTP: Put/Get/Delete Blob, blocks, append blobs and metadata, on signed URLs only."""

from __future__ import annotations

import re
import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from . import sas
from .errors import (
    AuthenticationRefusedError,
    BlobNotFoundError,
    InvalidHeaderValueError,
    InvalidQueryParameterValueError,
    InvalidRangeError,
    MissingRequiredHeaderError,
    StorageError,
    UnsupportedHttpVerbError,
)
from .model import Block, ContentSettings
from .protocol import (
    check_block_id,
    check_metadata,
    check_read_conditions,
    check_write_conditions,
    metadata_headers,
    modification_headers,
    parse_block_list,
    parse_range,
    property_headers,
    render_block_lists,
    render_error,
)
from .ranges import check_no_range_checksum, range_checksum
from .replies import add_headers, stream, whole_headers, written
from .store import BlobStore
from .uploads import Throttle, Uploads

__all__ = ["Clock", "Throttle", "routes"]

NUMBER = re.compile("[0-9]{1,19}")
MIB = 1024 * 1024
MAX_BLOB_BYTES = 5000 * MIB
MAX_BLOCK_BYTES = 4000 * MIB
MAX_APPEND_BYTES = 100 * MIB
"""Of one request (the REST reference, since version 2019-12-12 and, for Append Block, 2022-11-02)."""

MAX_BLOCK_LIST_BYTES = 16 * MIB
METHODS = ("GET", "HEAD", "PUT", "DELETE")
OTHER_METHODS = ("POST", "PATCH", "OPTIONS")
DEFAULT_VERSION = "2021-08-06"
AUTHENTICATION_FAILED = (
    "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly "
    "including the signature."
)


class Clock(Protocol):
    """Where the endpoint takes the time from."""

    def now(self) -> datetime:
        """The current time, aware."""


def routes(store: BlobStore, key: bytes, clock: Clock, throttle: Throttle | None = None) -> list[BaseRoute]:
    """Routes for `/<container>/<blob>`, to be mounted below the account's name.

    `key` is what URLs were signed with (`sas.sign`, path `container/blob`).
    """
    service = _BlobService(store, key, clock, throttle)
    return [Route("/{container}/{blob:path}", service.handle, methods=[*METHODS, *OTHER_METHODS])]


class _Call:
    """One request, with the names that the operations need."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.name = f"{request.path_params['container']}/{request.path_params['blob']}"
        self.query = request.query_params
        self.headers = request.headers
        self.component = request.query_params.get("comp", "")

    @property
    def metadata(self) -> dict[str, str]:
        prefix = "x-ms-meta-"
        found = {name[len(prefix) :]: value for name, value in self.headers.items() if name.startswith(prefix)}
        check_metadata(found)
        return found

    def settings(self, default_type: str, md5: str | None = None) -> ContentSettings:
        return ContentSettings(
            content_type=self.headers.get("x-ms-blob-content-type") or default_type,
            content_encoding=self.headers.get("x-ms-blob-content-encoding"),
            content_language=self.headers.get("x-ms-blob-content-language"),
            content_disposition=self.headers.get("x-ms-blob-content-disposition"),
            cache_control=self.headers.get("x-ms-blob-cache-control"),
            content_md5=self.headers.get("x-ms-blob-content-md5", md5),
        )


Operation = Callable[[_Call], Awaitable[Response]]


class _BlobService:
    def __init__(self, store: BlobStore, key: bytes, clock: Clock, throttle: Throttle | None) -> None:
        self._store = store
        self._key = key
        self._clock = clock
        self._uploads = Uploads(store, throttle)

    async def handle(self, request: Request) -> Response:
        call = _Call(request)
        request_id = str(uuid.uuid4())
        try:
            operation, permissions = self._operation(request.method, call)
            self._authorize(call, permissions)
            response = await operation(call)
        except StorageError as error:
            response = self._refuse(error, call, request_id)
        response.headers["Server"] = "Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0"
        response.headers["x-ms-request-id"] = request_id
        response.headers["x-ms-version"] = call.headers.get("x-ms-version", DEFAULT_VERSION)
        if "x-ms-client-request-id" in call.headers:
            response.headers["x-ms-client-request-id"] = call.headers["x-ms-client-request-id"]
        return response

    def _operation(self, method: str, call: _Call) -> tuple[Operation, str]:
        """What a request wants, and the permissions of which it needs one."""
        operations: Mapping[tuple[str, str], tuple[Operation, str]] = {
            ("GET", ""): (self._get, "r"),
            ("HEAD", ""): (self._head, "r"),
            ("GET", "metadata"): (self._get_metadata, "r"),
            ("HEAD", "metadata"): (self._get_metadata, "r"),
            ("GET", "blocklist"): (self._get_block_list, "r"),
            ("PUT", ""): (self._put, "cw"),
            ("PUT", "block"): (self._put_block, "w"),
            ("PUT", "blocklist"): (self._put_block_list, "w"),
            ("PUT", "appendblock"): (self._append_block, "aw"),
            ("PUT", "metadata"): (self._set_metadata, "w"),
            ("DELETE", ""): (self._delete, "d"),
        }
        if method not in METHODS:
            raise UnsupportedHttpVerbError
        if (method, call.component) not in operations:
            raise InvalidQueryParameterValueError
        return operations[method, call.component]

    def _authorize(self, call: _Call, permissions: str) -> None:
        try:
            sas.verify(call.name, call.query, permissions, self._key, self._clock.now())
        except sas.AuthenticationFailedError as error:
            raise AuthenticationRefusedError(error.code, AUTHENTICATION_FAILED) from error
        except sas.SasError as error:
            raise AuthenticationRefusedError(error.code, str(error)) from error

    def _refuse(self, error: StorageError, call: _Call, request_id: str) -> Response:
        headers = {"x-ms-error-code": error.code}
        if isinstance(error, InvalidRangeError):
            headers["Content-Range"] = f"bytes */{self._store.properties(call.name).size}"
        if error.status == 304:
            return Response(status_code=304, headers=headers)
        body = render_error(error.code, error.message, request_id, self._clock.now())
        return Response(body, error.status, headers, media_type="application/xml")

    async def _head(self, call: _Call) -> Response:
        properties = self._store.properties(call.name)
        check_read_conditions(call.headers, properties)
        response = Response()
        add_headers(response, whole_headers(properties))
        response.headers["Content-Length"] = str(properties.size)
        return response

    async def _get(self, call: _Call) -> Response:
        snapshot = self._store.snapshot(call.name)
        properties = snapshot.properties
        check_read_conditions(call.headers, properties)
        part = parse_range(call.headers.get("x-ms-range") or call.headers.get("range"), properties.size)
        if part is None:
            check_no_range_checksum(call.headers)
            return stream(snapshot, 0, properties.size, 200, whole_headers(properties))
        start, end = part
        headers = [*property_headers(properties), ("Content-Range", f"bytes {start}-{end - 1}/{properties.size}")]
        headers += range_checksum(call.headers, snapshot, start, end)
        if properties.settings.content_md5:
            headers.append(("x-ms-blob-content-md5", properties.settings.content_md5))
        return stream(snapshot, start, end, 206, headers)

    async def _get_metadata(self, call: _Call) -> Response:
        properties = self._store.properties(call.name)
        check_read_conditions(call.headers, properties)
        response = Response()
        add_headers(response, modification_headers(properties) + metadata_headers(properties))
        return response

    async def _get_block_list(self, call: _Call) -> Response:
        committed, uncommitted = self._store.block_lists(call.name)
        wanted = call.query.get("blocklisttype", "committed").lower()
        if wanted not in ("committed", "uncommitted", "all"):
            raise InvalidQueryParameterValueError
        body = render_block_lists(
            committed if wanted in ("committed", "all") else None,
            uncommitted if wanted in ("uncommitted", "all") else None,
        )
        response = Response(body, media_type="application/xml")
        if self._store.exists(call.name):
            properties = self._store.properties(call.name)
            add_headers(response, modification_headers(properties))
            response.headers["x-ms-blob-content-length"] = str(properties.size)
        return response

    async def _put(self, call: _Call) -> Response:
        blob_type = call.headers.get("x-ms-blob-type")
        if blob_type is None:
            raise MissingRequiredHeaderError
        self._check_write(call)
        content_type = call.headers.get("content-type", "application/octet-stream")
        if blob_type == "AppendBlob":
            if call.headers.get("content-length", "0") != "0":
                raise InvalidHeaderValueError
            properties = self._store.create_append_blob(call.name, call.settings(content_type), call.metadata)
            return written(properties)
        if blob_type != "BlockBlob":
            raise InvalidHeaderValueError
        upload = await self._uploads.receive(call.request, MAX_BLOB_BYTES)
        settings = call.settings(content_type, upload.md5)
        properties = self._store.put_block_blob(call.name, upload.chunk, settings, call.metadata)
        return written(properties, {**upload.headers, "Content-MD5": upload.md5})

    async def _put_block(self, call: _Call) -> Response:
        block_id = call.query.get("blockid", "")
        check_block_id(block_id)
        upload = await self._uploads.receive(call.request, MAX_BLOCK_BYTES)
        if not upload.chunk.size:
            # An empty block is refused; the code is that of a Content-Length of 0 (assumed).
            raise InvalidHeaderValueError
        self._store.stage_block(call.name, Block(block_id, upload.chunk))
        return Response(status_code=201, headers={**upload.headers, "x-ms-request-server-encrypted": "true"})

    async def _put_block_list(self, call: _Call) -> Response:
        upload = await self._uploads.receive(call.request, MAX_BLOCK_LIST_BYTES)
        lookups = parse_block_list(upload.chunk.read(0, upload.chunk.size))
        self._check_write(call)
        settings = call.settings("application/octet-stream")
        properties = self._store.commit_blocks(call.name, lookups, settings, call.metadata)
        return written(properties, upload.headers)

    async def _append_block(self, call: _Call) -> Response:
        upload = await self._uploads.receive(call.request, MAX_APPEND_BYTES)
        if not upload.chunk.size:
            raise InvalidHeaderValueError
        self._check_write(call)
        offset = self._store.properties(call.name).size
        properties = self._store.append(
            call.name,
            upload.chunk,
            position=_number(call, "x-ms-blob-condition-appendpos"),
            max_size=_number(call, "x-ms-blob-condition-maxsize"),
        )
        response = written(properties, upload.headers)
        response.headers["x-ms-blob-append-offset"] = str(offset)
        response.headers["x-ms-blob-committed-block-count"] = str(properties.committed_blocks)
        return response

    async def _set_metadata(self, call: _Call) -> Response:
        self._check_write(call)
        properties = self._store.set_metadata(call.name, call.metadata)
        response = written(properties)
        response.status_code = 200
        return response

    async def _delete(self, call: _Call) -> Response:
        self._check_write(call)
        self._store.delete(call.name)
        return Response(status_code=202, headers={"x-ms-delete-type-permanent": "true"})

    def _check_write(self, call: _Call) -> None:
        try:
            properties = self._store.properties(call.name)
        except BlobNotFoundError:
            check_write_conditions(call.headers, None)
        else:
            check_write_conditions(call.headers, properties)


def _number(call: _Call, header: str) -> int | None:
    value = call.headers.get(header)
    if value is None:
        return None
    if not NUMBER.fullmatch(value):
        raise InvalidHeaderValueError
    return int(value)
