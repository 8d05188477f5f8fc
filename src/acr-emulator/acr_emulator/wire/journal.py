"""A record of every request: what was asked, what came back, how long it took."""

from __future__ import annotations

import json
import logging
import re
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..clock import EmulatorClock, format_time
from ..sections import check_plain
from .scopes import is_for_azure

__all__ = ["Entry", "Journal", "JournalMiddleware", "redact_body", "redact_query"]

log = logging.getLogger("acr_emulator")

REDACTED = "REDACTED"
SECRET_QUERY_KEYS = frozenset({"sig", "s", "c", "h"})
SECRET_NAMES = re.compile(r"password|secret|token|credential", re.IGNORECASE)
LARGEST_KEPT_BODY = 1024 * 1024
MOST_ENTRIES = 10_000
MOST_BYTES = 64 * 1024 * 1024
"""Of paths, queries and bodies of all entries together."""


@dataclass(frozen=True)
class Entry:
    """One request. `body` is the parsed JSON of an ARM request, None beyond 1 MiB; sizes are bytes of the bodies.

    `seconds` is how long it took on the emulator's clock; `status` is 0 when the client got none.
    """

    time: str
    method: str
    path: str
    query: dict[str, str]
    status: int
    request_bytes: int
    response_bytes: int
    seconds: float
    body: Any = None

    def to_wire(self) -> dict[str, Any]:
        """All of it as JSON has it."""
        return vars(self).copy()


@dataclass(frozen=True)
class _Kept:
    """An entry without its body, and the body as text, which takes a tenth of the room."""

    entry: Entry
    body: bytes

    @property
    def size(self) -> int:
        query = sum(len(key) + len(value) for key, value in self.entry.query.items())
        return len(self.body) + len(self.entry.path) + query


class Journal:
    """The last entries, in order of completion, and a copy of each as a JSON line in `file`, without secrets.

    At most `most_entries` are kept, and fewer if they come to more than `most_bytes`; the file has them all. Safe to
    use from several threads.
    """

    def __init__(
        self, file: Path | None = None, *, most_entries: int = MOST_ENTRIES, most_bytes: int = MOST_BYTES
    ) -> None:
        self._kept: deque[_Kept] = deque()
        self._size = 0
        self._dropped = 0
        self._most_entries = most_entries
        self._most_bytes = most_bytes
        self._file = None if file is None else file.open("a", encoding="utf-8")
        self._lock = threading.Lock()

    @property
    def entries(self) -> list[Entry]:
        """What has not been dropped, oldest first."""
        with self._lock:
            kept = list(self._kept)
        return [replace(one.entry, body=json.loads(one.body)) for one in kept]

    @property
    def dropped(self) -> int:
        """How many entries have been dropped since the journal was cleared."""
        return self._dropped

    def add(self, entry: Entry) -> None:
        """Keep an entry, and drop the oldest ones if that is too much."""
        kept = _Kept(replace(entry, body=None), json.dumps(entry.body).encode())
        with self._lock:
            self._kept.append(kept)
            self._size += kept.size
            while len(self._kept) > self._most_entries or self._size > self._most_bytes:
                self._size -= self._kept.popleft().size
                self._dropped += 1
            self._write(entry)

    def _write(self, entry: Entry) -> None:
        if self._file is None:
            return
        try:
            self._file.write(json.dumps({**entry.to_wire(), "body": redact_body(entry.body)}) + "\n")
            self._file.flush()
        except OSError as error:
            # A full disk is no reason to fail requests; that the file ends here has to be said once.
            log.error("the journal ends here, since its file cannot be written: %s", error.strerror)
            self._file = None

    def clear(self) -> None:
        """Forget the entries; the file keeps them."""
        with self._lock:
            self._kept.clear()
            self._size = self._dropped = 0

    def close(self) -> None:
        """Write no more to the file."""
        with self._lock:
            if self._file is not None:
                self._file.close()
            self._file = None


def redact_query(text: str) -> dict[str, str]:
    """The query's keys and values, without those that sign a URL."""
    pairs = parse_qsl(text, keep_blank_values=True)
    return {key: REDACTED if key.lower() in SECRET_QUERY_KEYS else value for key, value in pairs}


def redact_body(body: Any) -> Any:
    """A copy of a request body without values that look secret: by name, or beside `isSecret` or the type Opaque."""
    if isinstance(body, list):
        return [redact_body(item) for item in body]
    if not isinstance(body, Mapping):
        return body
    secret = body.get("isSecret") is True or str(body.get("type", "")).lower() == "opaque"
    return {
        key: REDACTED if _is_secret(key, value, beside_secret=secret) else redact_body(value)
        for key, value in body.items()
    }


def _is_secret(key: str, value: Any, *, beside_secret: bool) -> bool:
    if not isinstance(value, str) or key in {"tokenType", "type"}:
        return False
    signed_url = "sig=" in value
    return signed_url or (key == "value" and beside_secret) or SECRET_NAMES.search(key) is not None


class JournalMiddleware:
    """ASGI middleware that notes the requests for Azure; bodies that go to `content_path` are counted but not kept."""

    def __init__(self, app: ASGIApp, journal: Journal, clock: EmulatorClock, content_path: str) -> None:
        self._app = app
        self._journal = journal
        self._clock = clock
        self._content_path = content_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not is_for_azure(scope):
            await self._app(scope, receive, send)
            return
        started = self._clock.now()
        exchange = _Exchange(receive, send, keep_body=not scope["path"].startswith(self._content_path))
        try:
            await self._app(scope, exchange.receive, exchange.send)
        finally:
            self._journal.add(
                Entry(
                    time=format_time(started),
                    method=scope["method"],
                    path=scope["path"],
                    query=redact_query(scope["query_string"].decode("latin-1")),
                    status=exchange.status,
                    request_bytes=exchange.request_bytes,
                    response_bytes=exchange.response_bytes,
                    seconds=round((self._clock.now() - started).total_seconds(), 6),
                    body=exchange.parsed_body(),
                )
            )


class _Exchange:
    """Counts what passes. `status` stays 0 when the client never got one."""

    def __init__(self, receive: Receive, send: Send, *, keep_body: bool) -> None:
        self._receive = receive
        self._send = send
        self._keep_body = keep_body
        self._kept = bytearray()
        self.status = 0
        self.request_bytes = 0
        self.response_bytes = 0

    async def receive(self) -> Message:
        message = await self._receive()
        body = message.get("body", b"")
        self.request_bytes += len(body)
        if self._keep_body:
            self._kept += body
            if len(self._kept) > LARGEST_KEPT_BODY:
                self._keep_body = False
                self._kept.clear()
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        self.response_bytes += len(message.get("body", b""))
        await self._send(message)

    def parsed_body(self) -> Any:
        """The body's JSON; None for none, for what is too large or too deep to keep, and for what is not JSON."""
        try:
            body = json.loads(self._kept) if self._kept else None
            check_plain(body, ValueError)
        except (ValueError, RecursionError):
            return None
        return body
