"""Packing and uploading at the same time: blocks, retries, renewal of the upload URL, interruption."""

from __future__ import annotations

import gzip
import io
import os
import random
import re
import tarfile
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count, pairwise
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from whole_messages import raises

from azext_acrpool.client.errors import ForeignHostError
from azext_acrpool.clock import Clock
from azext_acrpool.context import (
    AnyContext,
    BuildContext,
    ContextOptions,
    Progress,
    UploadError,
    UploadOptions,
    UploadRefusedError,
    UploadResult,
    prepare,
    prepare_archive,
    upload,
)
from azext_acrpool.context.pack.tarstream import END, header
from azext_acrpool.context.send.blocks import BlockBody, BlockLimits
from azext_acrpool.context.send.transport import Body, Reply, TransportError
from azext_acrpool.context.send.upload import link_is_bottleneck
from azext_acrpool.testing import JumpingClock

LIMITS = BlockLimits()
# So that little data makes many blocks. A block that fails is sent again after 1, 2 and 4 seconds.
SMALL_BLOCKS = BlockLimits(block_bytes=64 << 10, first_block_bytes=64 << 10, failure_budget=7.0)


@dataclass(frozen=True)
class Target:
    relative_path: str = "source/1.tar.gz"
    upload_url: str = "https://account.example/source/1.tar.gz?sig=first"


@dataclass(frozen=True)
class Request:
    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def query(self) -> dict[str, str]:
        return {key: values[0] for key, values in parse_qs(urlsplit(self.url).query).items()}

    @property
    def path(self) -> str:
        return urlsplit(self.url).path


# Takes a request and its number; answers None for success.
Script = Callable[[Request, int], Reply | Exception | None]


@dataclass
class Storage:
    """A storage account in memory. The script says what goes wrong."""

    script: Script = lambda _request, _number: None
    requests: list[Request] = field(default_factory=list)
    blocks: dict[tuple[str, str], bytes] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, url: str, headers: Mapping[str, str], body: Body) -> Reply:
        data = b"".join(body)
        assert len(body) == len(data)
        request = Request(url, headers, data)
        with self.lock:
            self.requests.append(request)
            number = len(self.requests)
        outcome = self.script(request, number)
        if isinstance(outcome, Exception):
            raise outcome
        if outcome is not None:
            return outcome
        self._store(request)
        return Reply(201)

    def _store(self, request: Request) -> None:
        comp = request.query.get("comp")
        if comp == "block":
            self.blocks[request.path, request.query["blockid"]] = request.body
        elif comp == "blocklist":
            ids = re.findall(r"<Latest>([^<]+)</Latest>", request.body.decode())
            self.blobs[request.path] = b"".join(self.blocks[request.path, block_id] for block_id in ids)
        else:
            assert request.headers["x-ms-blob-type"] == "BlockBlob"
            self.blobs[request.path] = request.body

    def kinds(self) -> list[str]:
        return [request.query.get("comp", "blob") for request in self.requests]


def make_context(root: Path, *sizes: int) -> BuildContext:
    for number, size in enumerate(sizes):
        (root / f"file{number}").write_bytes(os.urandom(size))
    return prepare(ContextOptions(root, needs_dockerfile=False))


def run(
    context: AnyContext,
    storage: Storage,
    fetch: Callable[[], Target] = Target,
    *,
    limits: BlockLimits = LIMITS,
    on_progress: Callable[[Progress], None] | None = None,
    clock: Clock | None = None,
) -> UploadResult:
    options = UploadOptions(clock or JumpingClock(), storage, limits=limits, on_progress=on_progress)
    return upload(context, fetch, options)


class TickingClock(JumpingClock):
    """A clock that goes on by `step` seconds each time it is read."""

    def __init__(self, step: float) -> None:
        super().__init__()
        self._step = step

    def monotonic(self) -> float:
        self.time += self._step
        return self.time


def names(archive: bytes) -> list[str]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return tar.getnames()


def test_a_small_context_is_one_request(tmp_path: Path) -> None:
    storage = Storage()
    result = run(make_context(tmp_path, 1000), storage)
    assert storage.kinds() == ["blob"]
    assert result.relative_path == "source/1.tar.gz"
    assert names(storage.blobs["/source/1.tar.gz"]) == ["file0"]
    assert result.progress.sent_bytes == result.stats.archive_bytes == len(storage.blobs["/source/1.tar.gz"])


