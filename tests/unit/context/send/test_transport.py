"""PUT requests over real HTTP: what is sent, and that the credential in the URL stays where it is."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from whole_messages import raises

from azext_acrpool.client.errors import ForeignHostError
from azext_acrpool.context.send.blocks import BlockBody
from azext_acrpool.context.send.transport import Reply, RequestsTransport, TransportError

SECRET = "sig=very%2Fsecret%3D"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, dict(self.headers), body))
        self.server.connections.add(self.client_address)
        reply = self.server.replies.pop(0) if self.server.replies else Reply(201)
        self.send_response(reply.status)
        if reply.error_code:
            self.send_header("x-ms-error-code", reply.error_code)
        if reply.retry_after is not None:
            self.send_header("Retry-After", f"{reply.retry_after:.0f}")
        self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")
        self.send_header("Content-Length", str(len(self.server.content)))
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(self.server.content)

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


class Server(ThreadingHTTPServer):
    def __init__(self) -> None:
        self.received: list[tuple[str, dict[str, str], bytes]] = []
        self.connections: set[tuple[str, int]] = set()
        self.replies: list[Reply] = []
        self.content = b""
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, *_: object) -> None:
        """A client may break a reply off."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/source/1.tar.gz?sv=2021&{SECRET}"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    server = Server()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def body(data: bytes) -> BlockBody:
    return BlockBody(data, lambda _: None, threading.Event())


def test_what_is_sent(server: Server) -> None:
    with RequestsTransport() as transport:
        assert transport.put(server.url, {"x-ms-blob-type": "BlockBlob"}, body(b"x" * 200_000)) == Reply(201)
        assert transport.put(server.url, {}, body(b"")) == Reply(201)
    path, headers, received = server.received[0]
    assert path == f"/source/1.tar.gz?sv=2021&{SECRET}"
    assert received == b"x" * 200_000
    assert headers["x-ms-blob-type"] == "BlockBlob"
    assert "Transfer-Encoding" not in headers
    assert "Authorization" not in headers
    assert len(server.connections) == 1


def test_the_reply_is_read(server: Server) -> None:
    server.replies = [Reply(503, "ServerBusy", 12.0), Reply(307)]
    with RequestsTransport() as transport:
        assert transport.put(server.url, {}, body(b"x")) == Reply(503, "ServerBusy", 12.0)
        assert transport.put(server.url, {}, body(b"x")).status == 307
    assert len(server.received) == 2


def test_credentials_for_the_host_are_not_sent(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password mine\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with RequestsTransport() as transport:
        transport.put(server.url, {}, body(b"x"))
    assert "Authorization" not in server.received[0][1]


def test_the_url_is_not_logged(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    filters = list(logging.getLogger("urllib3.connectionpool").filters)
    with RequestsTransport() as transport:
        transport.put(server.url, {}, body(b"x"))
    assert "PUT /source/1.tar.gz" in caplog.text
    assert "secret" not in caplog.text
    assert logging.getLogger("urllib3.connectionpool").filters == filters


def test_the_url_is_not_in_errors(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    url = server.url
    server.shutdown()
    server.server_close()
    with RequestsTransport() as transport, pytest.raises(TransportError) as lost:
        transport.put(url, {}, body(b"x"))
    assert lost.value.transient
    assert lost.value.__suppress_context__
    assert str(lost.value) == "the connection could not be made, or was lost"
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("ftp://account.example/x?sig=secret", "account.example"),
        ("nonsense", "(none)"),
        ("https://me:secret@account.example/x?sig=secret", "account.example"),
        ("https://account.example@evil.example/x?sig=secret", "evil.example"),
    ],
)
def test_a_url_that_is_not_plain_https_is_refused(url: str, host: str) -> None:
    message = f"The service named the host '{host}', in a URL that is not plain HTTPS; nothing was sent there."
    with RequestsTransport() as transport, raises(ForeignHostError, message):
        transport.put(url, {}, body(b"x"))


def test_a_long_reply_is_not_read_to_its_end(server: Server) -> None:
    server.replies = [Reply(503, "ServerBusy")]
    server.content = b"x" * 1_000_000
    with RequestsTransport() as transport:
        assert transport.put(server.url, {}, body(b"x")) == Reply(503, "ServerBusy")
        assert transport.put(server.url, {}, body(b"x")).status == 201
    assert len(server.connections) == 2


def test_other_threads_have_their_own_connection(server: Server) -> None:
    with RequestsTransport() as transport:
        threads = [
            threading.Thread(target=lambda: [transport.put(server.url, {}, body(b"x")) for _ in range(3)])
            for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(server.connections) == 2
    assert len(server.received) == 6
