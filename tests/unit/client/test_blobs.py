"""Reading blobs, against a real HTTP server on loopback."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import certifi
import pytest
from certificates import self_signed
from whole_messages import raises

from azext_acrpool.client.blobs import BlobPart, BlobReader, head_status
from azext_acrpool.client.errors import (
    AcrError,
    ConnectionLostError,
    ForbiddenError,
    ForeignHostError,
    InvalidReplyError,
    NotFoundError,
    ServiceFailureError,
    ThrottledError,
)
from azext_acrpool.client.http import BlobSession

QUERY = "?sv=1&se=2026&sig=topsecret"
Handle = Callable[[BaseHTTPRequestHandler], None]


class Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """A client may break a reply off."""


@pytest.fixture
def served() -> Iterator[Callable[[Handle], str]]:
    """Start a server whose every request is handled by a function; gives a signed URL on it."""
    servers: list[HTTPServer] = []

    def start(handle: Handle) -> str:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                handle(self)

            def do_HEAD(self) -> None:
                handle(self)

            def log_request(self, code: int | str = "-", size: int | str = "-") -> None: ...

        server = Server(("127.0.0.1", 0), Handler)
        servers.append(server)
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/logs/cf1/rawtext.log{QUERY}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def reader() -> Iterator[BlobReader]:
    with BlobSession() as session:
        yield BlobReader(session)


def answer(handler: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str) -> None:
    handler.send_response(status)
    sent = {"Content-Length": str(len(body)), **{name.replace("_", "-"): value for name, value in headers.items()}}
    for name, value in sent.items():
        handler.send_header(name, value)
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(body)


def test_a_range_is_read_with_size_and_mark(served: Callable[[Handle], str], reader: BlobReader) -> None:
    seen: list[str] = []

    def handle(handler: BaseHTTPRequestHandler) -> None:
        seen.append(handler.headers["Range"])
        answer(handler, 206, b"world", Content_Range="bytes 6-10/11", X_MS_Meta_Complete="successful")

    assert reader.read(served(handle), 6, 100) == BlobPart(b"world", 11, complete=True)
    assert seen == ["bytes=6-105"]


def test_a_range_behind_the_end_is_empty(served: Callable[[Handle], str], reader: BlobReader) -> None:
    url = served(lambda handler: answer(handler, 416, Content_Range="bytes */11"))
    assert reader.read(url, 11, 100) == BlobPart(b"", 11)


def test_a_server_that_ignores_ranges_is_understood(served: Callable[[Handle], str], reader: BlobReader) -> None:
    url = served(lambda handler: answer(handler, 200, b"hello world"))
    assert reader.read(url, 6, 3) == BlobPart(b"wor", 11)


def test_another_range_than_asked_for_is_refused(served: Callable[[Handle], str], reader: BlobReader) -> None:
    url = served(lambda handler: answer(handler, 206, b"hello", Content_Range="bytes 0-4/11"))
    with raises(ServiceFailureError, "The service returned another part of the log than was asked for."):
        reader.read(url, 6, 100)


@pytest.mark.parametrize(
    ("status", "headers", "part"),
    [
        (206, {"Content_Range": "bytes 0-4/*"}, BlobPart(b"hello")),
        (206, {"Content_Range": f"bytes 0-4/{'9' * 20}"}, None),
        (206, {"Content_Range": f"bytes 0-4/{'9' * 5000}"}, None),
        (206, {"Content_Range": "bytes 0-4/-5"}, None),
        (206, {"Content_Range": "bytes 0-4/2"}, BlobPart(b"hello", 2)),
        (206, {"Content_Range": "bytes -1-4/5"}, None),
        (206, {"Content_Range": "lines 0-4/5"}, None),
        (206, {}, None),
        (206, {"Content_Type": "multipart/byteranges; boundary=x"}, None),
        (200, {"Content_Length": "5"}, BlobPart(b"hello", 5)),
        (416, {"Content_Range": f"bytes */{'9' * 5000}"}, BlobPart()),
        (416, {}, BlobPart()),
    ],
)
def test_sizes_and_ranges_that_make_no_sense(
    served: Callable[[Handle], str], reader: BlobReader, status: int, headers: dict[str, str], part: BlobPart | None
) -> None:
    url = served(lambda handler: answer(handler, status, b"hello", **headers))
    if part is None:
        with raises(ServiceFailureError, "The service returned another part of the log than was asked for."):
            reader.read(url, 0, 100)
    else:
        assert reader.read(url, 0, 100) == part


@pytest.mark.parametrize("declared", ["-5", "9" * 20, "9" * 5000, "1_0", "0x10", "", "\u00b2"])
def test_a_declared_size_that_makes_no_sense_is_unknown(
    served: Callable[[Handle], str], reader: BlobReader, declared: str
) -> None:
    def handle(handler: BaseHTTPRequestHandler) -> None:
        answer(handler, 200, Content_Length=declared)
        handler.close_connection = True

    assert reader.properties(served(handle)) == BlobPart()


def test_more_than_was_asked_for_is_not_read(served: Callable[[Handle], str], reader: BlobReader) -> None:
    def handle(handler: BaseHTTPRequestHandler) -> None:
        answer(handler, 206, Content_Range="bytes 0-9/10", Content_Length="1000000000000")
        with suppress(OSError):
            while True:
                handler.wfile.write(b"x" * 65536)

    assert reader.read(served(handle), 0, 10) == BlobPart(b"x" * 10, 10)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "GZIP"])
def test_a_compressed_log_is_refused(served: Callable[[Handle], str], reader: BlobReader, encoding: str) -> None:
    url = served(lambda handler: answer(handler, 200, b"packed", Content_Encoding=encoding))
    message = "The log came compressed, which was not asked for."
    with raises(InvalidReplyError, message):
        reader.read(url, 0, 10)
    with raises(InvalidReplyError, message):
        list(reader.stream(url))


def test_nothing_is_read_from_a_host_that_is_no_storage_account(reader: BlobReader) -> None:
    message = (
        "The service named the host '169.254.169.254', whose address is link-local or for metadata, where no storage "
        "account is; nothing was sent there."
    )
    url = f"https://169.254.169.254/metadata{QUERY}"
    for look in (lambda: reader.read(url, 0, 10), lambda: reader.properties(url), lambda: list(reader.stream(url))):
        with raises(ForeignHostError, message):
            look()


def test_what_came_before_the_connection_broke_is_kept(served: Callable[[Handle], str], reader: BlobReader) -> None:
    def handle(handler: BaseHTTPRequestHandler) -> None:
        answer(handler, 206, b"half", Content_Length="1000", Content_Range="bytes 0-999/1000")
        handler.close_connection = True

    assert reader.read(served(handle), 0, 1000) == BlobPart(b"half", 1000)


def test_a_connection_that_breaks_at_once_is_lost(served: Callable[[Handle], str], reader: BlobReader) -> None:
    def handle(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True

    with raises(ConnectionLostError, "No answer from 127.0.0.1 (ConnectionError).") as caught:
        reader.read(served(handle), 0, 1000)
    assert caught.value.__cause__ is None


def test_properties_come_without_content(served: Callable[[Handle], str], reader: BlobReader) -> None:
    def handle(handler: BaseHTTPRequestHandler) -> None:
        assert handler.command == "HEAD"
        answer(handler, 200, Content_Length="12345", x_ms_meta_COMPLETE="failed")

    assert reader.properties(served(handle)) == BlobPart(size=12345, complete=True)


def test_a_whole_blob_is_streamed(served: Callable[[Handle], str], reader: BlobReader) -> None:
    url = served(lambda handler: answer(handler, 200, b"x" * 1_000_000))
    assert b"".join(reader.stream(url)) == b"x" * 1_000_000


def test_a_stream_that_breaks_off_is_lost(served: Callable[[Handle], str], reader: BlobReader) -> None:
    def handle(handler: BaseHTTPRequestHandler) -> None:
        answer(handler, 200, b"half", Content_Length="1000")
        handler.close_connection = True

    pieces = reader.stream(served(handle))
    with raises(ConnectionLostError, "The connection to 127.0.0.1 was lost."):
        list(pieces)


def test_debug_logs_show_no_signature(
    served: Callable[[Handle], str], reader: BlobReader, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    reader.read(served(lambda handler: answer(handler, 200, b"hello")), 0, 10)
    asked = [message for message in caplog.messages if "GET" in message]
    assert [message.partition(" ")[2] for message in asked] == ['"GET /logs/cf1/rawtext.log HTTP/1.1" 200 5']
    assert "topsecret" not in caplog.text


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (403, ForbiddenError),
        (404, NotFoundError),
        (429, ThrottledError),
        (503, ServiceFailureError),
        (302, ServiceFailureError),
    ],
)
def test_refusals_are_told_apart_without_naming_the_url(
    served: Callable[[Handle], str], reader: BlobReader, status: int, error: type[AcrError]
) -> None:
    url = served(lambda handler: answer(handler, status, x_ms_error_code="Reason", Retry_After="7", Location="/x"))
    with raises(error, f"127.0.0.1 answered with HTTP status {status} (Reason).") as caught:
        reader.read(url, 0, 10)
    assert (caught.value.code, caught.value.status, caught.value.retry_after) == ("Reason", status, 7)


def test_all_requests_share_one_connection_and_carry_no_other_credential(
    served: Callable[[Handle], str],
    reader: BlobReader,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password mine\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    connections, credentials = set(), []

    def handle(handler: BaseHTTPRequestHandler) -> None:
        connections.add(handler.client_address)
        credentials.append(handler.headers["Authorization"])
        if handler.command == "HEAD":
            answer(handler, 200, Content_Length="50000000")
        elif handler.headers["Range"] == "bytes=2-3":
            answer(handler, 416, b"<Error/>")
        elif handler.headers["Range"] == "bytes=3-4":
            answer(handler, 404, b"<Error/>")
        else:
            answer(handler, 206, b"ab", Content_Range="bytes 0-1/2")

    url = served(handle)
    reader.read(url, 0, 2)
    reader.read(url, 2, 2)
    with pytest.raises(NotFoundError):
        reader.read(url, 3, 2)
    reader.properties(url)
    reader.read(url, 0, 2)
    assert len(connections) == 1
    assert credentials == [None] * 5


@pytest.mark.parametrize(
    ("head", "get", "status"), [(404, 206, 206), (405, 200, 200), (403, 404, 404), (200, 500, 200)]
)
def test_what_refuses_to_be_looked_at_may_yet_be_read(
    served: Callable[[Handle], str], head: int, get: int, status: int
) -> None:
    asked: list[tuple[str, str | None]] = []

    def handle(handler: BaseHTTPRequestHandler) -> None:
        asked.append((handler.command, handler.headers["Range"]))
        answer(handler, head if handler.command == "HEAD" else get)

    assert head_status(served(handle)) == status
    assert asked == [("HEAD", None), ("GET", "bytes=0-0")][: 1 if head == status else 2]


@pytest.fixture
def untrusted(tmp_path: Path) -> Iterator[str]:
    """A URL on a server that answers 200 and whose certificate nobody has signed but itself."""
    context = self_signed(tmp_path)

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"https://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "OF_NO_MEANING"])
def test_a_certificate_that_nobody_has_signed_is_accepted_only_where_it_is_not_to_be_checked(
    untrusted: str, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, certifi.where())
    assert head_status(untrusted) is None
    assert head_status(untrusted, verify=False) == 200
