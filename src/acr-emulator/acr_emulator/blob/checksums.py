"""Checksums of content, as requests and replies of the Blob service carry them."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable

from anycrc import CRC

__all__ = ["Checksums", "decoded"]

MD5_BYTES = 16
CRC64_BYTES = 8

# Azure's polynomial 0x9A6C9329AC4BC9B5 is this one, read from its other end (the SDKs, "StorageCrc64").
_CRC64 = CRC(
    width=64, poly=0xAD93D23594C93659, init=0xFFFFFFFFFFFFFFFF, refin=True, refout=True, xorout=0xFFFFFFFFFFFFFFFF
)


class Checksums:
    """MD5 and CRC64 of all that is added."""

    def __init__(self, pieces: Iterable[bytes] = ()) -> None:
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._crc64: int = _CRC64.calc(b"")
        for piece in pieces:
            self.add(piece)

    def add(self, piece: bytes) -> None:
        """Take more bytes in."""
        self._md5.update(piece)
        self._crc64 = _CRC64.calc(piece, self._crc64)

    @property
    def md5(self) -> str:
        """Base64, as in Content-MD5."""
        return base64.b64encode(self._md5.digest()).decode()

    @property
    def crc64(self) -> str:
        """Base64 of the lowest byte first, as in x-ms-content-crc64."""
        return base64.b64encode(self._crc64.to_bytes(CRC64_BYTES, "little")).decode()


def decoded(text: str, size: int) -> bytes | None:
    """The bytes that a checksum's base64 stands for; None unless there are `size` of them."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return content if len(content) == size else None
