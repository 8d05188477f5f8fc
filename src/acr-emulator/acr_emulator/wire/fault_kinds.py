"""What can go wrong with a request: a class for each kind, and nothing elsewhere.

To add a kind, write its class here and its row in the table of docs/emulator.md; a test compares the two.
"""

from __future__ import annotations

import asyncio
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..clock import EmulatorClock
from ..sections import Section
from .connection import Connection, connection_of
from .fault_members import check_switched_on, read_headers, read_members, read_status
from .replies import WholeReply, content_of, gzipped_blanks

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

    async def carry_out_unheard(self) -> None:
        """Let the application answer, and keep the reply from the client."""

        async def discard(message: Message) -> None:
            """The client never hears of it."""

        await self.carry_out(discard)

    async def read_reply(self) -> WholeReply:
        """Let the application answer, and keep the reply for whoever wants to change it."""
        reply = WholeReply()
        await self.carry_out(reply.take)
        return reply

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
    """Answer with `status`, `body` and `headers`, without carrying the request out unless `carry_out` says so."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    carry_out: bool = False

    @classmethod
    def parse(cls, section: Section) -> Status:
        return cls(
            read_status(section),
            section.get("body"),
            read_headers(section),
            section.flag("carry-out", default=False),
        )

    async def apply(self, exchange: Exchange) -> None:
        if self.carry_out:
            await exchange.carry_out_unheard()
        else:
            while (await exchange.receive()).get("more_body"):
                pass
        reply = WholeReply(self.status)
        reply.set_headers({"content-type": "application/json; charset=utf-8"})
        reply.set_headers(self.headers)
        reply.set_content(content_of(self.body))
        await reply.send(exchange.send)


@dataclass(frozen=True)
class Reset(Fault, kind="reset"):
    """Cut the connection with a TCP reset; nothing is carried out unless `carry_out` says so."""

    carry_out: bool = False

    @classmethod
    def parse(cls, section: Section) -> Reset:
        check_switched_on(section, "reset")
        return cls(section.flag("carry-out", default=False))

    async def apply(self, exchange: Exchange) -> None:
        if self.carry_out:
            await exchange.carry_out_unheard()
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
class Silence(Fault, kind="silence"):
    """Send nothing for so many seconds, then close the connection; nothing is carried out unless `carry_out` says so.

    These are real seconds: it is the client's own patience that they try, and no `advance` shortens them.
    """

    seconds: float
    carry_out: bool = False

    @classmethod
    def parse(cls, section: Section) -> Silence:
        return cls(section.seconds("silence"), section.flag("carry-out", default=False))

    async def apply(self, exchange: Exchange) -> None:
        if self.carry_out:
            await exchange.carry_out_unheard()
        await asyncio.sleep(self.seconds)
        exchange.connection.close()
        await exchange.wait_for_disconnect()


@dataclass(frozen=True)
class Drip(Fault, kind="drip"):
    """Carry the request out, and send the reply's body byte by byte, so many real seconds apart."""

    seconds: float

    @classmethod
    def parse(cls, section: Section) -> Drip:
        return cls(section.seconds("drip"))

    async def apply(self, exchange: Exchange) -> None:
        reply = await exchange.read_reply()
        await exchange.send(reply.start())
        for position in range(len(reply.content)):
            await exchange.send(reply.part(reply.content[position : position + 1], more=True))
            await asyncio.sleep(self.seconds)
        await exchange.send(reply.part(b"", more=False))


