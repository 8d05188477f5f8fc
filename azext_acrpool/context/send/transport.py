"""HTTP for the upload: PUT requests through `requests`, with the same proxies and certificates as the rest of az.

Upload URLs hold a credential in their query, which must not get into logs or errors. `requests` puts URLs into the text
of its exceptions: neither the text nor the exception is passed on.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

from ...web import parse_retry_after

if TYPE_CHECKING:
    from ...client.http import BlobSession, Timeouts

__all__ = ["Body", "Reply", "RequestsTransport", "Transport", "TransportError"]

_CONNECT_SECONDS = 20
# On a slower line a block would take longer than its URL is good for.
_SLOWEST_BYTES_PER_SECOND = 1024


class Body(Protocol):
    """What is sent: pieces of bytes, and their sum. May be iterated again for another try.

    `patience` is how many seconds the reply may take, and each piece to be sent.
    """

    @property
    def patience(self) -> float: ...

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[bytes]: ...


@dataclass(frozen=True)
class Reply:
    """The answer to a request.

    `error_code` is `x-ms-error-code`, "" when it was not sent; `retry_after` is in seconds, None when it was not sent.
    """

    status: int
    error_code: str = ""
    retry_after: float | None = None

    def __str__(self) -> str:
        """For a message: `HTTP 403 (AuthenticationFailed)`."""
        return f"HTTP {self.status}{f' ({self.error_code})' if self.error_code else ''}"


class TransportError(Exception):
    """No answer. `str()` is a reason without the URL.

    `transient`: another try may succeed. `timed_out`: the other side may only be slow.
    """

    def __init__(self, reason: str, *, transient: bool = True, timed_out: bool = False) -> None:
        self.transient = transient
        self.timed_out = timed_out
        super().__init__(reason)


class Transport(Protocol):
    """Sends PUT requests. Called from several threads at a time."""

    def put(self, url: str, headers: Mapping[str, str], body: Body) -> Reply:
        """Send one; raises TransportError when there was no answer, ForeignHostError when it may not be sent there."""


class RequestsTransport(AbstractContextManager["RequestsTransport"]):
    """`Transport` by `requests`: a connection for each thread, kept open; no redirects, no credentials from files.

    Its `with` block closes the connections at its end.
    """

    def __init__(self, *, verify: bool = True) -> None:
        """`verify` False accepts any certificate (`AZURE_CLI_DISABLE_CONNECTION_VERIFICATION`)."""
        self._verify = verify
        self._local = threading.local()
        self._sessions: list[BlobSession] = []

    def __enter__(self) -> RequestsTransport:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for session in self._sessions:
            session.close()

    def put(self, url: str, headers: Mapping[str, str], body: Body) -> Reply:
        from ...client.http import UNANSWERED

        try:
            with self._session().ask("PUT", url, _timeouts(body), headers=headers, data=body) as answer:
                answer.drain()
                return Reply(answer.status, answer.error_code, parse_retry_after(answer.headers))
        except UNANSWERED as error:
            # "from None": the text of the exception holds the URL.
            raise _without_url(error, body.patience) from None

    def _session(self) -> BlobSession:
        session: BlobSession | None = getattr(self._local, "session", None)
        if session is None:
            from ...client.http import BlobSession

            session = BlobSession(verify=self._verify)
            self._local.session = session
            self._sessions.append(session)
        return session


def _timeouts(body: Body) -> Timeouts:
    from ...client.http import Timeouts

    return Timeouts(_CONNECT_SECONDS, body.patience, body.patience + len(body) / _SLOWEST_BYTES_PER_SECOND)


def _without_url(error: Exception, patience: float) -> TransportError:
    from requests import exceptions as http

    if isinstance(error, http.ProxyError):
        return TransportError("the proxy did not let the connection through")
    if isinstance(error, http.SSLError):
        return TransportError("the TLS handshake failed (is a proxy's certificate missing?)", transient=False)
    if isinstance(error, http.ConnectTimeout):
        return TransportError(f"no connection within {_CONNECT_SECONDS} seconds")
    if isinstance(error, (http.Timeout, TimeoutError)):
        return TransportError(f"no answer for {patience:.0f} seconds", timed_out=True)
    return TransportError("the connection could not be made, or was lost")
