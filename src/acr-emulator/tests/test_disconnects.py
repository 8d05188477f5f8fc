"""Clients that break off anywhere, or send what is not HTTP: the emulator goes on, and has nothing to say of it."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import struct
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from acr_emulator.options import EmulatorOptions
from acr_emulator.server import RunningServer, running_server
from acr_emulator.world import World
from emulated_azure import REGISTRY, TOKEN, VERSION

HEAD = f"Host: 127.0.0.1\r\nAuthorization: {TOKEN}\r\n"
GET = f"GET {REGISTRY}?{VERSION} HTTP/1.1\r\n{HEAD}"
PUT = f"PUT {REGISTRY}/agentPools/pool1?{VERSION} HTTP/1.1\r\n{HEAD}"
ADVANCE = f"POST /_emulator/clock/advance HTTP/1.1\r\n{HEAD}Content-Type: application/json\r\n"
REQUESTS = [
    "",
    "GET",
    "GET /\r\n",
    "\0\x7f garbage\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "GET / HTTP/1.1\r\n\r\n",
    f"GET /{'a' * 100_000} HTTP/1.1\r\n",
    f"{GET}X: {'a' * 100_000}",
    GET,
    f"{GET}\r\n",
    f"{GET}\r\n" * 50,
    f"{GET}\r\ngarbage\r\n\r\n",
    f"{GET}Upgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n",
    f"{PUT}Content-Length: 100\r\n\r\n{{",
    f"{PUT}Content-Length: 2\r\n\r\n{{}}garbage garbage\r\n\r\n",
    f"{PUT}Content-Length: -1\r\n\r\n",
    f"{PUT}Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
    f"{PUT}Transfer-Encoding: chunked\r\n\r\n5\r\nab",
    f"{PUT}Transfer-Encoding: chunked\r\n\r\nZZ\r\n",
    f"{PUT}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n",
    f"{ADVANCE}Content-Length: 100\r\n\r\n{{",
    f"GET /acrblobs/%00/%FF?sig=%ED%A0%80 HTTP/1.1\r\n{HEAD}\r\n",
    f"GET /%ED%A0%80%00 HTTP/1.1\r\n{HEAD}\r\n",
    f"OPTIONS * HTTP/1.1\r\n{HEAD}\r\n",
    f"CONNECT example.com:443 HTTP/1.1\r\n{HEAD}\r\n",
]


def close(connection: socket.socket) -> None:
    connection.close()


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def read_a_little(connection: socket.socket) -> None:
    connection.settimeout(0.05)
    with contextlib.suppress(OSError):
        connection.recv(10)
    connection.close()


def connect(server: RunningServer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", urlsplit(server.url).port or 443), timeout=10)


@pytest.mark.parametrize("break_off", [close, reset, read_a_little])
def test_in_the_middle_of_anything(
    break_off: Callable[[socket.socket], None], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    authority = tmp_path / "ca.pem"
    with running_server(World(), EmulatorOptions()) as server:
        authority.write_bytes(server.ca_pem)
        trust = ssl.create_default_context(cafile=str(authority))
        for content in (b"", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", os.urandom(1000)):
            plain = connect(server)
            plain.sendall(content)
            break_off(plain)
        for request in REQUESTS:
            secure = trust.wrap_socket(connect(server), server_hostname="127.0.0.1")
            # The emulator may have closed the connection before it has all of it.
            with contextlib.suppress(OSError):
                secure.sendall(request.encode("latin-1"))
            break_off(secure)
        after = requests.get(f"{server.url}/_emulator/state", verify=str(authority), timeout=30)
        assert after.status_code == 200
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("fault", "break_off"),
    [
        ({"drip": 0.001}, close),
        ({"drip": 0.001}, reset),
        ({"inflate": 50_000_000}, close),
        ({"inflate": 50_000_000}, reset),
        # A reset may come before the request has been read.
        ({"silence": 0.1}, close),
        ({"delay": 0.1}, close),
    ],
)
def test_while_an_answer_comes(
    fault: dict[str, object],
    break_off: Callable[[socket.socket], None],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    authority = tmp_path / "ca.pem"
    with running_server(World(), EmulatorOptions()) as server, requests.Session() as http:
        authority.write_bytes(server.ca_pem)
        http.trust_env, http.verify = False, str(authority)
        rules = [{"match": {"path": "registries"}, "times": None, "fault": fault}]
        http.put(f"{server.url}/_emulator/faults", json=rules, timeout=30).raise_for_status()
        trust = ssl.create_default_context(cafile=str(authority))
        secure = trust.wrap_socket(connect(server), server_hostname="127.0.0.1")
        secure.sendall(f"GET /registries HTTP/1.1\r\n{HEAD}\r\n".encode())
        if "silence" not in fault and "delay" not in fault:
            assert secure.recv(5) == b"HTTP/"
        break_off(secure)
        deadline = time.monotonic() + 60
        while not server.emulator.journal.entries:
            assert time.monotonic() < deadline
            http.get(f"{server.url}/_emulator/state", timeout=30).raise_for_status()
    assert capfd.readouterr() == ("", "")
