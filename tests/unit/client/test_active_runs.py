"""Who uses a pool: runs that wait for it or run on it, none missed, none twice, and for how long; and tasks."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest
from scripted_arm import ARM, REGISTRY, RoutedTransport, arm_over, scripted_arm
from scripted_transport import Reply

from azext_acrpool.client.active_runs import PoolUsers, find_pool_users, list_active_runs
from azext_acrpool.testing import JumpingClock

DATE = {"Date": "Sun, 01 Mar 2026 12:10:00 GMT"}


def run_body(run_id: str, status: str, created: str = "12:00:00", started: str = "", pool: str = "mypool") -> Any:
    properties = {"runId": run_id, "status": status, "createTime": f"2026-03-01T{created}.1234567Z"}
    if started:
        properties["startTime"] = f"2026-03-01T{started}.1234567Z"
    return {"name": run_id, "properties": {**properties, "agentPoolName": pool}}


def listing(*runs: Any) -> Reply:
    return Reply(200, {"value": list(runs)}, DATE)


def test_oldest_first_and_only_those_of_the_pool() -> None:
    transport = RoutedTransport(
        {
            "GET /runs?'Queued'": listing(run_body("cf9", "Queued", "12:09:00"), run_body("cf1", "Queued", "09:00:00")),
            "GET /runs?'Started'": listing(run_body("cf5", "Started", pool="other"), run_body("cf4", "Started")),
            "GET /runs?'Running'": listing(run_body("cf3", "Running", "11:00:00", pool="MyPool"), {"name": "shared"}),
        }
    )
    runs = list_active_runs(arm_over(transport), REGISTRY, "mypool")
    assert [run.run_id for run in runs] == ["cf1", "cf3", "cf4", "cf9"]


def test_all_pages_are_read() -> None:
    more = f"{ARM}{REGISTRY.path}/runs?$skiptoken=2"
    first = Reply(200, {"value": [run_body("cf9", "Queued", "12:01:00")], "nextLink": more}, DATE)
    arm, transport = scripted_arm(first, listing(run_body("cf2", "Queued")), listing(), listing())
    assert [run.run_id for run in list_active_runs(arm, REGISTRY, "mypool")] == ["cf2", "cf9"]
    assert transport.requests[1].url == more


def test_run_that_moves_on_between_the_requests_is_listed_once_as_it_is_now() -> None:
    arm, transport = scripted_arm(
        listing(run_body("cf1", "Queued")),
        listing(run_body("cf1", "Started")),
        listing(run_body("cf1", "Running", started="12:04:00")),
    )
    (run,) = list_active_runs(arm, REGISTRY, "mypool")
    assert run.status == "Running"
    assert run.waited == 240
    # In this order, no run can slip through.
    asked = [unquote(request.url).partition("Status eq ")[2].split("&")[0] for request in transport.requests]
    assert asked == ["'Queued'", "'Started'", "'Running'"]


def test_run_that_ended_meanwhile_is_left_out() -> None:
    arm, _ = scripted_arm(listing(run_body("cf1", "Succeeded")), listing(run_body("cf2", "Canceled")), listing())
    assert list_active_runs(arm, REGISTRY, "mypool") == []


@pytest.mark.parametrize(
    ("run", "waited", "running"),
    [
        (run_body("cf1", "Queued", "12:00:00"), 599.877, None),
        (run_body("cf1", "Running", "12:00:00", "12:09:00"), 540.0, 59.877),
        (run_body("cf1", "Queued", "12:10:00"), 0, None),
        ({"properties": {"runId": "cf1", "status": "Queued", "agentPoolName": "mypool"}}, None, None),
    ],
    ids=["queued", "running", "queued this moment", "without times"],
)
def test_times_are_by_the_services_clock(run: Any, waited: float | None, running: float | None) -> None:
    arm, _ = scripted_arm(listing(run), listing(), listing())
    (active,) = list_active_runs(arm, REGISTRY, "mypool")
    assert active.waited == (None if waited is None else pytest.approx(waited, abs=0.01))
    assert active.running == (None if running is None else pytest.approx(running, abs=0.01))


def test_without_the_services_time_a_queued_run_has_waited_for_nobody_knows_how_long() -> None:
    arm, _ = scripted_arm(Reply(200, {"value": [run_body("cf1", "Queued")]}), listing(), listing())
    assert list_active_runs(arm, REGISTRY, "mypool")[0].waited is None


def _using(name: str, pool: str | None, **properties: str) -> dict[str, Any]:
    return {"name": name, "properties": {**properties, **({"agentPoolName": pool} if pool else {})}}


def test_users_of_a_pool() -> None:
    transport = RoutedTransport(
        {
            "GET /tasks": Reply(200, {"value": [_using("nightly", "MyPool"), _using("free", None), _using("x", "y")]}),
            "GET /runs?'Queued'": Reply(200, {"value": [_using("cf3", "mypool", runId="cf3"), _using("cf9", "other")]}),
            "GET /runs?'Started'": Reply(200, {"value": []}),
            "GET /runs?'Running'": Reply(
                200, {"value": [_using("cf2", "mypool", runId="cf2"), _using("cf3", "mypool")]}
            ),
        }
    )
    users = find_pool_users(arm_over(transport), REGISTRY, "mypool", JumpingClock())
    assert users == PoolUsers(tasks=("nightly",), active_runs=("cf3", "cf2"))
    assert len(transport.requests) == 4


def test_pool_without_users() -> None:
    nobody = RoutedTransport({"GET /tasks": Reply(200, {"value": []}), "GET /runs": Reply(200, {"value": []})})
    assert find_pool_users(arm_over(nobody), REGISTRY, "mypool", JumpingClock()) == PoolUsers()