def test_a_large_context_is_blocks_and_a_list_in_order(tmp_path: Path) -> None:
    storage = Storage()
    result = run(make_context(tmp_path, 6_000_000, 5_000_000), storage)
    assert storage.kinds().count("block") == 6
    assert storage.kinds()[-1] == "blocklist"
    sizes = sorted(len(request.body) for request in storage.requests[:6])
    rest = result.stats.archive_bytes - (8 << 20)
    assert sizes == [1 << 20, 1 << 20, 1 << 20, 1 << 20, rest, 4 << 20]
    archive = storage.blobs["/source/1.tar.gz"]
    assert len(archive) == result.stats.archive_bytes
    assert names(archive) == ["file0", "file1"]
    ids = {request.query["blockid"] for request in storage.requests[:6]}
    assert len({len(block_id) for block_id in ids}) == 1  # the service demands it


def test_every_block_may_fail_and_is_sent_again_from_its_start(tmp_path: Path) -> None:
    seen: set[str] = set()

    def fail_first_tries(request: Request, number: int) -> Reply | Exception | None:
        key = request.query.get("blockid", "list")
        if key in seen:
            return None
        seen.add(key)
        failures = (Reply(503), Reply(500), Reply(429, retry_after=7.0), TransportError("lost"))
        return failures[number % 4]

    storage = Storage(fail_first_tries)
    seen_progress: list[Progress] = []
    result = run(make_context(tmp_path, 700_000), storage, limits=SMALL_BLOCKS, on_progress=seen_progress.append)
    assert names(storage.blobs["/source/1.tar.gz"]) == ["file0"]
    assert len(storage.requests) == 2 * len(seen)
    assert all(progress.sent_bytes <= result.stats.archive_bytes for progress in seen_progress)


class TimedStorage(Storage):
    """Notes when each request came, in whole seconds."""

    def __init__(self, clock: JumpingClock, *outcomes: Reply | None) -> None:
        super().__init__(lambda _request, number: outcomes[number - 1])
        self._clock = clock
        self.asked_at: list[int] = []

    def put(self, url: str, headers: Mapping[str, str], body: Body) -> Reply:
        self.asked_at.append(round(self._clock.time))
        return super().put(url, headers, body)


def test_the_wait_before_a_retry_heeds_the_service_within_bounds_and_is_told(tmp_path: Path) -> None:
    clock, told = JumpingClock(), list[str]()
    storage = TimedStorage(
        clock, Reply(503), Reply(429, retry_after=30.0), Reply(503, "Busy", retry_after=3600.0), None
    )
    upload(make_context(tmp_path, 10), Target, UploadOptions(clock, storage, tell=told.append))
    assert storage.asked_at == [0, 1, 31, 91]
    assert told == [
        "The storage account takes no upload right now, next try in 30 s: HTTP 429",
        "The storage account takes no upload right now, next try in 1 min 0 s: HTTP 503 (Busy)",
    ]


def test_a_storage_account_that_asks_for_an_hour_each_time_is_given_up(tmp_path: Path) -> None:
    clock = JumpingClock()
    storage = TimedStorage(clock, *[Reply(503, retry_after=3600.0)] * 9)
    with pytest.raises(UploadRefusedError):
        upload(make_context(tmp_path, 10), Target, UploadOptions(clock, storage))
    assert storage.asked_at == [0, 60]


REFUSED = (
    "The storage account refused the upload: {}. Try again; if it stays, the registry's storage or a proxy on the way "
    "has a problem."
)
FAILED = "The upload of the context failed: {}. Check the network and try again."


@pytest.mark.parametrize(
    ("outcome", "message", "tries"),
    [
        (Reply(503, "ServerBusy"), REFUSED.format("HTTP 503 (ServerBusy)"), 4),
        (Reply(400, "InvalidHeaderValue"), REFUSED.format("HTTP 400 (InvalidHeaderValue)"), 1),
        (Reply(404, "ContainerNotFound"), REFUSED.format("HTTP 404 (ContainerNotFound)"), 1),
        (Reply(409, "BlobImmutableDueToPolicy"), REFUSED.format("HTTP 409 (BlobImmutableDueToPolicy)"), 1),
        (Reply(412), REFUSED.format("HTTP 412"), 1),
        # Not what a storage account answers, but a proxy that knows better.
        *((Reply(status), REFUSED.format(f"HTTP {status}"), 1) for status in (200, 202, 204, 304, 307, 407)),
        (TransportError("no answer for 120 seconds"), FAILED.format("no answer for 120 seconds"), 4),
        (TransportError("the TLS handshake failed", transient=False), FAILED.format("the TLS handshake failed"), 1),
    ],
)
def test_what_fails_for_good_makes_no_blob(
    tmp_path: Path, outcome: Reply | Exception, message: str, tries: int
) -> None:
    failing: list[str] = []

    def fail_one_block(request: Request, _number: int) -> Reply | Exception | None:
        block = request.query.get("blockid", "")
        if block and not failing:
            failing.append(block)
        return outcome if block in failing else None

    storage = Storage(fail_one_block)
    with raises(UploadError, message):
        run(make_context(tmp_path, 2_000_000), storage, limits=SMALL_BLOCKS)
    assert storage.blobs == {}
    assert "blocklist" not in storage.kinds()
    assert [request.query.get("blockid") for request in storage.requests].count(failing[0]) == tries


