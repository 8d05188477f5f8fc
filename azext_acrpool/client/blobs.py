"""Reading what is not ARM's: blobs through signed URLs (the log of a run, or the artifact that holds it), and whether a
file of the web is there.

A signed URL is a secret: no error raised here names one, and no debug log shows one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..hosts import named_host
from ..web import parse_retry_after
from .errors import (
    AcrError,
    ConnectionLostError,
    ForbiddenError,
    InvalidReplyError,
    NotFoundError,
    ServiceFailureError,
    ThrottledError,
)

if TYPE_CHECKING:
    from .http import Answer, BlobSession, HttpSession

__all__ = ["BlobPart", "BlobReader", "head_status"]

# RFC 9110, section 14.4. No blob's size has more digits.
_CONTENT_RANGE: Final = re.compile(r"bytes (?:([0-9]{1,15})-[0-9]{1,15}|\*)/(?:([0-9]{1,15})|\*)")
_SIZE: Final = re.compile(r"[0-9]{1,15}")
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
    """Reads blobs over one connection that is kept open. Each request ends within half a minute.

    Every method raises ForeignHostError for a URL to which nothing may be sent, NotFoundError, ForbiddenError,
    ThrottledError, ServiceFailureError, InvalidReplyError or ConnectionLostError; none holds the URL. Nothing is
    retried: the caller knows better when to look again.
    """

    def __init__(self, session: BlobSession | None = None, *, verify: bool = True) -> None:
        """`verify=False` switches certificate checks off; `session` is for tests and special transports."""
        from .http import BlobSession, Timeouts

        self._session = session or BlobSession(verify=verify)
        self._timeouts = Timeouts(connect=10.0, silence=15.0, total=30.0)

    def properties(self, url: str) -> BlobPart:
        """Size and completion mark, without content."""
        with self._answered("HEAD", url) as answer:
            answer.drain()
            return BlobPart(size=_declared_size(answer), complete=_is_complete(answer))

    def read(self, url: str, offset: int, length: int) -> BlobPart:
        """Up to `length` bytes from `offset` (bytes) on.

        Fewer come back when the blob ends, or the connection breaks or is too slow; none when the blob has no more.
        """
        wanted = {"Range": f"bytes={offset}-{offset + length - 1}"}
        with self._answered("GET", url, wanted, accept=(416,)) as answer:
            start, size = _content_range(answer)
            if answer.status == 416:
                answer.drain()
                return BlobPart(size=size)
            _require_uncompressed(answer)
            if answer.status == 206 and start != offset:
                raise ServiceFailureError("The service returned another part of the log than was asked for.")
            if answer.status == 200:
                start, size = 0, _declared_size(answer)
            data = _body(answer, skip=offset - (start or 0), limit=length)
            return BlobPart(data, size, _is_complete(answer))

    def stream(self, url: str) -> Iterator[bytes]:
        """The whole blob, in pieces as they come in. How long the caller is busy with one does not matter."""
        with self._answered("GET", url) as answer:
            _require_uncompressed(answer)
            yield from answer.pieces_at_leisure()

    @contextmanager
    def _answered(
        self, method: str, url: str, headers: dict[str, str] | None = None, accept: tuple[int, ...] = ()
    ) -> Iterator[Answer]:
        from .http import UNANSWERED

        answered = False
        try:
            with self._session.ask(method, url, self._timeouts, headers=headers) as answer:
                answered = True
                if answer.status not in (200, 206, *accept):
                    answer.drain()
                    raise _error(answer, named_host(url))
                yield answer
        except UNANSWERED as error:
            # The text of the original error holds the URL with its signature.
            if answered:
                raise ConnectionLostError(f"The connection to {named_host(url)} was lost.") from None
            raise ConnectionLostError(f"No answer from {named_host(url)} ({type(error).__name__}).") from None


def head_status(url: str, *, verify: bool = True) -> int | None:
    """The HTTP status with which `url` is there or not, without following redirects; None without an answer.

    HEAD is asked first. What refuses that may yet be read, as what is signed for reading alone is: then the status is
    that of a GET for the first byte.

    The URL is the user's own: it may lead anywhere that this machine reaches, and a name and password in it are sent
    to its host. `verify=False` switches certificate checks off. Ends within half a minute.
    """
    from .http import HttpSession

    with HttpSession(verify=verify) as session:
        status = _status(session, "HEAD", url)
        return status if status is None or status < 400 else _status(session, "GET", url)


def _status(session: HttpSession, method: str, url: str) -> int | None:
    from .http import UNANSWERED, Timeouts

    limits = Timeouts(connect=5.0, silence=10.0, total=15.0)
    try:
        with session.ask(method, url, limits, headers={"Range": "bytes=0-0"} if method == "GET" else None) as answer:
            return answer.status
    except UNANSWERED:
        return None


def _body(answer: Answer, *, skip: int, limit: int) -> bytes:
    """The body from `skip` on; what came before the connection broke is kept and counts."""
    from .http import UNANSWERED

    received = bytearray()
    try:
        for piece in answer.pieces():
            received += piece[skip:]
            skip = max(0, skip - len(piece))
            if len(received) > limit:
                break
    except UNANSWERED:
        if not received:
            raise
    return bytes(received[:limit])


def _require_uncompressed(answer: Answer) -> None:
    """A part of a compressed blob cannot be unpacked, and what a small reply unpacks to has no bounds."""
    encoding = answer.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise InvalidReplyError("The log came compressed, which was not asked for.")


def _error(answer: Answer, host: str) -> AcrError:
    status, code = answer.status, answer.error_code
    kind = _ERRORS.get(status, ServiceFailureError)
    return kind(
        f"{host} answered with HTTP status {status}{f' ({code})' if code else ''}.",
        code=code,
        status=status,
        retry_after=parse_retry_after(answer.headers),
    )


def _is_complete(answer: Answer) -> bool:
    return "x-ms-meta-complete" in answer.headers


def _declared_size(answer: Answer) -> int | None:
    declared = answer.headers.get("Content-Length", "")
    return int(declared) if _SIZE.fullmatch(declared) else None


def _content_range(answer: Answer) -> tuple[int | None, int | None]:
    match = _CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range", ""))
    if not match:
        return None, None
    return (int(match[1]) if match[1] else None), (int(match[2]) if match[2] else None)
