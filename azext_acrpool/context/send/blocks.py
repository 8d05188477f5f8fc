"""A stream of bytes to a block blob: blocks, the threads that send them, retries, and the upload URL's renewal."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from queue import Empty, Full, Queue
from urllib.parse import quote

from ..errors import UploadError, UploadRefusedError
from .destination import Destination
from .transport import Reply, Transport, TransportError

__all__ = ["BLOCK_BYTES", "FIRST_BLOCK_BYTES", "BlockBody", "BlockUploader", "Retries"]

BLOCK_BYTES = 4 << 20
FIRST_BLOCK_BYTES = 1 << 20
"""The first few blocks are smaller, so that the link is put to use early. What fits into one is a single request."""

_FIRST_BLOCKS = 4
_PIECE_BYTES = 64 << 10
_MOST_BLOCKS = 50_000  # of a block blob
_LONGEST_RETRY_AFTER_SECONDS = 60.0
_TRANSIENT = frozenset({408, 429, 500, 502, 503, 504})
_FORBIDDEN = 403
_API_VERSION = {"x-ms-version": "2021-12-02"}
_LOOK_AROUND_SECONDS = 0.1


@dataclass(frozen=True)
class Retries:
    """How often and after how long a request is sent again.

    :param seconds: before the second, third, .. try; as many as there are.
    :param wait: waits so long, or until the event is set.
    """

    seconds: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
    wait: Callable[[threading.Event, float], object] = threading.Event.wait


class _CancelledError(Exception):
    """The upload was given up while a request was under way."""


@dataclass(frozen=True)
class _Request:
    """One PUT: what follows the blob's URL in the query, headers, body."""

    query: str
    headers: dict[str, str]
    data: bytes


class BlockBody:
    """The body of one try. Counts what goes out, and breaks off when the upload is given up.

    :ivar sent: bytes handed to the network.
    """

    def __init__(self, data: bytes, count: Callable[[int], None], cancelled: threading.Event) -> None:
        self.data = data
        self.count = count
        self.cancelled = cancelled
        self.sent = 0

    def __len__(self) -> int:
        return len(self.data)

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self.data), _PIECE_BYTES):
            if self.cancelled.is_set():
                raise _CancelledError
            piece = self.data[start : start + _PIECE_BYTES]
            yield piece
            self.sent += len(piece)
            self.count(len(piece))


