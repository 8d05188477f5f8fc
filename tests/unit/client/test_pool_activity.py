"""Runs of a registry as evaluations read them: in two requests, none missed that has not ended, as they were last."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from scripted_arm import ARM, REGISTRY, arm_error, scripted_arm
from scripted_transport import Reply

from azext_acrpool.client.errors import ForbiddenError, InvalidReplyError
from azext_acrpool.client.pool_activity import RegistryRuns, read_active_runs, read_newest_runs
from azext_acrpool.scaling.run_record import RunRecord
from azext_acrpool.testing import EPOCH, JumpingClock

SENT = datetime(2026, 3, 1, 12, 10, tzinfo=timezone.utc)
DATE = {"Date": "Sun, 01 Mar 2026 12:10:00 GMT"}
NONE = RegistryRuns((), SENT, SENT)


def body(run_id: str, status: str | None = "Queued", **properties: Any) -> dict[str, Any]:
    shown = {"runId": run_id, "agentPoolName": "mypool", "createTime": "2026-03-01T12:00:00Z", **properties}
    return {"name": run_id, "properties": {**shown, **({"status": status} if status else {})}}


def page(*runs: Any, **members: Any) -> Reply:
    return Reply(200, {"value": list(runs), **members}, DATE)


def ids(runs: RegistryRuns) -> list[str]:
    return [run.run_id for run in runs.runs]


def test_all_statuses_in_which_a_run_has_not_ended_are_asked_for_at_once() -> None:
    arm, transport = scripted_arm(page(body("cf3", "Running"), body("cf2", "Started"), body("cf1", "Queued")))
    runs = read_active_runs(arm, REGISTRY, JumpingClock())
    assert [(run.run_id, run.is_queued, run.is_active) for run in runs.runs] == [
        ("cf3", False, True),
        ("cf2", False, True),
        ("cf1", True, True),
    ]
    assert (runs.seen, runs.known_since, runs.is_complete) == (SENT, SENT, True)
    (request,) = transport.requests
    query = dict(parse_qsl(urlsplit(request.url).query))
    assert query["$filter"] == "Status eq 'Queued' or Status eq 'Started' or Status eq 'Running'"
    assert query["$top"] == "200"


def test_record_of_a_run() -> None:
    run = body(
        "cf1",
        "Succeeded",
        task="nightly",
        createTime="2026-03-01T12:00:00.1234567Z",
        startTime="2026-03-01T14:01:00+02:00",
        finishTime="2026-03-01T12:02:00",
    )
    arm, _ = scripted_arm(page(run))
    (record,) = read_newest_runs(arm, REGISTRY, NONE).runs
    noon = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
    assert record == RunRecord(
        "cf1",
        "mypool",
        "Succeeded",
        is_queued=False,
        is_active=False,
        task="nightly",
        created=noon + timedelta(microseconds=123456),
        started=noon + timedelta(minutes=1),
        finished=noon + timedelta(minutes=2),
    )


def test_what_a_reply_leaves_out_excludes_nothing() -> None:
    arm, _ = scripted_arm(page({"name": "cf1", "properties": {}}))
    (record,) = read_active_runs(arm, REGISTRY, JumpingClock()).runs
    assert record == RunRecord("cf1", "", "", is_queued=False, is_active=True)


@pytest.mark.parametrize(
    ("status", "finished", "is_active"),
    [
        ("Paused", None, True),
        ("Paused", "2026-03-01T12:02:00Z", False),
        (None, "2026-03-01T12:02:00Z", False),
        ("Running", "2026-03-01T12:02:00Z", True),
        ("Timeout", None, False),
        ("Paused", "0001-01-01T00:00:00Z", True),
    ],
)
def test_run_has_ended_if_its_status_or_a_time_says_so(
    status: str | None, finished: str | None, is_active: bool
) -> None:
    arm, _ = scripted_arm(page(body("cf1", status, **({"finishTime": finished} if finished else {}))))
    (record,) = read_newest_runs(arm, REGISTRY, NONE).runs
    assert record.is_active is is_active


def test_run_that_ended_while_it_was_listed_is_left_out() -> None:
    arm, _ = scripted_arm(page(body("cf1", "Succeeded"), body("cf2")))
    assert ids(read_active_runs(arm, REGISTRY, JumpingClock())) == ["cf2"]


def test_later_reading_comes_last() -> None:
    arm, _ = scripted_arm(page(body("cf1", "Running")), page(body("cf2"), body("cf1", "Failed")))
    active = read_active_runs(arm, REGISTRY, JumpingClock())
    runs = read_newest_runs(arm, REGISTRY, active)
    assert [(run.run_id, run.status) for run in runs.runs] == [("cf1", "Running"), ("cf2", "Queued"), ("cf1", "Failed")]


@pytest.mark.parametrize(
    ("reply", "known_since"),
    [
        (page(body("cf2"), body("cf1")), None),
        (page(), None),
        (
            page(body("cf2", createTime="2026-03-01T12:05:00Z"), body("cf1"), nextLink=f"{ARM}/next"),
            datetime(2026, 3, 1, 12, tzinfo=timezone.utc),
        ),
        (page({"name": "cf1", "properties": {}}, nextLink=f"{ARM}/next"), SENT),
        (page(*(body(f"cf{number}") for number in range(200))), datetime(2026, 3, 1, 12, tzinfo=timezone.utc)),
    ],
    ids=["all there are", "none", "others follow", "without times", "as many as were asked for"],
)
def test_newest_runs_are_all_there_are_or_since_when_they_are(reply: Reply, known_since: datetime | None) -> None:
    arm, transport = scripted_arm(reply)
    assert read_newest_runs(arm, REGISTRY, NONE).known_since == known_since
    assert len(transport.requests) == 1


def test_more_that_have_not_ended_than_a_page_shows_are_not_asked_for() -> None:
    arm, transport = scripted_arm(page(body("cf1"), nextLink=f"{ARM}/next"), page())
    active = read_active_runs(arm, REGISTRY, JumpingClock())
    assert not active.is_complete
    assert not read_newest_runs(arm, REGISTRY, active).is_complete
    assert len(transport.requests) == 2


def test_time_is_the_services_or_else_this_machines() -> None:
    arm, _ = scripted_arm(Reply(200, {"value": []}), Reply(200, {"value": []}))
    active = read_active_runs(arm, REGISTRY, JumpingClock())
    assert active.seen == EPOCH
    assert read_newest_runs(arm, REGISTRY, NONE).seen == SENT


@pytest.mark.parametrize("date", ["Fri, 31 Dec 9999 23:59:59 GMT", "yesterday"], ids=["year 9999", "no date"])
def test_time_from_which_nothing_can_be_reckoned_is_none(date: str) -> None:
    arm, _ = scripted_arm(Reply(200, {"value": []}, {"Date": date}))
    assert read_active_runs(arm, REGISTRY, JumpingClock()).seen == EPOCH


def test_times_from_which_nothing_can_be_reckoned_are_not_known() -> None:
    """The year 1 is what .NET has where it has no time."""
    none = {
        "createTime": "0001-01-01T00:00:00Z",
        "startTime": "0001-01-01T00:00:45",
        "finishTime": "9999-12-31T23:59:59Z",
    }
    arm, _ = scripted_arm(page(body("cf1", "Succeeded", **none)))
    (record,) = read_newest_runs(arm, REGISTRY, NONE).runs
    assert (record.created, record.started, record.finished) == (None, None, None)


def test_service_that_filters_by_one_status_only_is_asked_for_each() -> None:
    arm, transport = scripted_arm(
        arm_error(400, "InvalidFilter"),
        page(body("cf1")),
        page(body("cf1", "Started"), body("cf2", "Started", agentPoolName="other")),
        page(body("cf3", "Running")),
    )
    runs = read_active_runs(arm, REGISTRY, JumpingClock())
    assert ids(runs) == ["cf1", "cf1", "cf2", "cf3"]
    assert (runs.seen, runs.is_complete) == (SENT, True)
    assert [dict(parse_qsl(urlsplit(request.url).query))["$filter"] for request in transport.requests[1:]] == [
        "Status eq 'Queued'",
        "Status eq 'Started'",
        "Status eq 'Running'",
    ]


def test_refusals_and_odd_replies_are_no_lists() -> None:
    arm, _ = scripted_arm(arm_error(403, "AuthorizationFailed"))
    with pytest.raises(ForbiddenError):
        read_active_runs(arm, REGISTRY, JumpingClock())
    arm, _ = scripted_arm(page({"properties": {"runId": 1}}))
    with pytest.raises(InvalidReplyError):
        read_newest_runs(arm, REGISTRY, NONE)
