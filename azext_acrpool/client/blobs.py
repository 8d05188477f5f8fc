"""Reading over plain HTTP: blobs through signed URLs (the log of a run, or the artifact that holds it), and whether a
file of the web is there.

A signed URL is a secret: no error raised here names one, and no debug log shows one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from ..web import hide_secret_urls, parse_retry_after
from .errors import (
    AcrError,
    ConnectionLostError,
    ForbiddenError,
    NotFoundError,
    ServiceFailureError,
    ThrottledError,
)

if TYPE_CHECKING:
    import requests

__all__ = ["BlobPart", "BlobReader", "head_status"]

_CONTENT_RANGE: Final = re.compile(r"bytes (?:(\d+)-\d+|\*)/(\d+)")
_PIECE: Final = 256 * 1024
# Seconds to wait for a connection, and for each piece of a reply.
_TIMEOUTS: Final = (10.0, 30.0)
_HEAD_TIMEOUTS: Final = (5.0, 10.0)
_ERRORS: Final[dict[int, type[AcrError]]] = {
    401: ForbiddenError,
    403: ForbiddenError,
    404: NotFoundError,
    429: ThrottledError,
}


@dataclass(frozen=True)
class BlobPart:
    """What one look at a blob gave: the bytes from the offset on, the whole size and whether it is marked complete.

    `size` is None when the service did not say it; `complete` is False when it was not said.
    """

    data: bytes = b""
    size: int | None = None
    complete: bool = False


class BlobReader:
    """Reads blobs over one connection that is kept open.

    Every method raises NotFoundError, ForbiddenError, ThrottledError, ServiceFailureError or ConnectionLostError, none
    of which holds the URL. Nothing is retried: the caller knows better when to look again.
    """

    def __init__(self, session: requests.Session | None = None, *, verify: bool = True) -> None:
        """`verify=False` switches certificate checks off; `session` is for tests and special transports."""
        import requests

        hide_secret_urls()
        self._session = session or requests.Session()
        self._session.headers["Accept-Encoding"] = "identity"
        self._session.verify = verify
        # The URL is the credential: requests would otherwise add one from ~/.netrc.
        self._session.auth = _no_credentials

    def properties(self, url: str) -> BlobPart:
        """Size and completion mark, without content."""
        with self._send("HEAD", url) as response:
            _drain(response)
            length = response.headers.get("Content-Length", "")
            return BlobPart(size=int(length) if length.isdigit() else None, complete=_is_complete(response))

    def read(self, url: str, offset: int, length: int) -> BlobPart:
        """Up to `length` bytes from `offset` (bytes) on.

        Fewer come back when the blob ends or the connection breaks; none when the blob has no more.
        """
        wanted = {"Range": f"bytes={offset}-{offset + length - 1}"}
        with self._send("GET", url, wanted, accept=(416,)) as response:
            start, size = _content_range(response)
            if response.status_code == 416:
                _drain(response)
                return BlobPart(size=size)
            if response.status_code == 206 and start != offset:
                raise ServiceFailureError("The service returned another part of the log than was asked for.")
            if response.status_code == 200:
                start, declared = 0, response.headers.get("Content-Length", "")
                size = int(declared) if declared.isdigit() else None
            data = self._body(response, skip=offset - (start or 0), limit=length)
            return BlobPart(data, size, _is_complete(response))

    def stream(self, url: str) -> Iterator[bytes]:
        """The whole blob, in pieces as they come in."""
        with self._send("GET", url) as response:
            yield from _pieces(response)

    def _body(self, response: requests.Response, *, skip: int, limit: int) -> bytes:
        """The body from `skip` on; what came before the connection broke is kept and counts."""
        received = bytearray()
        try:
            for piece in _pieces(response):
                received += piece[skip:]
                skip = max(0, skip - len(piece))
                if len(received) > limit:
                    break
        except ConnectionLostError:
            if not received:
                raise
        return bytes(received[:limit])

    def _send(
        self, method: str, url: str, headers: dict[str, str] | None = None, accept: tuple[int, ...] = ()
    ) -> requests.Response:
        import requests

        try:
            response = self._session.request(
                method, url, headers=headers, stream=True, timeout=_TIMEOUTS, allow_redirects=False
            )
        except requests.RequestException as error:
            # The text of the original error holds the URL with its signature.
            raise ConnectionLostError(f"No answer from {_host(url)} ({type(error).__name__}).") from None
        if response.status_code in (200, 206) or response.status_code in accept:
            return response
        _drain(response)
        response.close()
        raise _error(response, _host(url))


def head_status(url: str, *, verify: bool = True) -> int | None:
    """The HTTP status that a HEAD request for `url` gets, without following redirects; None without an answer.

    `verify=False` switches certificate checks off.
    """
    import requests

    hide_secret_urls()
    try:
        with requests.head(url, timeout=_HEAD_TIMEOUTS, verify=verify) as response:
            return response.status_code
    except (requests.RequestException, UnicodeError):
        # UnicodeError: a host name that IDNA cannot encode.
        return None


def _drain(response: requests.Response) -> None:
    """Read a body that nobody needs, without which the connection could not be used again."""
    with suppress(OSError, ValueError):
        is_bodiless = response.request.method == "HEAD"
        if is_bodiless or int(response.headers.get("Content-Length", "0")) <= _PIECE:
            _ = response.content


def _pieces(response: requests.Response) -> Iterator[bytes]:
    """The body as it comes in, so that a connection that breaks costs nothing of what came before."""
    from urllib3.exceptions import HTTPError

    # Before urllib3 2.1 there is no read1.
    read = getattr(response.raw, "read1", None)
    pieces = response.iter_content(_PIECE) if read is None else iter(lambda: read(_PIECE), b"")
    try:
        yield from pieces
    except (HTTPError, OSError):
        raise ConnectionLostError(f"The connection to {_host(response.url)} was lost.") from None


def _no_credentials(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _error(response: requests.Response, host: str) -> AcrError:
    status, code = response.status_code, response.headers.get("x-ms-error-code", "")
    kind = _ERRORS.get(status, ServiceFailureError)
    return kind(
        f"{host} answered with HTTP status {status}{f' ({code})' if code else ''}.",
        code=code,
        status=status,
        retry_after=parse_retry_after(response.headers),
    )


def _is_complete(response: requests.Response) -> bool:
    return any(name.lower() == "x-ms-meta-complete" for name in response.headers)


def _content_range(response: requests.Response) -> tuple[int | None, int | None]:
    match = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if not match:
        return None, None
    return (int(match[1]) if match[1] else None), int(match[2])


def _host(url: str) -> str:
    return urlsplit(url).hostname or "the storage account"