def test_an_expired_url_of_the_same_blob_is_renewed_and_the_upload_goes_on(tmp_path: Path) -> None:
    targets = [Target(), Target(upload_url="https://account.example/source/1.tar.gz?sig=second")]
    fetched = iter(targets)

    def expire(request: Request, number: int) -> Reply | None:
        return Reply(403, "AuthenticationFailed") if number > 3 and "first" in request.url else None

    storage = Storage(expire)
    run(make_context(tmp_path, 1_000_000), storage, lambda: next(fetched), limits=SMALL_BLOCKS)
    assert names(storage.blobs["/source/1.tar.gz"]) == ["file0"]
    assert next(fetched, None) is None


def test_a_renewed_url_of_another_blob_starts_the_upload_again(tmp_path: Path) -> None:
    moved = Target("source/2.tar.gz", "https://account.example/source/2.tar.gz?sig=second")
    fetched = iter([Target(), moved])

    def expire(request: Request, number: int) -> Reply | None:
        return Reply(403) if number > 3 and "first" in request.url else None

    storage = Storage(expire)
    result = run(make_context(tmp_path, 1_000_000), storage, lambda: next(fetched), limits=SMALL_BLOCKS)
    assert result.relative_path == "source/2.tar.gz"
    assert list(storage.blobs) == ["/source/2.tar.gz"]
    assert names(storage.blobs["/source/2.tar.gz"]) == ["file0"]
    first_ids = {block_id for path, block_id in storage.blocks if path == "/source/1.tar.gz"}
    second_ids = {block_id for path, block_id in storage.blocks if path == "/source/2.tar.gz"}
    assert not first_ids & {block for block in second_ids if block in _listed(storage)}


def test_standard_input_cannot_be_sent_again_to_another_blob() -> None:
    moved = Target("source/2.tar.gz", "https://account.example/source/2.tar.gz?sig=second")
    fetched = iter([Target(), moved])
    storage = Storage(lambda request, _: Reply(403, "AuthenticationFailed") if "first" in request.url else None)
    data = header(b"Dockerfile", b"0", mode=0o644, mtime=0) + END
    message = (
        "The storage account refused the upload (HTTP 403 (AuthenticationFailed)). With the new upload URL it has to "
        "begin again, but standard input cannot be read twice. Put the archive into a file, and give that file as the "
        "source location instead of '-'."
    )
    with raises(UploadError, message):
        run(prepare_archive(None, io.BytesIO(data), ""), storage, lambda: next(fetched))
    assert storage.blobs == {}


def test_a_dockerfile_from_standard_input_is_sent_again() -> None:
    moved = Target("source/2.tar.gz", "https://account.example/source/2.tar.gz?sig=second")
    fetched = iter([Target(), moved])
    storage = Storage(lambda request, _: Reply(403) if "first" in request.url else None)
    run(prepare_archive(None, io.BytesIO(b"FROM scratch\n"), ""), storage, lambda: next(fetched))
    assert names(storage.blobs["/source/2.tar.gz"]) == ["Dockerfile"]


def _listed(storage: Storage) -> set[str]:
    return set(re.findall(r"<Latest>([^<]+)</Latest>", storage.requests[-1].body.decode()))


def test_a_firewall_is_told_from_an_expired_url(tmp_path: Path) -> None:
    storage = Storage(lambda _request, _number: Reply(403, "AuthorizationFailure"))
    message = (
        "The storage account refused the upload twice, with a new upload URL the second time: HTTP 403 "
        "(AuthorizationFailure). Check this machine's clock, and that no firewall or proxy stands between it and the "
        "storage account of the registry."
    )
    with raises(UploadRefusedError, message) as refused:
        run(make_context(tmp_path, 10), storage)
    assert (refused.value.status, refused.value.code) == (403, "AuthorizationFailure")
    assert len(storage.requests) == 2


