"""HTTP by `requests`, with az's proxies and certificates, but without what `requests` does of its own accord.

No redirect is followed or looked at, no credential is added from ~/.netrc, no body is read or unpacked unasked, and
every request has an end, however slowly its reply drips in. Import it where it is used: `requests` takes long to load.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, Protocol

import requests
from requests.adapters import HTTPAdapter
from requests.auth import HTTPBasicAuth
from requests.utils import get_auth_from_url
from urllib3 import PoolManager
from urllib3.exceptions import HTTPError

from ..hosts import blob_url_objection, is_loopback, named_host, peer_objection, read_origin
from ..web import hide_secret_urls
from .errors import ForeignHostError

__all__ = ["UNANSWERED", "Answer", "BlobSession", "HttpSession", "Timeouts", "Timer"]

# All that a request raises that gets no usable answer. urllib3's own errors come out of `requests` for host names that
# cannot be encoded, ValueErrors for parts of URLs and headers that cannot be read, OSErrors for missing certificates.
UNANSWERED: Final = (OSError, HTTPError, ValueError)

_ERROR_CODE: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_PIECE_BYTES: Final = 256 * 1024
# What is read of a body that nobody wants, so that its connection can be used again.
_MOST_DRAINED: Final = 64 * 1024


@dataclass(frozen=True)
class Timeouts:
    """Seconds: for a connection, between two pieces of a reply, and for the request as a whole.

    Looking up the host's name comes on top, with the system's own time limit.
    """

    connect: float
    silence: float
    total: float


class Timer(Protocol):
    """Calls a function after some seconds, unless it is cancelled before (threading.Timer)."""

    daemon: bool

    def start(self) -> None:
        """Begin to count."""

    def cancel(self) -> None:
        """Call nothing."""


StartTimer = Callable[[float, Callable[[], None]], Timer]


class Answer:
    """A reply whose body is still to be read."""

    def __init__(self, response: requests.Response, watchdog: _Watchdog) -> None:
        self._response = response
        self._watchdog = watchdog

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self._response.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, whose names are looked up in any case."""
        return self._response.headers

    @property
    def error_code(self) -> str:
        """What a storage account calls its refusal, "" if it does not say: a short word, whatever was sent."""
        code = self.headers.get("x-ms-error-code", "")
        return code if _ERROR_CODE.fullmatch(code) else ""

    def pieces(self) -> Iterator[bytes]:
        """The body as it comes in and as it was sent: nothing is unpacked. Raises what UNANSWERED names."""
        raw = self._response.raw
        # Before urllib3 2.1 there is no read1, and a piece is there only when it is full.
        read = getattr(raw, "read1", None)
        if read is None:
            yield from raw.stream(_PIECE_BYTES, decode_content=False)
        else:
            # It unpacks nothing either: `requests` has urllib3 leave that to itself.
            yield from iter(lambda: read(_PIECE_BYTES), b"")
        # A body of unknown length ends with its connection, so that one that was broken off looks whole.
        self._watchdog.check()

    def pieces_at_leisure(self) -> Iterator[bytes]:
        """As `pieces`, but the request's time counts for each piece anew, and not while the caller is busy with one."""
        for piece in self.pieces():
            self._watchdog.stop()
            yield piece
            self._watchdog.start()

    def drain(self) -> None:
        """Read a body that nobody wants, if it is short, so that the connection can be used again."""
        left = _MOST_DRAINED
        with suppress(*UNANSWERED):
            for piece in self.pieces():
                left -= len(piece)
                if left < 0:
                    break


class HttpSession(requests.Session):
    """Connections that are kept open, for one thread at a time."""

    def __init__(self, *, verify: bool = True, start_timer: StartTimer = threading.Timer) -> None:
        """`verify=False` accepts any certificate. `start_timer` is what ends a request that takes too long."""
        hide_secret_urls()
        super().__init__()
        self.verify = verify
        self.auth = _credentials_in_the_url
        self.headers["Accept-Encoding"] = "identity"
        self._start_timer = start_timer
        self._watchdog: _Watchdog | None = None
        for scheme in ("https", "http"):
            self.mount(f"{scheme}://", _Adapter(self._before_sending))

    @contextmanager
    def ask(
        self, method: str, url: str, timeouts: Timeouts, *, headers: Mapping[str, str] | None = None, data: Any = None
    ) -> Iterator[Answer]:
        """Send one request. What it is answered is there for a `with` block, at whose end the time is up.

        `data` is the body to send: bytes, or what has a length and iterates over bytes. Raises what UNANSWERED names.
        """
        self._check_url(url)
        watchdog = self._watchdog = _Watchdog(timeouts.total, self._start_timer)
        watchdog.start()
        try:
            with self.request(
                method,
                url,
                headers=headers,
                data=data,
                proxies=_proxies(url),
                timeout=(timeouts.connect, timeouts.silence),
                allow_redirects=False,
                stream=True,
                # Only here it counts for more than REQUESTS_CA_BUNDLE.
                verify=self.verify,
            ) as response:
                yield Answer(response, watchdog)
        finally:
            watchdog.stop()

    def get_redirect_target(self, resp: requests.Response) -> None:
        """No reply leads anywhere: `requests` reads redirects, and their bodies, even where it is not to follow."""

    def _before_sending(self, connection: Any, scheme: str, *, is_direct: bool) -> None:
        """Each time when there is a connection, and nothing of the request was sent."""
        if is_direct:
            self._check_peer(connection, scheme)
        if self._watchdog is not None:
            self._watchdog.watch(connection)

    def _check_url(self, url: str) -> None:
        """Any URL will do."""

    def _check_peer(self, connection: Any, scheme: str) -> None:
        """Any address will do."""


