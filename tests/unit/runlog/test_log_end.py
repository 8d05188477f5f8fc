"""The end of a log: what of it, when, and what if it cannot be had."""

from __future__ import annotations

import pytest
from run_fakes import ServedRun
from whole_messages import raises

from azext_acrpool.client.blobs import BlobPart
from azext_acrpool.client.errors import (
    ConnectionLostError,
    ForbiddenError,
    InvalidReplyError,
    NotFoundError,
    ServiceFailureError,
)
from azext_acrpool.runlog.log_end import LOG_END_BYTES, read_log_end
from azext_acrpool.testing import JumpingClock


def served(*log: tuple[float, bytes], complete_at: float | None = 0.0) -> ServedRun:
    return ServedRun(JumpingClock(), log=log, complete_at=complete_at)


def end_of(run: ServedRun) -> str:
    return read_log_end(run.log_link, run, run.clock)


@pytest.mark.parametrize("as_artifact", [False, True], ids=["blob", "artifact"])
def test_a_short_log_is_read_whole(as_artifact: bool) -> None:
    run = served((0, b"one\r\ntwo\n\xff"))
    run.as_artifact = as_artifact
    assert end_of(run) == "one\ntwo\n�"


@pytest.mark.parametrize("as_artifact", [False, True], ids=["blob", "artifact"])
def test_of_a_long_log_the_last_whole_lines_are_read(as_artifact: bool) -> None:
    lines = b"".join(b"line %06d\n" % number for number in range(100_000))
    run = served((0, lines))
    run.as_artifact = as_artifact
    found = end_of(run)
    assert lines.endswith(found.encode())
    assert found.startswith("line ")
    assert LOG_END_BYTES - 12 < len(found) <= LOG_END_BYTES


def test_one_range_is_asked_for() -> None:
    run = served((0, b"x\n" * 100_000))
    end_of(run)
    assert [kind for _, kind in run.requests] == ["link", "HEAD", "GET"]


def test_a_log_that_is_not_there_is_empty() -> None:
    assert end_of(served()) == ""


def test_a_run_without_a_log_has_an_empty_one() -> None:
    run = served((0, b"one\n"))
    run.arm_faults = [(0, 99, NotFoundError("No log.", status=404))]
    assert end_of(run) == ""


def test_an_empty_log_is_not_read() -> None:
    run = served((0, b""))
    assert end_of(run) == ""
    assert [kind for _, kind in run.requests] == ["link", "HEAD"]


def test_the_mark_of_the_end_is_waited_for() -> None:
    run = served((0, b"one\n"), (1.2, b"two\n"), complete_at=1.4)
    assert end_of(run) == "one\ntwo\n"
    assert run.clock.time == pytest.approx(1.5, abs=0.01)


def test_a_mark_that_never_comes_is_waited_for_three_seconds() -> None:
    run = served((0, b"one\n"), complete_at=None)
    assert end_of(run) == "one\n"
    assert run.clock.time == pytest.approx(3.0, abs=0.51)


def test_what_fails_for_a_moment_is_tried_again_with_another_url() -> None:
    run = served((0, b"one\n"))
    run.faults = [(0, 2, ServiceFailureError("Busy.", status=503))]
    assert end_of(run) == "one\n"
    assert run.links == 3


def test_storage_that_refuses_is_an_error() -> None:
    run = served((0, b"one\n"))
    run.faults = [(0, 99, ForbiddenError("acct.example answered with HTTP status 403.", status=403))]
    with raises(ForbiddenError, "acct.example answered with HTTP status 403."):
        end_of(run)


def test_storage_that_is_away_is_an_error_after_a_while() -> None:
    run = served((0, b"one\n"))
    run.faults = [(0, 99, ConnectionLostError("No answer from acct.example."))]
    with raises(ConnectionLostError, "No answer from acct.example."):
        end_of(run)
    assert 15 <= run.clock.time < 30


def test_what_breaks_off_before_the_end_is_no_end() -> None:
    run = served((0, b"one\ntwo\n"))
    run.longest_read = 3
    with raises(ConnectionLostError, "The connection was lost before the end of the log."):
        end_of(run)


def test_a_log_of_unknown_length_is_an_error() -> None:
    class Sizeless(ServedRun):
        def properties(self, url: str) -> BlobPart:
            return BlobPart(complete=True)

    run = Sizeless(JumpingClock(), log=[(0, b"one\n")])
    with raises(InvalidReplyError, "The service did not say how long the log is."):
        end_of(run)


def test_an_artifact_without_an_end_is_given_up() -> None:
    class Endless(ServedRun):
        def stream(self, url: str) -> object:
            while True:
                self.clock.time += 10
                yield b"x" * 1000

    run = Endless(JumpingClock(), as_artifact=True)
    with raises(InvalidReplyError, "The log still went on after 60 s."):
        end_of(run)
