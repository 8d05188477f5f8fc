"""Two ways to an emulator for what is asked about every case: to another process, and to a thread of this one.

Neither is what is tried, so that both go without the ceremony of `requests`, which takes longer than most answers.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from acr_emulator.server import RunningServer
from asgi_exchange import exchange
from az_harness import TOKEN
from urllib3 import HTTPSConnectionPool
from urllib3.util import parse_url

__all__ = ["Send", "over_tls", "within_this_process"]

_HEADERS = {"Authorization": TOKEN, "Content-Type": "application/json"}
_SECONDS = 60.0


class Send(Protocol):
    """Sends a request to an emulator; `target` is path and query."""

    def __call__(self, method: str, target: str, content: bytes, /) -> tuple[int, bytes]:
        """Status and body of the reply."""


def over_tls(url: str, certificate: str) -> Send:
    """To an emulator at this URL, over connections that stay; `certificate` is the file to trust."""
    address = parse_url(url)
    connections = HTTPSConnectionPool(
        address.hostname or "", address.port, timeout=_SECONDS, maxsize=2, retries=False, ca_certs=certificate
    )

    def send(method: str, target: str, content: bytes, /) -> tuple[int, bytes]:
        reply = connections.request(method, target, body=content, headers=_HEADERS)
        return reply.status, reply.data

    return send


def within_this_process(server: RunningServer) -> Send:
    """To an emulator that runs in a thread of this process, without the network in between."""

    def send(method: str, target: str, content: bytes, /) -> tuple[int, bytes]:
        work = exchange(server.emulator.asgi, method, target, headers=_HEADERS, content=content)
        reply = asyncio.run_coroutine_threadsafe(work, server.loop).result(_SECONDS)
        return reply.status, reply.content

    return send