@dataclass(frozen=True)
class Truncate(Fault, kind="truncate"):
    """Carry the request out, send the first `size` bytes of the reply's body, and cut the connection.

    `end` is how: "close", or "reset" for a TCP reset.
    """

    size: int
    end: str = "close"

    @classmethod
    def parse(cls, section: Section) -> Truncate:
        return cls(section.number("truncate"), section.choice("end", ("close", "reset"), "close"))

    async def apply(self, exchange: Exchange) -> None:
        left, cut = self.size, False

        async def send(message: Message) -> None:
            nonlocal left, cut
            if message["type"] != "http.response.body":
                await exchange.send(message)
            elif not cut:
                body = message.get("body", b"")
                await exchange.send({**message, "body": body[:left], "more_body": True})
                left -= len(body)
                if left < 0 or not message.get("more_body"):
                    cut = True
                    await self._cut(exchange.connection)

        await exchange.carry_out(send)
        if cut:
            await exchange.wait_for_disconnect()

    async def _cut(self, connection: Connection) -> None:
        if self.end == "close":
            connection.close()
        else:
            # A reset drops what the client has not read yet, which is to be the rest alone.
            await asyncio.sleep(_UNTIL_READ)
            connection.reset()


class DropReply(Fault, kind="drop-reply"):
    """Carry the request out, but close the connection without a reply."""

    @classmethod
    def parse(cls, section: Section) -> DropReply:
        check_switched_on(section, "drop-reply")
        return cls()

    async def apply(self, exchange: Exchange) -> None:
        await exchange.carry_out_unheard()
        exchange.connection.close()
        await exchange.wait_for_disconnect()


@dataclass(frozen=True)
class Rewrite(Fault, kind="rewrite"):
    """Carry the request out, and change the reply on its way back.

    `status` replaces it, `body` replaces the whole body (JSON, or a text as it is), `members` are set in a JSON body by
    their paths (`properties.count`, `value.0.id`), `headers` are added or replaced.
    """

    status: int | None = None
    body: Any = None
    members: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, section: Section) -> Rewrite:
        change = section.section("rewrite")
        return cls(
            None if change.get("status") is None else read_status(change),
            change.get("body"),
            read_members(change),
            read_headers(change),
        )

    async def apply(self, exchange: Exchange) -> None:
        reply = await exchange.read_reply()
        reply.status = reply.status if self.status is None else self.status
        if self.body is not None:
            reply.set_content(content_of(self.body))
        reply.set_members(self.members)
        reply.set_headers(self.headers)
        await reply.send(exchange.send)


class OneMorePage(Fault, kind="one-more-page"):
    """Carry the request out; a list gets a nextLink to the same list again, under a URL that has not been there yet."""

    @classmethod
    def parse(cls, section: Section) -> OneMorePage:
        check_switched_on(section, "one-more-page")
        return cls()

    async def apply(self, exchange: Exchange) -> None:
        reply = await exchange.read_reply()
        reply.set_members({"nextLink": _another_url(exchange.scope)})
        await reply.send(exchange.send)


@dataclass(frozen=True)
class Inflate(Fault, kind="inflate"):
    """Carry the request out; the reply is compressed with gzip, and `size` bytes of blanks follow its body inside."""

    size: int

    @classmethod
    def parse(cls, section: Section) -> Inflate:
        return cls(section.number("inflate"))

    async def apply(self, exchange: Exchange) -> None:
        reply = await exchange.read_reply()
        reply.set_content(gzipped_blanks(reply.content, self.size))
        reply.set_headers({"content-encoding": "gzip"})
        await reply.send(exchange.send)


PAGE_NUMBER = re.compile(r"[0-9]{1,9}")
# What numbers the pages of a list without end.
_PAGE = "page"
# Real seconds in which a client on the same machine reads what it was sent.
_UNTIL_READ = 0.05


def _another_url(scope: Scope) -> str:
    """The request's URL, with a number in its query that is one more than the last one's."""
    headers = dict(scope["headers"])
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    number = 1 + next((int(value) for name, value in query if name == _PAGE and PAGE_NUMBER.fullmatch(value)), 0)
    kept = [(name, value) for name, value in query if name != _PAGE]
    host = headers.get(b"host", b"").decode("latin-1")
    return f"{scope['scheme']}://{host}{scope['path']}?{urlencode([*kept, (_PAGE, str(number))])}"
