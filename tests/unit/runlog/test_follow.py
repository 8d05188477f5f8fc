"""Following a run to its end, whatever its log, the storage account and ARM do meanwhile."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest
from azure.mgmt.containerregistrytasks.models import Run
from run_fakes import Recorder, ServedRun, make_run
from whole_messages import raises

from azext_acrpool.client.errors import (
    AcrError,
    BadRequestError,
    ConflictError,
    ConnectionLostError,
    ForbiddenError,
    InvalidReplyError,
    NotFoundError,
    ServiceFailureError,
    ThrottledError,
    UnauthorizedError,
)
from azext_acrpool.runlog.follow import FollowLimits, QueueTimeoutError, RunSources, follow
from azext_acrpool.runlog.sources import RunLog, RunStatus
from azext_acrpool.testing import JumpingClock

# Half a poll's own latency comes on top of the interval.
SOON = 1.1
LATEST = 3.0


def follow_served(
    clock: JumpingClock, show_log: bool = True, limits: FollowLimits | None = None, **served: Any
) -> tuple[Run, Recorder, ServedRun]:
    service = ServedRun(clock, **served)
    output = Recorder(clock)
    log = RunLog(service.log_link, service, clock) if show_log else None
    final = follow(make_run(), RunSources(RunStatus(service.get), log), output, clock, limits)
    return final, output, service


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


def busy_log(seconds: int, start: int = 5, every: float = 1.0) -> list[tuple[float, bytes]]:
    return [(start + i * every, f"line {i}\r\n".encode()) for i in range(int(seconds / every))]


def test_lines_are_shown_within_a_second_while_they_flow_and_the_end_is_noticed_at_once(clock: JumpingClock) -> None:
    log = [(time + 0.3, line) for time, line in busy_log(60)]
    end = 66.0
    final, output, _ = follow_served(
        clock, statuses=[(0, "Queued"), (4, "Running"), (end, "Succeeded")], log=log, complete_at=end, latency=0.03
    )
    assert final.status == "Succeeded"
    assert output.text == "".join(f"line {i}\n" for i in range(60))
    shown = {text: time for time, chunk in output.texts for text in chunk.splitlines()}
    delays = [shown[line.decode().strip()] - time for time, line in log]
    assert delays[0] <= LATEST
    assert max(delays[3:]) <= SOON
    assert clock.time - end <= LATEST


def test_a_line_every_five_seconds_is_shown_within_a_second(clock: JumpingClock) -> None:
    log = busy_log(120, start=20, every=5.0)
    _, output, service = follow_served(
        clock, statuses=[(0, "Queued"), (19, "Running"), (140, "Succeeded")], log=log, complete_at=140, latency=0.03
    )
    shown = {text: time for time, chunk in output.texts for text in chunk.splitlines()}
    assert max(shown[line.decode().strip()] - time for time, line in log[1:]) <= SOON
    first, last = log[0][0], log[-1][0]
    assert sum(1 for time, _ in service.requests if first <= time < last) / ((last - first) / 60) <= 80


def test_no_more_requests_per_minute_than_azs_own_while_lines_flow(clock: JumpingClock) -> None:
    # az's own: three requests every 2.5 s plus their latency.
    latency = 0.05
    _, _, service = follow_served(
        clock,
        statuses=[(0, "Running"), (620, "Succeeded")],
        log=busy_log(610, every=0.5),
        complete_at=620,
        latency=latency,
    )
    minutes = [sum(1 for time, _ in service.requests if start <= time < start + 60) for start in range(60, 540, 60)]
    assert max(minutes) <= 60 * 3 / (2.5 + 3 * latency)
    status = sum(1 for _, kind in service.requests if kind == "status")
    assert status < len(service.requests) / 10


def test_while_nothing_happens_the_status_is_asked_less_often_than_the_log(clock: JumpingClock) -> None:
    _, _, service = follow_served(clock, statuses=[(0, "Queued"), (600, "Canceled")], latency=0.05)
    status = [time for time, kind in service.requests if kind == "status"]
    log = [time for time, kind in service.requests if kind == "GET"]
    assert len(status) < len(log)
    assert len(status) + len(log) <= 10 * 66


@pytest.mark.parametrize("end", [30.0, 300.0, 1800.0])
@pytest.mark.parametrize("marked", [True, False], ids=["marked", "unmarked"])
def test_the_end_is_noticed_within_three_seconds_however_long_the_log_was_quiet(
    clock: JumpingClock, end: float, marked: bool
) -> None:
    final, output, _ = follow_served(
        clock,
        statuses=[(0, "Queued"), (5, "Running"), (end, "Failed")],
        log=[(6, b"building\n")],
        complete_at=end if marked else None,
    )
    assert final.status == "Failed"
    assert output.text == "building\n"
    assert clock.time - end <= LATEST


@pytest.mark.parametrize("start", [1.0, 59.0, 61.0, 600.0, 3600.0])
def test_the_first_line_is_shown_within_three_seconds_however_long_the_run_was_queued(
    clock: JumpingClock, start: float
) -> None:
    _, output, _ = follow_served(
        clock,
        statuses=[(0, "Queued"), (start, "Running"), (start + 20, "Succeeded")],
        log=[(start, b"hello\n")],
        complete_at=start + 20,
    )
    assert output.texts[0][0] - start <= LATEST


@pytest.mark.parametrize("status", ["Succeeded", "Failed", "Error", "Timeout", "Canceled"])
@pytest.mark.parametrize("log", [(), [(2.0, b"x\n")]], ids=["no-log", "log"])
def test_the_status_is_the_result_whatever_the_log_says(
    clock: JumpingClock, status: str, log: list[tuple[float, bytes]]
) -> None:
    final, _, _ = follow_served(clock, statuses=[(0, "Queued"), (10, status)], log=log, complete_at=3)
    assert final.status == status
    assert clock.time - 10 <= LATEST


@pytest.mark.parametrize(
    ("served", "is_missing"),
    [
        ({}, True),
        ({"log": [(2.0, b"")]}, False),
        ({"log": [(2.0, b"x\n")]}, False),
        ({"log": [(11.0, b"late\n")]}, False),
        ({"faults": [(0, 1e9, ForbiddenError("Refused.", status=403))]}, False),
    ],
    ids=["missing", "empty", "there", "late", "unreadable"],
)
def test_a_log_that_is_not_there_when_the_run_is_over_is_told(
    clock: JumpingClock, served: dict[str, Any], is_missing: bool
) -> None:
    _, output, _ = follow_served(clock, statuses=[(0, "Queued"), (10, "Succeeded")], **served)
    assert output.has_no_log == is_missing


def test_a_log_that_nobody_asked_for_is_not_missed(clock: JumpingClock) -> None:
    _, output, _ = follow_served(clock, show_log=False, statuses=[(0, "Queued"), (10, "Succeeded")])
    assert not output.has_no_log


def test_a_run_may_have_waited_before_it_was_followed(clock: JumpingClock) -> None:
    clock.time = 600.0
    limits = FollowLimits(waiting_since=60.0)
    _, output, _ = follow_served(clock, limits=limits, statuses=[(0, "Queued"), (603, "Succeeded")])
    assert sorted({round(waited) for _, _, waited in output.seen}) == [540, 542, 544]


def test_without_the_log_the_end_is_noticed_as_soon(clock: JumpingClock) -> None:
    final, output, service = follow_served(
        clock, show_log=False, statuses=[(0, "Queued"), (3, "Running"), (100.2, "Succeeded")], log=[(4, b"x\n")]
    )
    assert final.status == "Succeeded"
    assert output.text == ""
    assert clock.time - 100.2 <= LATEST
    assert {kind for _, kind in service.requests} == {"status"}


def test_states_are_reported_until_the_log_begins(clock: JumpingClock) -> None:
    _, output, _ = follow_served(
        clock,
        statuses=[(0, "Queued"), (10, "Started"), (20, "Running"), (50, "Succeeded")],
        log=[(30, b"x\n")],
        complete_at=50,
    )
    assert list(dict.fromkeys(status for _, status, _ in output.seen)) == ["Queued", "Started", "Running"]
    assert output.seen[0][2] < 0.1
    assert max(time for time, _, _ in output.seen) <= 30 + LATEST


def test_a_large_log_is_read_in_few_requests(clock: JumpingClock) -> None:
    megabyte = (b"x" * 1023 + b"\n") * 1024
    _, output, service = follow_served(
        clock, statuses=[(0, "Running"), (1, "Succeeded")], log=[(0.5, megabyte * 50)], complete_at=1
    )
    assert len(output.text) == 50 * 1024 * 1024
    assert sum(1 for _, kind in service.requests if kind == "GET") <= 15


def test_ranges_cut_short_by_the_network_are_continued(clock: JumpingClock) -> None:
    text = "".join(f"line {i} äöü\r\n" for i in range(100))
    _, output, _ = follow_served(
        clock, statuses=[(0, "Running"), (5, "Succeeded")], log=[(1, text.encode())], complete_at=5, longest_read=7
    )
    assert output.text == text.replace("\r\n", "\n")


def test_the_start_of_a_line_does_not_wait_for_its_end(clock: JumpingClock) -> None:
    _, output, _ = follow_served(
        clock,
        statuses=[(0, "Running"), (60, "Succeeded")],
        log=[(2, b"compiling.."), (40, b"ok\n")],
        complete_at=60,
    )
    first = next(time for time, text in output.texts if "compiling.." in text)
    assert first - 2 <= 3 * SOON
    assert output.text == "compiling..ok\n"


def test_what_the_log_holds_after_the_status_is_final_is_still_shown(clock: JumpingClock) -> None:
    _, output, _ = follow_served(
        clock,
        statuses=[(0, "Running"), (10, "Failed")],
        log=[(1, b"first\n"), (10.6, b"the error\n")],
        complete_at=10.7,
    )
    assert output.text == "first\nthe error\n"


def test_a_log_without_a_last_line_end_is_shown_to_the_end(clock: JumpingClock) -> None:
    _, output, _ = follow_served(
        clock, statuses=[(0, "Running"), (5, "Failed")], log=[(1, b"a\nfatal: b")], complete_at=5
    )
    assert output.text == "a\nfatal: b"


STORAGE_FAULTS = [
    ThrottledError("slow down", status=429, retry_after=3.0),
    ServiceFailureError("broken", status=503),
    ConnectionLostError("reset"),
    NotFoundError("gone", status=404),
    ForbiddenError("denied", status=403),
]


@pytest.mark.parametrize("fault", STORAGE_FAULTS, ids=lambda fault: type(fault).__name__)
@pytest.mark.parametrize("since", [0.0, 20.0, 59.0], ids=["start", "middle", "end"])
def test_storage_that_fails_for_a_while_costs_no_line(clock: JumpingClock, fault: Any, since: float) -> None:
    final, output, _ = follow_served(
        clock,
        statuses=[(0, "Running"), (60, "Succeeded")],
        log=busy_log(50),
        complete_at=60,
        faults=[(since, since + 5, fault)],
    )
    assert final.status == "Succeeded"
    if not (isinstance(fault, NotFoundError) and since == 59.0):
        assert output.text == "".join(f"line {i}\n" for i in range(50))


def test_storage_that_never_answers_hides_nothing_but_the_log(clock: JumpingClock) -> None:
    final, output, _ = follow_served(
        clock,
        statuses=[(0, "Running"), (60, "Failed")],
        log=busy_log(50),
        faults=[(0, 1e9, ForbiddenError("The storage account's firewall refused.", status=403))],
    )
    assert final.status == "Failed"
    assert clock.time - 60 <= LATEST
    assert output.notices == [
        "The log cannot be read right now, the run is followed all the same: The storage account's firewall refused.",
        "The rest of the log could not be read: The storage account's firewall refused.",
    ]


def test_a_firewall_that_refuses_every_url_does_not_make_us_ask_for_urls_all_the_time(clock: JumpingClock) -> None:
    _, _, service = follow_served(
        clock,
        statuses=[(0, "Running"), (600, "Failed")],
        log=busy_log(50),
        faults=[(0, 1e9, ForbiddenError("no", status=403))],
    )
    assert service.links <= 600 / 20 + 2


@pytest.mark.parametrize("lifetime", [90.0, 600.0])
def test_the_log_url_is_replaced_before_it_expires(clock: JumpingClock, lifetime: float) -> None:
    _, output, service = follow_served(
        clock,
        statuses=[(0, "Running"), (1800, "Succeeded")],
        log=busy_log(1790, every=5.0),
        complete_at=1800,
        link_lifetime=lifetime,
        url_lifetime=lifetime,
        faults=[],
    )
    assert output.text.count("\n") == 358
    assert output.notices == []
    assert 1800 / lifetime <= service.links <= 2 * 1800 / lifetime + 5


def test_a_url_refused_before_its_time_is_replaced_at_once(clock: JumpingClock) -> None:
    _, output, _ = follow_served(
        clock,
        statuses=[(0, "Running"), (120, "Succeeded")],
        log=busy_log(110),
        complete_at=120,
        url_lifetime=45.0,
    )
    shown = {text: time for time, chunk in output.texts for text in chunk.splitlines()}
    assert max(shown[f"line {i}"] - (5 + i) for i in range(110)) <= LATEST


def test_a_run_that_is_not_started_in_time_is_given_up_on_the_dot(clock: JumpingClock) -> None:
    with pytest.raises(QueueTimeoutError) as caught:
        follow_served(clock, statuses=[(0, "Queued"), (41, "Running")], limits=FollowLimits(queue_timeout=40))
    assert 40 <= clock.time <= 40.1
    assert str(caught.value) == "Run cf1 was not started within 40 s."


@pytest.mark.parametrize("log", [(), [(39.0, b"x\n")]], ids=["status", "log"])
def test_a_run_that_starts_just_in_time_is_followed_to_its_end(
    clock: JumpingClock, log: list[tuple[float, bytes]]
) -> None:
    final, _, _ = follow_served(
        clock,
        statuses=[(0, "Queued"), (39.9, "Started"), (90, "Succeeded")],
        log=log,
        limits=FollowLimits(queue_timeout=40),
    )
    assert final.status == "Succeeded"


REFUSALS: list[AcrError] = [
    UnauthorizedError("log in", status=401),
    ForbiddenError("denied", status=403),
    NotFoundError("no such run", status=404),
    BadRequestError("no", status=400),
    ConflictError("busy", status=409),
    ThrottledError("slow down", status=429, retry_after=3600.0),
    ServiceFailureError("ARM is down", status=503),
    ConnectionLostError("reset"),
    InvalidReplyError("not JSON"),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: type(refusal).__name__)
def test_the_queues_time_limit_holds_though_the_status_cannot_be_read(clock: JumpingClock, refusal: AcrError) -> None:
    with raises(QueueTimeoutError, "Run cf1 was not started within 40 s."):
        follow_served(
            clock,
            statuses=[(0, "Queued"), (45, "Running"), (90, "Succeeded")],
            arm_faults=[(5, 1e9, refusal)],
            limits=FollowLimits(queue_timeout=40),
        )
    assert 40 <= clock.time <= 40.1


def test_an_answer_that_does_not_come_is_not_waited_for_beyond_the_queues_time_limit(clock: JumpingClock) -> None:
    with pytest.raises(QueueTimeoutError):
        follow_served(clock, statuses=[(0, "Queued")], silent_since=0.0, limits=FollowLimits(queue_timeout=40))
    # The look at the very end gets three seconds.
    assert 40 <= clock.time <= 43.1


def test_a_log_that_has_begun_shows_that_the_run_was_started(clock: JumpingClock) -> None:
    final, output, _ = follow_served(
        clock,
        statuses=[(0, "Queued"), (5, "Running"), (200, "Succeeded")],
        log=[(20, b"x\n")],
        silent_since=0.0,
        recovers_at=180.0,
        limits=FollowLimits(queue_timeout=120),
    )
    assert (final.status, output.text) == ("Succeeded", "x\n")


def test_arm_failing_for_minutes_is_waited_out_and_told_once(clock: JumpingClock) -> None:
    final, output, _ = follow_served(
        clock,
        statuses=[(0, "Queued"), (300, "Succeeded")],
        arm_faults=[(10, 400, ServiceFailureError("ARM is down", status=503))],
    )
    assert final.status == "Succeeded"
    assert output.notices == [
        "The status of run cf1 cannot be read right now, still trying: ARM is down",
    ]


def test_arm_gone_for_good_is_an_error_never_a_success(clock: JumpingClock) -> None:
    with raises(ConnectionLostError, "The status of run cf1 could not be read for 10 min 8 s: no route"):
        follow_served(
            clock,
            statuses=[(0, "Queued"), (30, "Succeeded")],
            arm_faults=[(10, 1e9, ConnectionLostError("no route"))],
        )


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: type(refusal).__name__)
def test_no_refusal_of_the_status_ends_the_following_while_it_may_pass(clock: JumpingClock, refusal: AcrError) -> None:
    final, _, _ = follow_served(
        clock, statuses=[(0, "Queued"), (60, "Succeeded")], arm_faults=[(0, 500, refusal)], show_log=False
    )
    assert final.status == "Succeeded"


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: type(refusal).__name__)
def test_a_status_that_is_refused_for_ten_minutes_is_lost(clock: JumpingClock, refusal: AcrError) -> None:
    with pytest.raises(ConnectionLostError) as lost:
        follow_served(clock, statuses=[(0, "Queued")], arm_faults=[(0, 1e9, refusal)])
    assert re.fullmatch(
        rf"The status of run cf1 could not be read for 1[01] min \d+ s: {refusal.message}", str(lost.value)
    )
    assert 600 <= clock.time <= 660 + LATEST


def test_arms_wish_for_a_pause_is_respected(clock: JumpingClock) -> None:
    _, _, service = follow_served(
        clock,
        show_log=False,
        statuses=[(0, "Queued"), (30, "Succeeded")],
        arm_faults=[(0, 10, ThrottledError("slow down", status=429, retry_after=20.0))],
    )
    first, second, *_ = [time for time, kind in service.requests if kind == "status"]
    assert second - first >= 20


AN_HOUR = ThrottledError("slow down", status=429, retry_after=3600.0)


def test_arms_wish_for_an_hours_pause_is_bounded_and_told(clock: JumpingClock) -> None:
    final, output, service = follow_served(
        clock,
        show_log=False,
        statuses=[(0, "Queued"), (30, "Succeeded")],
        arm_faults=[(0, 10, AN_HOUR)],
    )
    assert final.status == "Succeeded"
    first, second = (time for time, kind in service.requests if kind == "status")
    assert second - first == pytest.approx(60, abs=0.01)
    assert output.notices == [
        "The status of run cf1 cannot be read right now, next try in 1 min 0 s: slow down",
    ]


def test_the_storages_wish_for_an_hours_pause_is_bounded_and_told(clock: JumpingClock) -> None:
    _, output, service = follow_served(
        clock,
        statuses=[(0, "Running"), (120, "Succeeded")],
        log=busy_log(110),
        complete_at=120,
        faults=[(20, 21, AN_HOUR)],
    )
    asked = [time for time, kind in service.requests if kind == "GET"]
    assert max(later - earlier for earlier, later in pairwise(asked)) == pytest.approx(60, abs=0.01)
    assert output.text == "".join(f"line {i}\n" for i in range(110))
    assert output.notices == [
        "The log cannot be read right now, the run is followed all the same, next try in 1 min 0 s: slow down",
    ]


def test_at_the_end_the_storages_wish_for_an_hours_pause_holds_nobody_up_for_long(clock: JumpingClock) -> None:
    final, output, _ = follow_served(
        clock,
        statuses=[(0, "Running"), (60, "Failed")],
        log=busy_log(50),
        faults=[(58, 1e9, AN_HOUR)],
    )
    assert final.status == "Failed"
    assert clock.time - 60 <= LATEST + 15
    assert output.notices == [
        "The log cannot be read right now, the run is followed all the same, next try in 1 min 0 s: slow down",
        "The rest of the log cannot be read right now, next try in 15 s: slow down",
        "The rest of the log could not be read: slow down",
    ]


def test_a_log_kept_as_an_artifact_is_shown_at_the_end(clock: JumpingClock) -> None:
    final, output, service = follow_served(
        clock,
        statuses=[(0, "Queued"), (5, "Running"), (60, "Failed")],
        log=[(58, b"one\r\n"), (59, b"two")],
        as_artifact=True,
    )
    assert final.status == "Failed"
    assert output.text == "one\ntwo"
    assert clock.time - 60 <= LATEST
    assert [kind for _, kind in service.requests if kind in ("GET", "HEAD")] == ["GET"]