class BlockUploader:
    """Takes the bytes of a blob in order. `finish` makes the blob; without it, none appears.

    At most `connections + 2` blocks are held at a time: `write` waits for room.
    """

    def __init__(
        self,
        transport: Transport,
        destination: Destination,
        *,
        connections: int,
        retries: Retries,
        attempt: int = 0,
        on_wait: Callable[[], None] = lambda: None,
    ) -> None:
        """
        :param attempt: marks the block IDs, so that a late block of an earlier attempt is never taken for one of this.
        :param on_wait: called in the writing thread from time to time while it waits.
        """
        self._transport = transport
        self._destination = destination
        self._connections = connections
        self._retries = retries
        self._attempt = attempt
        self._on_wait = on_wait
        self._buffer = bytearray()
        self._block_ids: list[str] = []
        self._requests: Queue[_Request] = Queue(maxsize=1)
        self._cancelled = threading.Event()
        self._changed = threading.Condition()
        self._unfinished = 0
        self._sent_bytes = 0
        self._error: BaseException | None = None
        self._threads: list[threading.Thread] = []

    @property
    def sent_bytes(self) -> int:
        """Bytes handed to the network so far, without those of failed tries."""
        return self._sent_bytes

    @property
    def is_behind(self) -> bool:
        """Whether all connections are busy and a block waits for one."""
        return self._unfinished > self._connections

    def write(self, data: bytes) -> None:
        """Take the next bytes of the blob. A full block is sent once it is known not to be all there is.

        :raises UploadError: an earlier block could not be sent.
        """
        self._buffer += data
        while len(self._buffer) > (size := self._next_block_bytes()):
            block = bytes(memoryview(self._buffer)[:size])
            del self._buffer[:size]
            self._stage(block)

    def finish(self) -> None:
        """Send what is left and commit the blob.

        :raises UploadError: a request failed for good; no blob was made.
        """
        last = bytes(self._buffer)
        if not self._block_ids:
            self._submit(_Request("", {"x-ms-blob-type": "BlockBlob"}, last))
        else:
            self._stage(last)
            self._wait_for_all()
            latest = "".join(f"<Latest>{block_id}</Latest>" for block_id in self._block_ids)
            body = f'<?xml version="1.0" encoding="utf-8"?><BlockList>{latest}</BlockList>'
            self._submit(_Request("comp=blocklist", {"Content-Type": "application/xml"}, body.encode()))
        self._wait_for_all()

    def close(self) -> None:
        """Break off what is under way and end the threads."""
        self._cancelled.set()

    def _next_block_bytes(self) -> int:
        return FIRST_BLOCK_BYTES if len(self._block_ids) < _FIRST_BLOCKS else BLOCK_BYTES

    def _stage(self, data: bytes) -> None:
        if len(self._block_ids) == _MOST_BLOCKS:
            raise UploadError(
                f"The packed context is larger than {_MOST_BLOCKS * BLOCK_BYTES >> 30} GiB, more than can be uploaded. "
                "List what the build does not need in .dockerignore."
            )
        block_id = base64.b64encode(b"%02d-%06d" % (self._attempt, len(self._block_ids))).decode()
        self._block_ids.append(block_id)
        self._submit(_Request(f"comp=block&blockid={quote(block_id, safe='')}", {}, data))

    def _submit(self, request: _Request) -> None:
        with self._changed:
            self._unfinished += 1
        if len(self._threads) < min(self._connections, self._unfinished):
            thread = threading.Thread(target=self._work, name=f"upload-{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()
        while True:
            self._check()
            try:
                self._requests.put(request, timeout=_LOOK_AROUND_SECONDS)
            except Full:
                self._on_wait()
            else:
                return

    def _wait_for_all(self) -> None:
        while True:
            with self._changed:
                if not self._unfinished or self._error is not None:
                    break
                self._changed.wait(_LOOK_AROUND_SECONDS)
            self._on_wait()
        self._check()

    def _check(self) -> None:
        if self._error is not None:
            raise self._error

    def _count(self, sent: int) -> None:
        with self._changed:
            self._sent_bytes += sent

    def _work(self) -> None:
        while not self._cancelled.is_set():
            try:
                request = self._requests.get(timeout=_LOOK_AROUND_SECONDS)
            except Empty:
                continue
            try:
                self._send(request)
            except BaseException as error:  # handed to the thread that writes
                self._fail(error)
                return
            del request
            with self._changed:
                self._unfinished -= 1
                self._changed.notify_all()

    def _fail(self, error: BaseException) -> None:
        with self._changed:
            self._error = self._error or error
            self._changed.notify_all()
        self._cancelled.set()

    def _send(self, request: _Request) -> None:
        """Send until it is accepted, each time from the start of the data."""
        delays = iter(self._retries.seconds)
        while True:
            target = self._destination.wait(self._cancelled)
            body = BlockBody(request.data, self._count, self._cancelled)
            outcome: Reply | TransportError
            try:
                outcome = self._transport.put(
                    _with_query(target.upload_url, request.query), {**_API_VERSION, **request.headers}, body
                )
            except TransportError as error:
                outcome = error
            if isinstance(outcome, Reply) and outcome.status < 300:
                self._destination.accepted(target)
                return
            self._count(-body.sent)
            if self._cancelled.is_set():
                raise _CancelledError
            if isinstance(outcome, Reply) and outcome.status == _FORBIDDEN:
                self._destination.renew(target, outcome)
            else:
                self._pause(outcome, next(delays, None))

    def _pause(self, outcome: Reply | TransportError, delay: float | None) -> None:
        """Wait before another try.

        :raises UploadError: another try is of no use, or there were enough.
        """
        if isinstance(outcome, TransportError):
            if not outcome.transient or delay is None:
                raise UploadError(f"The upload of the context failed: {outcome}. Check the network and try again.")
        elif outcome.status not in _TRANSIENT or delay is None:
            raise UploadRefusedError(
                f"The storage account refused the upload: HTTP {outcome.status}{outcome.code_in_brackets}. "
                "Try again; if it stays, the registry's storage or a proxy on the way has a problem.",
                status=outcome.status,
                code=outcome.error_code,
            )
        else:
            delay = max(delay, min(outcome.retry_after or 0.0, _LONGEST_RETRY_AFTER_SECONDS))
        self._retries.wait(self._cancelled, delay)


def _with_query(url: str, query: str) -> str:
    if not query:
        return url
    return f"{url}{'&' if '?' in url else '?'}{query}"