def test_a_block_that_is_refused_with_each_new_url_ends_the_upload(tmp_path: Path) -> None:
    """Though the others are taken with these URLs."""
    urls = (f"https://account.example/source/1.tar.gz?sig={number}" for number in count())
    tries: list[str] = []
    taken: Counter[str] = Counter()
    one_more = threading.Condition()

    def refuse_one(request: Request, _number: int) -> Reply | None:
        with one_more:
            if request.query["blockid"] not in (tries or [request.query["blockid"]]):
                taken[request.query["sig"]] += 1
                one_more.notify_all()
                return None
            tries.append(request.query["blockid"])
            # When another thread sends a second block with this URL, the first is known to be taken.
            assert one_more.wait_for(lambda: taken[request.query["sig"]] > 1, timeout=10)
            return Reply(403, "AuthorizationFailure")

    storage = Storage(refuse_one)
    with raises(UploadRefusedError, REFUSED.format("HTTP 403 (AuthorizationFailure)")):
        run(
            make_context(tmp_path, 6_000_000),
            storage,
            lambda: Target(upload_url=next(urls)),
            limits=replace(SMALL_BLOCKS, connections=2),
        )
    assert len(tries) == 4
    assert storage.blobs == {}


def test_an_upload_that_stands_still_is_told_once(tmp_path: Path) -> None:
    clock, told, heard = JumpingClock(), list[str](), threading.Event()

    class SlowStorage(Storage):
        tries = 0

        def put(self, url: str, headers: Mapping[str, str], body: Body) -> Reply:
            self.tries += 1
            if self.tries == 1:
                raise TransportError("no connection within 20 seconds")
            clock.time += 20
            assert heard.wait(timeout=10)
            return super().put(url, headers, body)

    def tell(text: str) -> None:
        told.append(text)
        heard.set()

    upload(make_context(tmp_path, 10), Target, UploadOptions(clock, SlowStorage(), tell=tell))
    assert told == ["Nothing could be uploaded for 21 s, still trying: no connection within 20 seconds"]


def test_an_url_that_leads_elsewhere_ends_the_upload(tmp_path: Path) -> None:
    """Over real HTTP: nothing is sent, and asked for a URL once."""
    targets = iter([Target(upload_url="https://169.254.169.254/source/1.tar.gz?sig=secret")])
    message = (
        "The service named the host '169.254.169.254', whose address is link-local or for metadata, where no storage "
        "account is; nothing was sent there."
    )
    with raises(ForeignHostError, message):
        upload(make_context(tmp_path, 10), lambda: next(targets), UploadOptions(JumpingClock()))


def test_an_url_that_expires_again_and_again_ends_the_upload(tmp_path: Path) -> None:
    numbers = count()

    def fetch() -> Target:
        number = next(numbers)
        return Target(f"source/{number}.tar.gz", f"https://account.example/source/{number}.tar.gz?sig=x")

    accepted: set[str] = set()

    def expire_after_one(request: Request, _number: int) -> Reply | None:
        if request.path in accepted:
            return Reply(403)
        accepted.add(request.path)
        return None

    storage = Storage(expire_after_one)
    message = (
        "The upload URL expired 4 times before the context was uploaded. "
        "Use a faster connection, or list what the build does not need in .dockerignore."
    )
    with raises(UploadError, message):
        run(make_context(tmp_path, 2_000_000), storage, fetch, limits=replace(SMALL_BLOCKS, connections=1))
    assert storage.blobs == {}


def test_an_error_of_the_registry_is_passed_on(tmp_path: Path) -> None:
    def fetch() -> Target:
        raise LookupError("no such registry")

    with raises(LookupError, "no such registry"):
        run(make_context(tmp_path, 10), Storage(), fetch)


def test_packing_begins_before_the_url_is_there(tmp_path: Path) -> None:
    packing = threading.Event()

    def fetch() -> Target:
        assert packing.wait(timeout=10)
        return Target()

    storage = Storage()
    run(make_context(tmp_path, 900_000), storage, fetch, on_progress=lambda _: packing.set(), clock=TickingClock(0.2))
    assert storage.kinds() == ["blob"]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit])
