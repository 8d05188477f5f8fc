"""Bodies of requests, streamed into the store and checked on their way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass

from starlette.requests import Request

from .checksums import CRC64_BYTES, MD5_BYTES, Checksums, decoded
from .content import Chunk, StorageFullError
from .errors import (
    Crc64MismatchError,
    InvalidHeaderValueError,
    InvalidMd5Error,
    Md5MismatchError,
    RequestBodyTooLargeError,
)
from .store import BlobStore

__all__ = ["Throttle", "Upload", "Uploads"]

Throttle = Callable[[int], Awaitable[None]]
"""Awaited with the size in bytes of each received chunk before the next one is read: a limit on bandwidth."""

MD5_HEADER = "content-md5"
CRC64_HEADER = "x-ms-content-crc64"


@dataclass(frozen=True)
class Upload:
    """A body that has come in, and its checksums in base64. `md5_was_sent`: whether the client sent one to check."""

    chunk: Chunk
    md5: str
    crc64: str
    md5_was_sent: bool

    @property
    def headers(self) -> dict[str, str]:
        """What a reply says of it: the MD5 if the client sent one, else the CRC64 (since version 2019-02-02)."""
        return {"Content-MD5": self.md5} if self.md5_was_sent else {CRC64_HEADER: self.crc64}


class Uploads:
    """Receives bodies into `store`."""

    def __init__(self, store: BlobStore, throttle: Throttle | None) -> None:
        self._store = store
        self._throttle = throttle

    async def receive(self, request: Request, limit: int) -> Upload:
        """The body, unless it has more than `limit` bytes or another checksum than the request says.

        Raises a StorageError. A Content-Length that is too large is refused before anything is read.
        """
        length = request.headers.get("content-length", "0")
        if length.isdecimal() and int(length[:20]) > limit:
            raise RequestBodyTooLargeError
        _check_forms(request.headers)
        writer = self._store.writer()
        sums = Checksums()
        try:
            async with aclosing(request.stream()) as pieces:
                async for piece in pieces:
                    if writer.size + len(piece) > limit:
                        raise RequestBodyTooLargeError
                    writer.write(piece)
                    sums.add(piece)
                    if piece and self._throttle is not None:
                        await self._throttle(len(piece))
            _check_sums(request.headers, sums)
            chunk = writer.finish()
        except StorageFullError as error:
            writer.discard()
            raise RequestBodyTooLargeError(str(error)) from error
        except BaseException:
            writer.discard()
            raise
        return Upload(chunk, sums.md5, sums.crc64, md5_was_sent=MD5_HEADER in request.headers)


def _check_forms(headers: Mapping[str, str]) -> None:
    """Both checksums at once are refused, as documented; which error that is, is assumed."""
    if MD5_HEADER in headers and CRC64_HEADER in headers:
        raise InvalidHeaderValueError
    if decoded(headers.get(MD5_HEADER, "A" * 22 + "=="), MD5_BYTES) is None:
        raise InvalidMd5Error
    if decoded(headers.get(CRC64_HEADER, "A" * 11 + "="), CRC64_BYTES) is None:
        raise InvalidHeaderValueError


def _check_sums(headers: Mapping[str, str], sums: Checksums) -> None:
    if headers.get(MD5_HEADER, sums.md5) != sums.md5:
        raise Md5MismatchError
    if headers.get(CRC64_HEADER, sums.crc64) != sums.crc64:
        raise Crc64MismatchError
