"""The connection that a request came by, for whoever has to cut it."""

from __future__ import annotations

from starlette.types import Scope

__all__ = ["CONNECTION_EXTENSION", "Connection", "ConnectionDroppedError", "connection_of"]

CONNECTION_EXTENSION = "acr_emulator.connection"


class ConnectionDroppedError(Exception):
    """The connection had to be dropped, and the server in front of the application offers no way to do so."""


class Connection:
    """The connection a request came by; the server puts it into the ASGI scope's extensions."""

    def reset(self) -> None:
        """Cut it with a TCP reset."""
        raise ConnectionDroppedError("reset")

    def close(self) -> None:
        """Close it after what was written has been sent."""
        raise ConnectionDroppedError("close")


def connection_of(scope: Scope) -> Connection:
    """The request's connection; one that can only raise ConnectionDroppedError if the server gave none."""
    connection = scope.get("extensions", {}).get(CONNECTION_EXTENSION)
    return connection if isinstance(connection, Connection) else Connection()
