"""sprig's encodings and checksums."""

from __future__ import annotations

import base64
import hashlib
import zlib

from ..encodings import decode_base32, decode_base64
from ..errors import GoError
from ..template import Function, function
from ..text import from_bytes, to_bytes
from ..types import STRING

__all__ = ["FUNCTIONS"]


def _decoded(text: str, is_base64: bool) -> str:
    """The decoded text; what cannot be decoded gives the error's text in its place."""
    try:
        return from_bytes(decode_base64(text) if is_base64 else decode_base32(text))
    except GoError as error:
        return str(error)


def _sha1(text: str) -> str:
    return hashlib.sha1(to_bytes(text), usedforsecurity=False).hexdigest()


FUNCTIONS: tuple[Function, ...] = (
    function("b64enc", lambda text: base64.b64encode(to_bytes(text)).decode(), STRING),
    function("b64dec", lambda text: _decoded(text, is_base64=True), STRING),
    function("b32enc", lambda text: base64.b32encode(to_bytes(text)).decode(), STRING),
    function("b32dec", lambda text: _decoded(text, is_base64=False), STRING),
    function("sha1sum", _sha1, STRING),
    function("sha256sum", lambda text: hashlib.sha256(to_bytes(text)).hexdigest(), STRING),
    function("adler32sum", lambda text: str(zlib.adler32(to_bytes(text))), STRING),
)
