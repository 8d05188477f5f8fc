"""HTTP against servers that send what they like: each request ends, and nothing is done unasked."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from certificates import self_signed
from hypothesis import example, given
from hypothesis import strategies as st
from urllib3 import HTTPConnectionPool
from whole_messages import raises

from azext_acrpool.client.blobs import head_status
from azext_acrpool.client.errors import ForeignHostError
from azext_acrpool.client.http import UNANSWERED, BlobSession, Timeouts

TIMEOUTS = Timeouts(connect=10.0, silence=10.0, total=60.0)
Talk = Callable[[socket.socket], None]


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def listening() -> Iterator[Callable[[Talk], int]]:
    """Start a server that hands each connection to a function; gives its port."""
    servers: list[socket.socket] = []

    def start(talk: Talk) -> int:
        server = socket.create_server(("127.0.0.1", 0))
        servers.append(server)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    with connection, suppress(OSError):
                        talk(connection)

        threading.Thread(target=accept, daemon=True).start()
        port: int = server.getsockname()[1]
        return port

    yield start
    for server in servers:
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        server.close()


def read_all(session: BlobSession, url: str) -> bytes:
    with session.ask("GET", url, TIMEOUTS) as answer:
        return b"".join(answer.pieces())


def received(connection: socket.socket) -> bytes:
    """A request without a body."""
    request = b""
    while b"\r\n\r\n" not in request:
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionResetError
        request += piece
    return request


class HandTimer:
    """A timer that goes off when a test says so, however many seconds that is."""

    def __init__(self) -> None:
        self.daemon = False
        self.seconds: list[float] = []
        self._running: list[Callable[[], None]] = []

    def __call__(self, seconds: float, action: Callable[[], None]) -> HandTimer:
        self.seconds.append(seconds)
        self._running = [action]
        return self

    def start(self) -> None: ...

    def cancel(self) -> None:
        self._running.clear()

    def go_off(self) -> None:
        for action in self._running:
            action()

    @property
    def is_running(self) -> bool:
        return bool(self._running)


DRIPS = {
    "a status line": b"HTTP/1.1 2",
    "headers": b"HTTP/1.1 200 OK\r\nX-A: b\r\nX-",
    "interim replies": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n",
    "a body of known length": b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nabc",
    "a body in chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    "a body of unknown length": b"HTTP/1.1 200 OK\r\n\r\nabc",
    "a refusal": b"HTTP/1.1 503 No\r\nContent-Length: 100\r\n\r\nabc",
}


@pytest.mark.parametrize("sent", DRIPS.values(), ids=DRIPS)
def test_a_reply_that_drips_in_is_broken_off_when_the_time_is_up(listening: Callable[[Talk], int], sent: bytes) -> None:
    timer, broken_off = HandTimer(), threading.Event()

    def drip(connection: socket.socket) -> None:
        received(connection)
        connection.sendall(sent)
        timer.go_off()
        assert connection.recv(1) == b""
        broken_off.set()

    url = f"http://127.0.0.1:{listening(drip)}/"
    with BlobSession(start_timer=timer) as session, pytest.raises(UNANSWERED):
        read_all(session, url)
    assert broken_off.wait(10)
    assert timer.seconds == [60.0]
    assert not timer.is_running


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
@pytest.mark.parametrize("sent", DRIPS.values(), ids=DRIPS)
def test_an_encrypted_reply_that_drips_in_is_broken_off_too(
    listening: Callable[[Talk], int], tmp_path: Path, sent: bytes
) -> None:
    timer, tls, broken_off = HandTimer(), self_signed(tmp_path), threading.Event()

    def drip(connection: socket.socket) -> None:
        with tls.wrap_socket(connection, server_side=True) as encrypted:
            received(encrypted)
            encrypted.sendall(sent)
            timer.go_off()
            with suppress(OSError):
                assert encrypted.recv(1) == b""
            broken_off.set()

    url = f"https://127.0.0.1:{listening(drip)}/"
    with BlobSession(verify=False, start_timer=timer) as session, pytest.raises(UNANSWERED):
        read_all(session, url)
    assert broken_off.wait(10)


def test_time_that_is_up_before_there_is_a_connection_ends_the_request(listening: Callable[[Talk], int]) -> None:
    asked: list[bytes] = []

    class PassedTimer(HandTimer):
        def start(self) -> None:
            self.go_off()

    url = f"http://127.0.0.1:{listening(lambda connection: asked.append(received(connection)))}/"
    with (
        BlobSession(start_timer=PassedTimer()) as session,
        pytest.raises(UNANSWERED),
        session.ask("GET", url, TIMEOUTS),
    ):
        pass
    assert asked == []


def test_the_time_of_one_request_does_not_break_off_the_next(listening: Callable[[Talk], int]) -> None:
    timers: list[HandTimer] = []

    def new_timer(seconds: float, action: Callable[[], None]) -> HandTimer:
        timers.append(HandTimer()(seconds, action))
        return timers[-1]

    actions: list[Callable[[], None]] = []

    def answer_two(connection: socket.socket) -> None:
        received(connection)
        actions.extend(timers[0]._running)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none")
        received(connection)
        actions[0]()  # a timer that was about to go off when it was cancelled
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwo")

    url = f"http://127.0.0.1:{listening(answer_two)}/"
    with BlobSession(start_timer=new_timer) as session:
        for expected in (b"one", b"two"):
            assert read_all(session, url) == expected


def test_the_time_does_not_count_while_the_caller_is_busy(listening: Callable[[Talk], int]) -> None:
    timer = HandTimer()

    def send_pieces(connection: socket.socket) -> None:
        received(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc")
        assert seen.wait(10)
        connection.sendall(b"def")

    seen = threading.Event()
    url = f"http://127.0.0.1:{listening(send_pieces)}/"
    with BlobSession(start_timer=timer) as session, session.ask("GET", url, TIMEOUTS) as answer:
        pieces = answer.pieces_at_leisure()
        assert next(pieces) == b"abc"
        assert not timer.is_running
        seen.set()
        assert next(pieces) == b"def"
        assert next(pieces, None) is None
    assert timer.seconds == [60.0, 60.0, 60.0]


def test_a_header_that_never_ends_is_not_read_to_its_end(listening: Callable[[Talk], int]) -> None:
    def flood(connection: socket.socket) -> None:
        received(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(b"X-A: " + b"b" * 60_000 + b"\r\n")

    url = f"http://127.0.0.1:{listening(flood)}/"
    with BlobSession() as session, pytest.raises(UNANSWERED), session.ask("GET", url, TIMEOUTS):
        pass


LOCATIONS = [
    *(b"http://127.0.0.1:1/", b"https://[::1", b"https://a:99999/", b"//", b"\xff\xfe", b"http://a\x00b/", b"%"),
    b"https://169.254.169.254/",
]


@pytest.mark.parametrize("location", LOCATIONS)
def test_a_redirect_is_neither_followed_nor_read(listening: Callable[[Talk], int], location: bytes) -> None:
    connections: list[int] = []

    def redirect(connection: socket.socket) -> None:
        connections.append(1)
        received(connection)
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\n\r\n")
        with suppress(OSError):
            while True:  # a body without end
                connection.sendall(b"x" * 65536)

    url = f"http://127.0.0.1:{listening(redirect)}/"
    with BlobSession() as session, session.ask("GET", url, TIMEOUTS) as answer:
        assert answer.status == 302
        answer.drain()
    assert connections == [1]


def test_nothing_is_unpacked(listening: Callable[[Talk], int]) -> None:
    packed = gzip.compress(b"\0" * 1_000_000)

    def send(connection: socket.socket) -> None:
        assert b"\r\nAccept-Encoding: identity\r\n" in received(connection)
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(packed), packed)
        )

    url = f"http://127.0.0.1:{listening(send)}/"
    with BlobSession() as session:
        assert read_all(session, url) == packed


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("BlobNotFound", "BlobNotFound"),
        ("a" * 64, "a" * 64),
        *(("a" * 65, ""), ("", ""), ("two words", ""), ("\x1b[31m", ""), ("https://x/?sig=secret", "")),
    ],
)
def test_an_error_code_is_a_short_word(listening: Callable[[Talk], int], code: str, shown: str) -> None:
    def refuse(connection: socket.socket) -> None:
        received(connection)
        connection.sendall(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\nx-ms-error-code: %s\r\n\r\n" % code.encode())

    url = f"http://127.0.0.1:{listening(refuse)}/"
    with BlobSession() as session, session.ask("GET", url, TIMEOUTS) as answer:
        assert answer.error_code == shown


def test_headers_that_cannot_be_read_do_not_show_the_url_in_a_log(
    listening: Callable[[Talk], int], caplog: pytest.LogCaptureFixture
) -> None:
    def send(connection: socket.socket) -> None:
        received(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nA: b\r\nno header\r\nContent-Length: 0\r\n\r\n")
        connection.shutdown(socket.SHUT_RDWR)

    url = f"http://127.0.0.1:{listening(send)}/x?sig=topsecret"
    with BlobSession() as session:
        read_all(session, url)
    assert "Failed to parse headers" in caplog.text
    assert "topsecret" not in caplog.text


@pytest.fixture
def resolved(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, int], None]:
    """Let every name be that of an address, as a name server would."""

    def resolve(address: str, port: int) -> None:
        def lookup(*_: object, **__: object) -> list[object]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

        monkeypatch.setattr(socket, "getaddrinfo", lookup)

    return resolve


def test_a_name_is_judged_by_the_address_that_it_was_connected_to(
    listening: Callable[[Talk], int], resolved: Callable[[str, int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bytes] = []
    port = listening(lambda connection: seen.append(connection.recv(1)))
    resolved("127.0.0.1", port)
    # No test can listen on a link-local address: this one's is said to be the other end's.
    monkeypatch.setattr(socket.socket, "getpeername", lambda _: ("169.254.169.254", port))
    message = (
        "The service named the host 'localhost', whose address is link-local or for metadata, where no storage account "
        "is; nothing was sent there."
    )
    with (
        BlobSession() as session,
        raises(ForeignHostError, message),
        session.ask("PUT", f"http://localhost:{port}/x?sig=secret", TIMEOUTS, data=b"secret"),
    ):
        pass
    assert seen in ([], [b""])


def test_a_name_of_this_machine_that_leads_elsewhere_is_not_spoken_to_in_plain_text(
    listening: Callable[[Talk], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    port = listening(lambda connection: None)
    monkeypatch.setattr(socket.socket, "getpeername", lambda _: ("10.0.0.4", port))
    message = (
        "The service named the host 'localhost', to be reached without encryption, which is for hosts on this machine "
        "only; nothing was sent there."
    )
    with (
        BlobSession() as session,
        raises(ForeignHostError, message),
        session.ask("GET", f"http://localhost:{port}/", TIMEOUTS),
    ):
        pass


def test_without_being_told_of_each_connection_nothing_is_ever_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(HTTPConnectionPool, "_validate_conn")
    with pytest.raises(AttributeError):
        BlobSession()


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_the_address_of_a_proxy_may_be_any(
    listening: Callable[[Talk], int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []
    tls = self_signed(tmp_path)

    def proxy(connection: socket.socket) -> None:
        asked.append(received(connection))
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        with tls.wrap_socket(connection, server_side=True) as storage:
            asked.append(received(storage))
            storage.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")

    port = listening(proxy)
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
    monkeypatch.setattr(socket.socket, "getpeername", lambda _: ("169.254.1.1", port))
    with BlobSession(verify=False) as session:
        assert read_all(session, "https://account.example/x?sig=1") == b"hello"
    assert [request.split(b" HTTP/")[0] for request in asked] == [b"CONNECT account.example:443", b"GET /x?sig=1"]


def test_the_rules_hold_behind_a_proxy_too(listening: Callable[[Talk], int], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []
    port = listening(lambda connection: asked.append(received(connection)))
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
    for url in ("https://169.254.169.254/x", "http://account.example/x"):
        with BlobSession() as session, pytest.raises(ForeignHostError), session.ask("GET", url, TIMEOUTS):
            pass
    assert asked == []


def test_what_is_on_this_machine_is_asked_for_from_no_proxy(
    listening: Callable[[Talk], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def reply(connection: socket.socket) -> None:
        received(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    port = listening(reply)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with BlobSession() as session, session.ask("GET", f"http://127.0.0.1:{port}/", TIMEOUTS) as answer:
        assert answer.status == 200


def test_a_missing_certificate_bundle_is_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))
    assert head_status("https://127.0.0.1:1/") is None


def test_credentials_are_those_of_the_url_and_of_no_file(
    listening: Callable[[Talk], int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password mine\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    asked: list[bytes] = []

    def reply(connection: socket.socket) -> None:
        asked.append(received(connection))
        connection.sendall(b"HTTP/1.1 204 OK\r\nConnection: close\r\n\r\n")

    port = listening(reply)
    assert head_status(f"http://127.0.0.1:{port}/x.tgz") == 204
    assert head_status(f"http://user:pass@127.0.0.1:{port}/x.tgz") == 204
    assert [b"Authorization: Basic dXNlcjpwYXNz" in request for request in asked] == [False, True]
    assert b"Authorization" not in asked[0]


@pytest.fixture(scope="module")
def nameless() -> Iterator[None]:
    """No name and no address leads anywhere."""

    def lookup(*_: object, **__: object) -> list[object]:
        raise socket.gaierror

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", lookup)
        yield


@pytest.mark.usefixtures("nameless")
@pytest.mark.parametrize(
    "url",
    [
        *("", "nonsense", "https://", "https://[::1", "http://a:99999/", "http://a..b/"),
        *(f"http://{'a' * 64}.b/", "http://a b/"),
        *("http://\u00df\u200d.example/", "http://xn--\u00e9/", "http://\ud800/", "http://a\x00b/"),
        *("http://%zz/", "ftp://a/"),
        *("http://*.a/", "http://.a/", "http://127.0.0.1:1/\r\nX: y"),
        *("http://%e2%82%ac:x@127.0.0.1:1/", "http://[fe80::1%25]/"),
        *("http://127.0.0.1:0/", "http://127.0.0.1:-1/"),
        *("http://\u20ac@127.0.0.1:1/", f"http://127.0.0.1:1/{'a' * 5000}"),
    ],
)
def test_no_url_of_a_users_is_a_traceback(url: str) -> None:
    assert head_status(url) is None


@pytest.mark.usefixtures("nameless")
@given(st.one_of(st.text(), st.text().map("http://{}".format), st.text().map("https://a.example/{}".format)))
@example("http://[::1")
def test_no_text_is_a_traceback(url: str) -> None:
    assert head_status(url) is None
