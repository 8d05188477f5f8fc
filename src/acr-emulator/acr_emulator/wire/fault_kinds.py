"""What can go wrong with a request: a class for each kind, and nothing elsewhere.

To add a kind, write its class here and its row in the table of docs/emulator.md; a test compares the two.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..clock import EmulatorClock
from ..sections import Section
from .connection import Connection, connection_of

__all__ = ["Exchange", "Fault"]


@dataclass(frozen=True)
class Exchange:
    """A request that is about to go wrong, before the application has seen it."""

    app: ASGIApp
    clock: EmulatorClock
    scope: Scope
    receive: Receive
    send: Send

    @property
    def connection(self) -> Connection:
        return connection_of(self.scope)

    async def carry_out(self, send: Send | None = None) -> None:
        """Let the application answer; `send` takes the reply in the client's place."""
        await self.app(self.scope, self.receive, send or self.send)

    async def wait_for_disconnect(self) -> None:
        """Return when the server has noticed that the connection is gone."""
        while (await self.receive())["type"] != "http.disconnect":
            pass


class Fault(ABC):
    """What goes wrong. A subclass is a kind: `class Reset(Fault, kind="reset")` is what rules call `{"reset": ...}`."""

    kinds: ClassVar[dict[str, type[Fault]]] = {}

    def __init_subclass__(cls, *, kind: str) -> None:
        super().__init_subclass__()
        Fault.kinds[kind] = cls

    @classmethod
    @abstractmethod
    def parse(cls, section: Section) -> Fault:
        """The fault that a rule describes; members that are not asked for are refused. Raises the section's error."""

    @abstractmethod
    async def apply(self, exchange: Exchange) -> None:
        """Let the request go wrong."""


@dataclass(frozen=True)
class Status(Fault, kind="status"):
    """Answer with `status`, `body` and `headers` instead of carrying the request out."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, section: Section) -> Status:
        return cls(section.number("status"), section.get("body"), section.text_mapping("headers"))

    async def apply(self, exchange: Exchange) -> None:
        while (await exchange.receive()).get("more_body"):
            pass
        content = self._content()
        headers = {
            "content-type": "application/json; charset=utf-8",
            **{name.lower(): value for name, value in self.headers.items()},
            "content-length": str(len(content)),
        }
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        await exchange.send({"type": "http.response.start", "status": self.status, "headers": raw})
        await exchange.send({"type": "http.response.body", "body": content})

    def _content(self) -> bytes:
        if self.body is None:
            return b""
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


class Reset(Fault, kind="reset"):
    """Cut the connection with a TCP reset; nothing is carried out."""

    @classmethod
    def parse(cls, section: Section) -> Reset:
        section.get("reset")
        return cls()

    async def apply(self, exchange: Exchange) -> None:
        exchange.connection.reset()
        await exchange.wait_for_disconnect()


@dataclass(frozen=True)
class Delay(Fault, kind="delay"):
    """Let `seconds` pass on the emulator's clock, then go on as usual."""

    seconds: float

    @classmethod
    def parse(cls, section: Section) -> Delay:
        return cls(section.seconds("delay"))

    async def apply(self, exchange: Exchange) -> None:
        await exchange.clock.sleep(self.seconds)
        await exchange.carry_out()


@dataclass(frozen=True)
class Truncate(Fault, kind="truncate"):
    """Carry the request out, send the first `size` bytes of the reply's body, and close the connection."""

    size: int

    @classmethod
    def parse(cls, section: Section) -> Truncate:
        return cls(section.number("truncate"))

    async def apply(self, exchange: Exchange) -> None:
        left, closed = self.size, False

        async def send(message: Message) -> None:
            nonlocal left, closed
            if message["type"] != "http.response.body":
                await exchange.send(message)
            elif not closed:
                body = message.get("body", b"")
                await exchange.send({**message, "body": body[:left], "more_body": True})
                left -= len(body)
                if left < 0 or not message.get("more_body"):
                    closed = True
                    exchange.connection.close()

        await exchange.carry_out(send)


class DropReply(Fault, kind="drop-reply"):
    """Carry the request out, but close the connection without a reply."""

    @classmethod
    def parse(cls, section: Section) -> DropReply:
        section.get("drop-reply")
        return cls()

    async def apply(self, exchange: Exchange) -> None:
        async def discard(message: Message) -> None:
            """The client never hears of it."""

        await exchange.carry_out(discard)
        exchange.connection.close()
        await exchange.wait_for_disconnect()
