"""The Docker client of this machine in front of a daemon that records what it is sent."""

from __future__ import annotations

import io
import os
import shutil
import socketserver
import subprocess
import tarfile
import threading
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

__all__ = ["DOCKER", "DockerClient", "Sent"]

DOCKER = shutil.which("docker") or ""


@dataclass(frozen=True)
class Sent:
    """What the client sent, a tar, and which Dockerfile it named; or its error message."""

    archive: bytes = b""
    dockerfile: str = ""
    error: str = ""

    @cached_property
    def members(self) -> dict[str, tarfile.TarInfo]:
        """What is in the archive, by name."""
        with tarfile.open(fileobj=io.BytesIO(self.archive), encoding="utf-8", errors="surrogateescape") as archive:
            return {member.name: member for member in archive}

    @property
    def files(self) -> set[str]:
        """All names but those of folders."""
        return {name for name, member in self.members.items() if not member.isdir()}

    @property
    def folders(self) -> set[str]:
        return {name for name, member in self.members.items() if member.isdir()}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    requests: list[tuple[str, bytes]]

    def do_HEAD(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        body = bytearray()
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        self.requests.append((self.path, bytes(body)))
        self._answer(b'{"stream":"done"}\n')

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Api-Version", "1.50")
        self.send_header("OSType", "linux")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        with suppress(BrokenPipeError):  # the client does not wait for all answers
            self.end_headers()
            self.wfile.write(body)

    def address_string(self) -> str:
        return "docker"

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


class DockerClient:
    """The Docker client in front of a recording daemon."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._socket = home / "socket"
        self._requests: list[tuple[str, bytes]] = []
        handler = type("Handler", (_Handler,), {"requests": self._requests})
        self._server = socketserver.ThreadingUnixStreamServer(str(self._socket), handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def build(self, *arguments: str, cwd: Path, stdin: bytes = b"") -> Sent:
        self._requests.clear()
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self._home),
            "DOCKER_HOST": f"unix://{self._socket}",
            "DOCKER_BUILDKIT": "0",
        }
        done = subprocess.run(
            [DOCKER, "build", *arguments], cwd=cwd, env=environment, input=stdin, capture_output=True, check=False
        )
        if done.returncode:
            return Sent(error=done.stderr.decode(errors="replace"))
        path, body = self._requests[-1]
        # The end of the archive is missing when the client has added a Dockerfile.
        return Sent(body + b"\0" * 1536, parse_qs(urlsplit(path).query)["dockerfile"][0])
