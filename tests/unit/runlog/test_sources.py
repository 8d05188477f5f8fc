"""Where a follower gets a run's log from, when links and blobs are not what they should be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import repeat
from typing import Any

import pytest
from azure.mgmt.containerregistrytasks.models import RunGetLogResult
from hypothesis import example, given
from hypothesis import strategies as st
from whole_messages import raises

from azext_acrpool.client.blobs import BlobPart
from azext_acrpool.client.errors import ForeignHostError, NotFoundError
from azext_acrpool.runlog.sources import RANGE_BYTES, LogChunk, RunLog, SourceUnavailableError
from azext_acrpool.testing import EPOCH, JumpingClock


@dataclass
class Blobs:
    """A log whose parts are scripted: each is what the next read gives, `seconds` later."""

    clock: JumpingClock
    parts: Iterator[BlobPart]
    seconds: float = 0.0
    complete: bool = False
    asked: list[tuple[int, int]] = field(default_factory=list)

    def properties(self, url: str) -> BlobPart:
        return BlobPart(complete=self.complete)

    def read(self, url: str, offset: int, length: int) -> BlobPart:
        self.asked.append((offset, length))
        self.clock.time += self.seconds
        return next(self.parts)

    def stream(self, url: str) -> Iterator[bytes]:
        for part in self.parts:
            self.clock.time += self.seconds
            yield part.data


def link(url: str = "https://account.example/log?sig=1") -> Callable[[], Any]:
    return lambda: RunGetLogResult({"logLink": url})


def test_sizes_that_shrink_or_lie_end_nothing_and_repeat_nothing() -> None:
    clock = JumpingClock()
    parts = [
        BlobPart(b"abc", 3),
        BlobPart(b"cde", 10**15),
        BlobPart(b"", 10**15),
        BlobPart(b"ef", 2),
        BlobPart(b"f", 0),
    ]
    blobs = Blobs(clock, iter(parts))
    log = RunLog(link(), blobs, clock)
    chunks = [log.read(run_ended=False) for _ in parts]
    assert chunks == [
        LogChunk(b"abc"),
        LogChunk(b"de", more=True),
        LogChunk(),
        LogChunk(b"f"),
        LogChunk(),
    ]
    assert blobs.asked == [(0, RANGE_BYTES), *((offset, RANGE_BYTES + 1) for offset in (2, 4, 4, 5))]


@pytest.mark.parametrize("run_ended", [False, True])
@pytest.mark.parametrize("member", ["logLink", "logArtifactLink"])
def test_a_log_that_is_not_there_is_told_from_an_empty_one(member: str, run_ended: bool) -> None:
    clock = JumpingClock()

    class Missing(Blobs):
        def read(self, url: str, offset: int, length: int) -> BlobPart:
            raise NotFoundError("The blob does not exist.", status=404)

        def stream(self, url: str) -> Iterator[bytes]:
            raise NotFoundError("The blob does not exist.", status=404)

    missing = RunLog(lambda: RunGetLogResult({member: "https://account.example/log"}), Missing(clock, iter(())), clock)
    # An artifact is not looked for before the end of the run.
    assert missing.read(run_ended=run_ended) == LogChunk(exists=member == "logArtifactLink" and not run_ended)
    empty = RunLog(link(), Blobs(clock, repeat(BlobPart(b"", 0))), clock)
    assert empty.read(run_ended=run_ended) == LogChunk()


def test_a_run_without_a_url_of_its_log_has_none() -> None:
    clock = JumpingClock()
    log = RunLog(lambda: RunGetLogResult({}), Blobs(clock, iter(())), clock)
    assert log.read(run_ended=True) == LogChunk(exists=False)


def test_a_log_that_always_has_more_leaves_the_status_its_turn() -> None:
    clock = JumpingClock()
    log = RunLog(link(), Blobs(clock, repeat(BlobPart(b"xx", 10**15)), seconds=3.0), clock)
    more = [log.read(run_ended=False).more for _ in range(12)]
    assert more == [True, True, True, True, False] * 2 + [True, True]


def test_a_log_without_end_is_given_up_a_quarter_of_an_hour_after_the_run() -> None:
    clock = JumpingClock()
    log = RunLog(link(), Blobs(clock, repeat(BlobPart(b"xx", 10**15)), seconds=30.0), clock)
    message = "It still went on 15 min 0 s after the end of the run."
    read = 0
    with raises(SourceUnavailableError, message):
        while read < 100:
            log.read(run_ended=True)
            read += 1
    assert read == 30
    with raises(SourceUnavailableError, message):
        log.read(run_ended=True)


def test_an_artifact_without_end_is_given_up_too() -> None:
    clock = JumpingClock()
    log = RunLog(
        lambda: RunGetLogResult({"logArtifactLink": "https://account.example/log"}),
        Blobs(clock, repeat(BlobPart(b"x")), seconds=30.0),
        clock,
    )
    with raises(SourceUnavailableError, "It still went on 15 min 0 s after the end of the run."):
        for _ in range(100):
            log.read(run_ended=True)


def test_a_link_to_a_host_that_is_no_storage_account_makes_the_log_unavailable() -> None:
    clock = JumpingClock()

    class Refusing(Blobs):
        def read(self, url: str, offset: int, length: int) -> BlobPart:
            raise ForeignHostError("evil.example", "which is not ours")

    log = RunLog(link("https://evil.example/log?se=9999-12-31"), Refusing(clock, iter(())), clock)
    with raises(
        SourceUnavailableError,
        "The service named the host 'evil.example', which is not ours; nothing was sent there.",
    ):
        log.read(run_ended=False)


def renewed_after(url: str) -> float | None:
    """Seconds after which a link is asked for again, looked at for three hours; None: not in that time."""
    clock, links = JumpingClock(), list[float]()

    def get_link() -> Any:
        links.append(clock.time)
        return RunGetLogResult({"logLink": url if len(links) == 1 else "https://account.example/log"})

    log = RunLog(get_link, Blobs(clock, repeat(BlobPart(b"x", 1))), clock)
    for _ in range(3 * 60):
        log.read(run_ended=False)
        if len(links) > 1:
            return links[1]
        clock.sleep(60)
    return None


def expiring(text: str) -> str:
    return f"https://account.example/log?sv=1&se={text}&sig=1"


IN_AN_HOUR = (EPOCH + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S")


@pytest.mark.parametrize("suffix", ["Z", "", "%2B00:00"])
def test_a_link_is_renewed_before_it_expires(suffix: str) -> None:
    renewed = renewed_after(expiring(IN_AN_HOUR + suffix))
    assert renewed is not None
    assert 3540 <= renewed < 3600


@pytest.mark.parametrize(
    "url",
    [
        *map(
            expiring, ("", "never", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00%2B23:59")
        ),
        *map(expiring, ("0001-01-01", "9999-12-31", "99999-01-01T00:00:00Z", "2026-13-01T00:00:00Z", "9" * 5000)),
        *map(expiring, ("2026-02-30", "2026-03-01T25:00:00Z", "%00", "%ff", "2026-03-01T00:00:00%2B99:99")),
        *("https://account.example/log", "https://[::1", "https://[::1?se=2026", "?se", "https://a?se=&se=x", "\ud800"),
    ],
)
def test_an_expiry_that_makes_no_sense_or_never_comes_renews_nothing(url: str) -> None:
    assert renewed_after(url) is None


@given(st.one_of(st.text(), st.text().map(expiring), st.datetimes(timezones=st.timezones()).map(str).map(expiring)))
@example(expiring("9999-12-31T23:59:59-23:59"))
def test_no_link_is_a_traceback(url: str) -> None:
    clock = JumpingClock()
    if url:
        assert RunLog(link(url), Blobs(clock, iter([BlobPart(b"x", 1)])), clock).read(run_ended=False) == LogChunk(b"x")
