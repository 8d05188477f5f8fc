"""The emulator on a loopback port, over TLS with a certificate authority made for this start only."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

import h11
import trustme
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from .app import Emulator, create_emulator
from .executor import Executor
from .options import EmulatorOptions
from .wire.connection import CONNECTION_EXTENSION, Connection
from .wire.journal import Journal
from .world import World

__all__ = ["HOST", "RunningServer", "ServerStartError", "running_server"]

HOST = "127.0.0.1"
START_SECONDS = 30.0
GRACE_SECONDS = 0.2
"""How long requests that are under way at the end may still take; then their connections are cut."""

STOP_SECONDS = 0.8
"""How long the end may take in all, whatever is going on; then its thread is left to itself."""


class ServerStartError(Exception):
    """The server could not be started; the message says why."""


@dataclass(frozen=True)
class RunningServer:
    """A server that answers. `ca_pem` is the certificate (no key) that clients must trust.

    `loop` is the event loop in which all of the emulator runs, in a thread of its own.
    """

    emulator: Emulator
    url: str
    ca_pem: bytes
    loop: asyncio.AbstractEventLoop


class _TransportConnection(Connection):
    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    def reset(self) -> None:
        if self._transport.is_closing():
            return  # The client was quicker.
        connection = self._transport.get_extra_info("socket")
        if connection is not None:
            # Lingering for 0 seconds makes closing a socket send a TCP reset.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    def close(self) -> None:
        self._transport.close()


class _Protocol(H11Protocol):
    """uvicorn's HTTP/1.1, with the connection in each request's scope, so that faults can cut it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        two_way = cast(asyncio.Transport, transport)
        super().connection_made(two_way)
        application, connection = self.app, _TransportConnection(two_way)

        async def with_connection(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("extensions", {})[CONNECTION_EXTENSION] = connection
            # Requests are canceled at the end only, when nobody is left to be told.
            with contextlib.suppress(asyncio.CancelledError):
                await application(scope, receive, send)

        self.app = with_connection

    def send_400_response(self, msg: str) -> None:
        """Answer bytes that are not HTTP; close the connection if they come when an answer has begun."""
        try:
            super().send_400_response(msg)
        except h11.LocalProtocolError:
            self.transport.close()

    def shutdown(self) -> None:
        """Let what is going on come to its end; a connection that waits for a request ends at once."""
        super().shutdown()
        # TLS would wait for the client's goodbye, and whoever keeps a connection for later says none.
        if self.transport.is_closing():
            self.transport.abort()


class _AboutClientsGone(logging.Filter):
    """Drops what asyncio has to say of writing to a client that has gone, which is the client's affair."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.getMessage() != "socket.send() raised exception."


@contextmanager
def running_server(
    world: World,
    options: EmulatorOptions,
    *,
    port: int = 0,
    journal: Journal | None = None,
    executor: Executor | None = None,
) -> Iterator[RunningServer]:
    """Serve in a thread of its own while the block runs. Port 0 takes a free one. Raises ServerStartError."""
    listener = _listen(port)
    url = f"https://{HOST}:{listener.getsockname()[1]}"
    emulator = create_emulator(url, world, options, journal=journal, executor=executor)
    authority = trustme.CA()
    server = _Server(emulator.asgi, _tls_context(authority))
    thread = threading.Thread(target=server.run_quietly, args=(listener,), name="acr-emulator", daemon=True)
    thread.start()
    try:
        loop = server.wait_until_started()
        yield RunningServer(emulator, url, authority.cert_pem.bytes(), loop)
    finally:
        server.should_exit = True
        thread.join(STOP_SECONDS)
        listener.close()
        # The thread has done these, unless something keeps it.
        emulator.services.storage.store.close()
        emulator.journal.close()


def _listen(port: int) -> socket.socket:
    # Naming the protocol is what makes asyncio set TCP_NODELAY; without it every reply comes some 40 ms late.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":
        # Lets a fixed port be taken again at once; on Windows the same option would let two servers share it.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        raise ServerStartError(f"cannot listen on {HOST}:{port}: {error.strerror}. Choose another --port.") from error
    listener.listen(128)
    return listener


def _tls_context(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST, "localhost").configure_cert(context)
    return context


class _Server(uvicorn.Server):
    def __init__(self, application: ASGIApp, tls: ssl.SSLContext) -> None:
        super().__init__(
            uvicorn.Config(
                application,
                http=_Protocol,
                loop="asyncio",
                ws="none",
                lifespan="on",
                access_log=False,
                # What a client does wrong is told to the client.
                log_level="error",
                server_header=False,
                proxy_headers=False,
                date_header=False,
                ssl_context_factory=lambda config, default: tls,
                timeout_keep_alive=75,
            )
        )
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def run_quietly(self, listener: socket.socket) -> None:
        """The thread's work: a failure is kept for whoever waits."""
        quiet = _AboutClientsGone()
        logging.getLogger("asyncio").addFilter(quiet)
        try:
            asyncio.run(self.serve(sockets=[listener]))
        except (Exception, SystemExit) as error:  # uvicorn leaves by SystemExit when the application fails to start
            self._failure = error
        finally:
            logging.getLogger("asyncio").removeFilter(quiet)
            self._ready.set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._loop = asyncio.get_running_loop()
        self._ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, give requests their grace, then cut connections and cancel what still runs."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await self._settle(GRACE_SECONDS)
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await self._settle(GRACE_SECONDS)
        for task in list(self.server_state.tasks):
            task.cancel()
        await self._settle(GRACE_SECONDS)
        await self.lifespan.shutdown()

    async def _settle(self, seconds: float) -> None:
        """Return when all requests have ended, or after `seconds`."""
        deadline = time.monotonic() + seconds
        while (self.server_state.connections or self.server_state.tasks) and time.monotonic() < deadline:
            await asyncio.sleep(0.01)

    def wait_until_started(self) -> asyncio.AbstractEventLoop:
        """The loop in which the server runs. Raises ServerStartError."""
        if not self._ready.wait(START_SECONDS) or not self.started or self._loop is None:
            raise ServerStartError(f"The server did not start: {self._failure or 'no answer'}")
        return self._loop