def test_an_interrupted_upload_commits_nothing(tmp_path: Path, interruption: type[BaseException]) -> None:
    storage = Storage()

    def interrupt(progress: Progress) -> None:
        if progress.sent_bytes:
            raise interruption

    before = set(threading.enumerate())
    files_before = set(tmp_path.parent.iterdir())
    with pytest.raises(interruption):
        run(
            make_context(tmp_path, 6_000_000),
            storage,
            limits=SMALL_BLOCKS,
            on_progress=interrupt,
            clock=TickingClock(0.2),
        )
    assert storage.blobs == {}
    assert "blocklist" not in storage.kinds()
    assert set(tmp_path.parent.iterdir()) == files_before
    for thread in set(threading.enumerate()) - before:
        thread.join(timeout=5)
        assert not thread.is_alive()


def test_an_interruption_breaks_off_a_request_that_is_under_way(tmp_path: Path) -> None:
    """A slow body is abandoned at its next piece, so that Ctrl-C is not held up by 4 MiB on a slow line."""
    started, interrupted = threading.Event(), threading.Event()
    outcomes: list[str] = []

    class SlowStorage(Storage):
        def put(self, url: str, headers: Mapping[str, str], body: Body) -> Reply:
            pieces = iter(body)
            started.set()
            interrupted.wait(timeout=10)
            try:
                for _ in pieces:
                    pass
            except Exception as error:
                outcomes.append(type(error).__name__)
                raise
            outcomes.append("sent")
            return Reply(201)

    def interrupt(_: Progress) -> None:
        if started.is_set():
            raise KeyboardInterrupt

    before = set(threading.enumerate())
    with pytest.raises(KeyboardInterrupt):
        run(
            make_context(tmp_path, 6_000_000),
            SlowStorage(),
            limits=SMALL_BLOCKS,
            on_progress=interrupt,
            clock=TickingClock(0.2),
        )
    interrupted.set()
    for thread in set(threading.enumerate()) - before:
        thread.join(timeout=5)
    assert set(outcomes) == {"_CancelledError"}


def test_a_slow_link_is_told_how_much_is_left(tmp_path: Path) -> None:
    release = threading.Event()
    seen: list[Progress] = []

    def slow(_request: Request, _number: int) -> None:
        assert release.wait(timeout=10)

    def watch(progress: Progress) -> None:
        seen.append(progress)
        if progress.totals is not None:
            release.set()

    context = make_context(tmp_path, 4_000_000, 4_000_000)
    run(context, Storage(slow), limits=SMALL_BLOCKS, on_progress=watch, clock=TickingClock(0.3))
    totals = [progress.totals for progress in seen if progress.totals is not None]
    assert totals
    assert (totals[0].files, totals[0].content_bytes) == (2, 8_000_000)


def test_memory_holds_a_few_blocks_only(tmp_path: Path) -> None:
    """With no connection getting anywhere, packing stops when the blocks in hand are full."""
    release = threading.Event()
    packed: list[int] = []

    def stuck(_request: Request, _number: int) -> None:
        assert release.wait(timeout=10)

    quiet = 0

    def watch(progress: Progress) -> None:
        nonlocal quiet
        quiet = quiet + 1 if packed and packed[-1] == progress.content_bytes else 0
        packed.append(progress.content_bytes)
        if quiet == 3:
            release.set()

    context = make_context(tmp_path, *[1_000_000] * 30)
    run(context, Storage(stuck), limits=SMALL_BLOCKS, on_progress=watch, clock=TickingClock(0.2))
    stalled_at = next(bytes_in for bytes_in, later in pairwise(packed) if bytes_in == later)
    assert stalled_at < 15_000_000


@pytest.mark.parametrize(
    ("is_behind", "sent_bytes", "seconds", "expected"),
    [
        (False, 0, 10.0, False),  # packing is what takes time
        (True, 12_500_000, 1.0, True),  # 100 Mbit/s
        (True, 125_000_000, 1.0, False),  # 1 Gbit/s
        (True, 0, 0.5, False),  # too early to tell
    ],
)
def test_bytes_matter_when_the_link_is_the_bottleneck(
    is_behind: bool, sent_bytes: int, seconds: float, expected: bool
) -> None:
    assert link_is_bottleneck(is_behind, sent_bytes, seconds) is expected


