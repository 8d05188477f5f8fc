"""Checksums of a part of a blob, for whoever asks for them beside the range (the REST reference, "Get Blob")."""

from __future__ import annotations

from collections.abc import Mapping

from .checksums import Checksums
from .errors import InvalidHeaderValueError
from .model import Snapshot

__all__ = ["check_no_range_checksum", "range_checksum"]

LARGEST_CHECKED_RANGE = 4 * 1024 * 1024
WANT_MD5 = "x-ms-range-get-content-md5"
WANT_CRC64 = "x-ms-range-get-content-crc64"


def check_no_range_checksum(headers: Mapping[str, str]) -> None:
    """Refuse to give the checksum of a range where none is asked for. Raises InvalidHeaderValueError (code assumed)."""
    if _wanted(headers):
        raise InvalidHeaderValueError


def range_checksum(headers: Mapping[str, str], snapshot: Snapshot, start: int, end: int) -> list[tuple[str, str]]:
    """The header with the checksum that is asked for, of the bytes from `start` up to `end`; none if none is.

    Raises InvalidHeaderValueError (code assumed) for both checksums at once, and for more than 4 MiB.
    """
    wanted = _wanted(headers)
    if not wanted:
        return []
    if len(wanted) > 1 or end - start > LARGEST_CHECKED_RANGE:
        raise InvalidHeaderValueError
    sums = Checksums(snapshot.read(start, end))
    return [("Content-MD5", sums.md5)] if wanted == [WANT_MD5] else [("x-ms-content-crc64", sums.crc64)]


def _wanted(headers: Mapping[str, str]) -> list[str]:
    return [name for name in (WANT_MD5, WANT_CRC64) if headers.get(name, "").lower() == "true"]
