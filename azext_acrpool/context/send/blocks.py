"""A stream of bytes to a block blob: blocks, the threads that send them, retries, and the upload URL's renewal."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, Full, Queue, SimpleQueue
from urllib.parse import quote

from ...clock import Clock
from ...web import Failures, is_long
from ...wording import format_bytes, format_duration
from ..errors import UploadError, UploadRefusedError
from .destination import Destination
from .pace import Pace
from .stall import StallWatch
from .transport import Reply, Transport, TransportError

__all__ = ["BlockBody", "BlockLimits", "BlockUploader"]

_PIECE_BYTES = 64 << 10
_TRANSIENT = frozenset({408, 429, 500, 502, 503, 504})
_CREATED = 201
_FORBIDDEN = 403
# Of the upload URL for one request: where others get through with it, no other URL helps.
_MOST_RENEWALS = 3
_API_VERSION = {"x-ms-version": "2021-12-02"}
_LOOK_AROUND_SECONDS = 0.1


@dataclass(frozen=True)
class BlockLimits:
    """How a stream is cut into blocks, and how these are sent.

    `connections` are requests at a time; each takes about `block_bytes` of memory. The first `first_blocks` blocks are
    smaller, so that the link is put to use early; what fits into one is a single request. On a slow link blocks are
    smaller, down to `least_block_bytes`. `most_blocks` is what a block blob can have. `failure_budget` is in seconds of
    unbroken failure of one request, after which it is not sent again.
    """

    connections: int = 5
    block_bytes: int = 4 << 20
    first_block_bytes: int = 1 << 20
    first_blocks: int = 4
    least_block_bytes: int = 256 << 10
    most_blocks: int = 50_000
    failure_budget: float = 60.0


class _CancelledError(Exception):
    """The upload was given up while a request was under way."""


class _TooLargeError(Exception):
    """A block had no answer in time: what the link did not take at once is sent in parts."""


@dataclass(frozen=True)
class _Request:
    """One PUT: what follows the blob's URL in the query, headers, body, and whether the body is bytes of the blob.

    Of a block, there are also its ID, and its place: the IDs of all the blocks that stand there in the blob.
    """

    query: str
    headers: dict[str, str]
    data: bytes
    is_content: bool = True
    block_id: str = ""
    place: list[str] = field(default_factory=list)


class BlockBody:
    """The body of one try. Counts what goes out, and breaks off when the upload is given up.

    `sent` are the bytes handed to the network so far; `patience` is how many seconds the reply may take.
    """

    def __init__(
        self, data: bytes, count: Callable[[int], None], cancelled: threading.Event, patience: float = 120.0
    ) -> None:
        self.data = data
        self.count = count
        self.cancelled = cancelled
        self.patience = patience
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

    At most `limits.connections + 2` blocks are held at a time: `write` waits for room. `attempt` marks the block IDs,
    so that a late block of an earlier attempt is never taken for one of this. While the writing thread waits, it calls
    `on_wait` from time to time, and `tell` when nothing moves for long, or the storage account asked to be left alone.
    """

    def __init__(
        self,
        transport: Transport,
        destination: Destination,
        clock: Clock,
        limits: BlockLimits,
        *,
        attempt: int = 0,
        on_wait: Callable[[], None] = lambda: None,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._transport = transport
        self._destination = destination
        self._clock = clock
        self._limits = limits
        self._attempt = attempt
        self._on_wait = on_wait
        self._tell = tell
        self._troubles: SimpleQueue[str] = SimpleQueue()
        self._trouble_told_until = float("-inf")
        self._last_trouble = ""
        self._stall = StallWatch(clock, tell)
        self._pace = Pace(clock)
        self._buffer = bytearray()
        self._places: list[list[str]] = []
        self._block_count = 0
        self._requests: Queue[_Request] = Queue(maxsize=1)
        self._cancelled = threading.Event()
        self._changed = threading.Condition()
        self._unfinished = 0
        self._finished = 0
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
        return self._unfinished > self._limits.connections

    def write(self, data: bytes) -> None:
        """Take the next bytes of the blob. A full block is sent once it is known not to be all there is.

        Raises UploadError when an earlier block could not be sent.
        """
        self._buffer += data
        while len(self._buffer) > (size := self._next_block_bytes()):
            block = bytes(memoryview(self._buffer)[:size])
            del self._buffer[:size]
            self._stage(block)

    def finish(self) -> None:
        """Send what is left and commit the blob. Raises UploadError when a request failed for good: no blob is made."""
        last = bytes(self._buffer)
        if not self._places:
            self._submit(_Request("", {"x-ms-blob-type": "BlockBlob"}, last))
        else:
            self._stage(last)
            self._wait_for_all()
            latest = "".join(f"<Latest>{block_id}</Latest>" for place in self._places for block_id in place)
            body = f'<?xml version="1.0" encoding="utf-8"?><BlockList>{latest}</BlockList>'
            headers = {"Content-Type": "application/xml"}
            self._submit(_Request("comp=blocklist", headers, body.encode(), is_content=False))
        self._wait_for_all()

    def close(self) -> None:
        """Break off what is under way and end the threads."""
        self._cancelled.set()

    def _next_block_bytes(self) -> int:
        limits = self._limits
        most = limits.first_block_bytes if len(self._places) < limits.first_blocks else limits.block_bytes
        return self._pace.block_bytes(limits.connections, least=limits.least_block_bytes, most=most)

    def _stage(self, data: bytes) -> None:
        if self._block_count >= self._limits.most_blocks:
            most = format_bytes(self._limits.most_blocks * self._limits.block_bytes)
            raise UploadError(
                f"The packed context is larger than {most}, more than can be uploaded. "
                "List what the build does not need in .dockerignore."
            )
        place: list[str] = []
        request = self._block(data, place)
        place.append(request.block_id)
        self._places.append(place)
        self._submit(request)

    def _block(self, data: bytes, place: list[str]) -> _Request:
        """A block with an ID of its own, which is yet to be put into its place."""
        with self._changed:
            number, self._block_count = self._block_count, self._block_count + 1
        block_id = base64.b64encode(b"%02d-%06d" % (self._attempt, number)).decode()
        return _Request(f"comp=block&blockid={quote(block_id, safe='')}", {}, data, block_id=block_id, place=place)

    def _submit(self, request: _Request) -> None:
        with self._changed:
            self._unfinished += 1
            if self._unfinished == 1:
                self._stall.restart()
        if len(self._threads) < min(self._limits.connections, self._unfinished):
            thread = threading.Thread(target=self._work, name=f"upload-{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()
        while True:
            self._check()
            try:
                self._requests.put(request, timeout=_LOOK_AROUND_SECONDS)
            except Full:
                self._look_around()
            else:
                return

    def _wait_for_all(self) -> None:
        while True:
            with self._changed:
                if not self._unfinished or self._error is not None:
                    break
                self._changed.wait(_LOOK_AROUND_SECONDS)
            self._look_around()
        self._tell_troubles()
        self._check()

    def _look_around(self) -> None:
        self._tell_troubles()
        if self._clock.monotonic() >= self._trouble_told_until:
            self._stall.look(self._finished, self._sent_bytes, self._last_trouble)
        self._on_wait()

    def _tell_troubles(self) -> None:
        with suppress(Empty):
            while True:
                self._tell(self._troubles.get_nowait())

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
                self._deliver(request)
            except BaseException as error:  # handed to the thread that writes
                self._fail(error)
                return
            del request
            with self._changed:
                self._unfinished -= 1
                self._finished += 1
                self._changed.notify_all()

    def _fail(self, error: BaseException) -> None:
        with self._changed:
            self._error = self._error or error
            self._changed.notify_all()
        self._cancelled.set()

    def _deliver(self, request: _Request) -> None:
        """Send until it is accepted: whole, or else in parts."""
        failures = Failures(self._limits.failure_budget)
        waiting = [request]
        while waiting:
            part = waiting.pop()
            try:
                self._send(part, failures)
            except _TooLargeError:
                waiting += reversed(self._halves(part))
            else:
                failures = Failures(self._limits.failure_budget)

    def _halves(self, request: _Request) -> list[_Request]:
        """Two blocks in the place of one."""
        middle = len(request.data) // 2
        halves = [self._block(data, request.place) for data in (request.data[:middle], request.data[middle:])]
        position = request.place.index(request.block_id)
        request.place[position : position + 1] = [half.block_id for half in halves]
        return halves

    def _send(self, request: _Request, failures: Failures) -> None:
        """Send until it is accepted, each time from the start of the data.

        Raises _TooLargeError for what had no answer in time and can be divided.
        """
        count = self._count if request.is_content else _count_nothing
        renewals = 0
        while True:
            target = self._destination.wait(self._cancelled)
            body, outcome = self._try(request, target.upload_url, count)
            # Whatever else says that all is well, a proxy's page for one, has made nothing.
            if isinstance(outcome, Reply) and outcome.status == _CREATED:
                self._destination.accepted(target)
                self._last_trouble = ""
                return
            count(-body.sent)
            if self._cancelled.is_set():
                raise _CancelledError
            if isinstance(outcome, Reply) and outcome.status == _FORBIDDEN and renewals < _MOST_RENEWALS:
                renewals += 1
                self._destination.renew(target, outcome)
                continue
            self._pause(outcome, failures)
            if isinstance(outcome, TransportError) and outcome.timed_out and self._can_be_divided(request):
                raise _TooLargeError

    def _try(
        self, request: _Request, upload_url: str, count: Callable[[int], None]
    ) -> tuple[BlockBody, Reply | TransportError]:
        """Send once, as soon as the link has room for it."""
        size = len(request.data)
        while not self._pace.begin(size):
            if self._cancelled.is_set():
                raise _CancelledError
        body = BlockBody(request.data, count, self._cancelled, self._pace.patience())
        outcome: Reply | TransportError | None = None
        try:
            outcome = self._transport.put(
                _with_query(upload_url, request.query), {**_API_VERSION, **request.headers}, body
            )
        except TransportError as error:
            outcome = error
        finally:
            taken = isinstance(outcome, Reply) and outcome.status == _CREATED
            self._pace.end(size, acknowledged=taken)
        return body, outcome

    def _can_be_divided(self, request: _Request) -> bool:
        return bool(request.block_id) and len(request.data) >= 2 * self._limits.least_block_bytes

    def _pause(self, outcome: Reply | TransportError, failures: Failures) -> None:
        """Wait before another try; raises UploadError if that is of no use, or there were enough."""
        asked = outcome.retry_after if isinstance(outcome, Reply) else None
        self._last_trouble = str(outcome)
        pause = failures.pause(self._clock.monotonic(), asked)
        if isinstance(outcome, TransportError):
            if not outcome.transient or pause is None:
                raise UploadError(f"The upload of the context failed: {outcome}. Check the network and try again.")
        elif outcome.status not in _TRANSIENT or pause is None:
            raise UploadRefusedError(
                f"The storage account refused the upload: {outcome}. "
                "Try again; if it stays, the registry's storage or a proxy on the way has a problem.",
                status=outcome.status,
                code=outcome.error_code,
            )
        elif is_long(pause):
            self._note_trouble(str(outcome), pause)
        while pause > 0 and not self._cancelled.is_set():
            step = min(pause, _LOOK_AROUND_SECONDS)
            self._clock.sleep(step)
            pause -= step

    def _note_trouble(self, reason: str, pause: float) -> None:
        """Have the writing thread tell it, once for all requests that wait at the same time."""
        now = self._clock.monotonic()
        with self._changed:
            if now < self._trouble_told_until:
                return
            self._trouble_told_until = now + pause
        again = format_duration(pause)
        self._troubles.put(f"The storage account takes no upload right now, next try in {again}: {reason}")


def _count_nothing(_: int) -> None:
    """For what is sent beside the bytes of the blob."""


def _with_query(url: str, query: str) -> str:
    if not query:
        return url
    return f"{url}{'&' if '?' in url else '?'}{query}"