def test_on_a_slow_link_the_archive_is_compressed_more(tmp_path: Path) -> None:
    """The link is as slow as can be: it takes nothing before all is packed.

    Four small blocks keep three connections busy and a fourth waits. From then on packing has to find the link slow;
    the last block, which is never full, holds the rest, so that packing does not have to wait for it.
    """
    words = [f"word{number * 7919 % 5003}" for number in range(5000)]
    (tmp_path / "text").write_text(" ".join(random.Random(1).choices(words, k=100_000)) * 20)
    context = make_context(tmp_path)
    limits = BlockLimits(connections=3, first_blocks=4, first_block_bytes=16 << 10, block_bytes=1 << 30)
    all_packed = threading.Event()

    def take_nothing_yet(_request: Request, _number: int) -> None:
        assert all_packed.wait(timeout=60)

    def watch(progress: Progress) -> None:
        if progress.packed:
            all_packed.set()

    slow, fast = Storage(take_nothing_yet), Storage()
    run(context, slow, limits=limits, on_progress=watch, clock=TickingClock(0.2))
    run(context, fast, limits=limits, clock=TickingClock(0.0))
    [dense], [quick] = slow.blobs.values(), fast.blobs.values()
    assert gzip.decompress(dense) == gzip.decompress(quick)
    assert len(dense) < len(quick)


def test_more_blocks_than_a_blob_can_have(tmp_path: Path) -> None:
    storage = Storage()
    message = (
        "The packed context is larger than 196.6 kB, more than can be uploaded. "
        "List what the build does not need in .dockerignore."
    )
    with raises(UploadError, message):
        run(make_context(tmp_path, 1_000_000), storage, limits=replace(SMALL_BLOCKS, most_blocks=3))
    assert storage.blobs == {}


class BufferedLink(Storage):
    """Behind a hop that swallows at once what it is sent, and passes it on at a rate, one request after the other."""

    def __init__(self, clock: JumpingClock, bytes_per_second: float, *, deaf: int = 0) -> None:
        """The first `deaf` requests are never answered."""
        super().__init__()
        self.timeouts: list[int] = []
        self.slowest = 0.0
        self._clock = clock
        self._rate = bytes_per_second
        self._deaf = deaf
        self._free_at = 0.0
        self._ends: list[float] = []
        self._changed = threading.Condition()

    def put(self, url: str, headers: Mapping[str, str], body: Body) -> Reply:
        data = b"".join(body)
        with self._changed:
            begin = self._clock.time
            self._free_at = max(self._free_at, begin) + len(data) / self._rate
            self._deaf -= 1
            too_late = begin + body.patience
            end = too_late if self._deaf >= 0 else min(self._free_at, too_late)
            self._pass_time(end)
            if end == too_late:
                self.timeouts.append(len(data))
                raise TransportError("no answer", timed_out=True)
            self.slowest = max(self.slowest, end - begin)
        return super().put(url, headers, BlockBody(data, lambda _: None, threading.Event()))

    def _pass_time(self, until: float) -> None:
        """Time goes on to the next event when all threads wait for one."""
        self._ends.append(until)
        self._changed.notify_all()
        while self._clock.time < until:
            if not self._changed.wait(0.02) and min(self._ends) == until:
                self._clock.time = max(self._clock.time, until)
        self._ends.remove(until)
        self._changed.notify_all()


def test_on_a_slow_link_behind_a_hop_that_buffers_each_byte_goes_once(tmp_path: Path) -> None:
    clock = JumpingClock()
    link = BufferedLink(clock, 125_000)
    result = run(make_context(tmp_path, 24_000_000), link, clock=clock)
    assert link.timeouts == []
    sent = sum(len(request.body) for request in link.requests if "comp=blocklist" not in request.url)
    assert sent == result.stats.archive_bytes
    assert link.slowest < 90
    assert clock.time < 1.1 * result.stats.archive_bytes / 125_000
    assert len(link.blobs["/source/1.tar.gz"]) == result.stats.archive_bytes


@pytest.mark.parametrize(
    ("deaf", "timeouts", "first"), [(1, [1 << 20], [1 << 19] * 2), (2, [1 << 20, 1 << 19], [1 << 18, 1 << 18, 1 << 19])]
)
def test_a_block_that_had_no_answer_in_time_is_sent_in_halves(
    tmp_path: Path, deaf: int, timeouts: list[int], first: list[int]
) -> None:
    clock = JumpingClock()
    link = BufferedLink(clock, 125_000, deaf=deaf)
    limits = replace(LIMITS, connections=1, failure_budget=1000.0)
    result = run(make_context(tmp_path, 5_000_000), link, limits=limits, clock=clock)
    assert link.timeouts == timeouts
    assert [len(request.body) for request in link.requests[: len(first)]] == first
    blob = link.blobs["/source/1.tar.gz"]
    assert len(blob) == result.stats.archive_bytes
    assert names(blob) == ["file0"]