class BlobSession(HttpSession):
    """To signed URLs that a service gave. Where nothing may be sent, nothing is: ForeignHostError is raised."""

    def _check_url(self, url: str) -> None:
        objection = blob_url_objection(url)
        if objection:
            raise ForeignHostError(named_host(url), objection)

    def _check_peer(self, connection: Any, scheme: str) -> None:
        # The address at the other end, and not what the name is resolved to: that may change from one look to the next.
        peer = getattr(connection.sock, "getpeername", None)
        objection = peer and peer_objection(scheme, peer()[0])
        if objection:
            raise ForeignHostError(connection.host, objection)


class _Watchdog:
    """Ends one request when its time is up: its connection is broken off, which ends all waiting for it."""

    def __init__(self, seconds: float, start_timer: StartTimer) -> None:
        self._seconds = seconds
        self._start_timer = start_timer
        self._timer: Timer | None = None
        self._lock = threading.Lock()
        self._connection: Any = None
        self._passed = False

    def start(self) -> None:
        """From now on the time counts, from its beginning."""
        timer = self._start_timer(self._seconds, lambda: self._break_off(timer))
        timer.daemon = True
        self._timer = timer
        timer.start()

    def stop(self) -> None:
        """Time does not count any more."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = None

    def watch(self, connection: Any) -> None:
        """What is to be broken off (an http.client.HTTPConnection). Raises TimeoutError when the time is up already."""
        with self._lock:
            self._connection = connection
        self.check()

    def check(self) -> None:
        """Raises TimeoutError when the time is up."""
        if self._passed:
            raise TimeoutError(f"The request took longer than {self._seconds:.0f} s.")

    def _break_off(self, timer: Timer) -> None:
        with self._lock:
            if timer is not self._timer:
                return
            self._passed = True
            connected = getattr(self._connection, "sock", None)
            if connected is None:
                return
            # For a TLS connection within another, the socket is that of the outer one. Not SSLSocket's own `shutdown`,
            # which would have the reading thread go on without TLS.
            inner = getattr(connected, "socket", connected)
            with suppress(OSError, TypeError):
                socket.socket.shutdown(inner, socket.SHUT_RDWR)


class _Adapter(HTTPAdapter):
    """Tells of each connection before something is sent over it; `is_direct`: to the host, and not to a proxy."""

    def __init__(self, before_sending: Callable[..., None]) -> None:
        self._before_sending = before_sending
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self._have_told(self.poolmanager, is_direct=True)

    def proxy_manager_for(self, proxy: str, **options: Any) -> PoolManager:
        known = proxy in self.proxy_manager
        manager: PoolManager = super().proxy_manager_for(proxy, **options)
        if not known:
            self._have_told(manager, is_direct=False)
        return manager

    def _have_told(self, manager: PoolManager, *, is_direct: bool) -> None:
        def telling(scheme: str, kind: Any) -> type:
            # Looked up now: a urllib3 that has no such method must not send anything unwatched.
            own_validate = kind._validate_conn  # pylint: disable=protected-access

            def validate(pool: Any, connection: Any) -> None:
                own_validate(pool, connection)
                if connection.sock is None:
                    connection.connect()
                self._before_sending(connection, scheme, is_direct=is_direct)

            # urllib3 calls this method "right before a request is made, after the socket is created".
            return type(kind.__name__, (kind,), {"_validate_conn": validate})

        kinds = manager.pool_classes_by_scheme
        manager.pool_classes_by_scheme = {scheme: telling(scheme, kind) for scheme, kind in kinds.items()}


def _credentials_in_the_url(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """`requests` would otherwise take some from ~/.netrc."""
    user, password = get_auth_from_url(request.url or "")
    return HTTPBasicAuth(user, password)(request) if user or password else request


def _proxies(url: str) -> dict[str, str] | None:
    """What is on this machine is not asked for from a proxy: that would take itself for the host."""
    origin = read_origin(url)
    return {"no_proxy": origin.host} if origin and is_loopback(origin.host) else None
