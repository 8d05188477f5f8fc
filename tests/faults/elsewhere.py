"""Whatever is neither ARM nor storage: a proxy that every request to another host goes through, and ends at."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

__all__ = ["Elsewhere", "Strayed", "elsewhere"]


@dataclass(frozen=True)
class Strayed:
    """A request that was on its way to another host. With `method` CONNECT, what it holds is not known."""

    method: str
    host: str
    has_token: bool
    body_bytes: int


class Elsewhere:
    """The proxy: what came to it. `environment` makes `requests` use it."""

    def __init__(self, port: int) -> None:
        self.strayed: list[Strayed] = []
        address = f"http://127.0.0.1:{port}"
        here = "127.0.0.1,localhost"
        self.environment = {"HTTP_PROXY": address, "HTTPS_PROXY": address, "NO_PROXY": here}
        self.environment |= {name.lower(): value for name, value in self.environment.items()}

    def take(self) -> list[Strayed]:
        """What came since the last time."""
        taken, self.strayed[:] = list(self.strayed), []
        return taken


@contextmanager
def elsewhere() -> Iterator[Elsewhere]:
    """The proxy at work."""

    class Handler(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            self.close_connection = True
            if not self.raw_requestline or not self.parse_request():
                return
            host = self.path.partition(":")[0] if self.command == "CONNECT" else urlsplit(self.path).hostname or ""
            length = int(self.headers.get("Content-Length") or 0)
            proxy.strayed.append(Strayed(self.command, host, "Authorization" in self.headers, length))
            self.wfile.write(b"HTTP/1.1 502 Nobody Here\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

        def log_message(self, format: str, *_: object) -> None:  # noqa: A002
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    proxy = Elsewhere(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
