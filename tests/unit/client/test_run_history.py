"""What ran on a registry in some time past: which pages are asked for, and since when all runs are known."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from scripted_arm import REGISTRY, scripted_arm
from scripted_transport import Reply

from azext_acrpool.client.run_history import read_run_history

SEEN = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
SINCE = SEEN - timedelta(hours=24)


def run(run_id: str, hours: float, status: str = "Succeeded") -> dict[str, Any]:
    created = (SEEN - timedelta(hours=hours)).isoformat()
    return {"name": run_id, "properties": {"runId": run_id, "status": status, "createTime": created}}


def page(number: int, *runs: dict[str, Any], is_last: bool = False) -> Reply:
    link = f"https://management.example{REGISTRY.path}/runs?api-version=1&$skiptoken={number}"
    return Reply(200, {"value": list(runs), **({} if is_last else {"nextLink": link})})


def test_pages_are_read_until_a_run_is_older() -> None:
    arm, transport = scripted_arm(page(1, run("cf4", 1), run("cf3", 20)), page(2, run("cf2", 23), run("cf1", 25)))
    history = read_run_history(arm, REGISTRY, SINCE, SEEN)
    assert [record.run_id for record in history.runs] == ["cf4", "cf3", "cf2", "cf1"]
    assert (history.known_since, len(transport.requests)) == (SINCE, 2)


def test_a_registry_without_older_runs_is_known_whole() -> None:
    arm, _ = scripted_arm(page(1, run("cf1", 1), is_last=True))
    assert read_run_history(arm, REGISTRY, SINCE, SEEN).known_since == SINCE
    arm, _ = scripted_arm(page(1, is_last=True))
    assert read_run_history(arm, REGISTRY, SINCE, SEEN).runs == ()


def test_a_run_that_two_pages_show_counts_once() -> None:
    arm, _ = scripted_arm(page(1, run("cf1", 1, "Running")), page(2, run("CF1", 1), is_last=True))
    (record,) = read_run_history(arm, REGISTRY, SINCE, SEEN).runs
    assert record.status == "Succeeded"


def test_no_more_than_twenty_pages_are_read() -> None:
    arm, transport = scripted_arm(*(page(number, run(f"cf{number}", number / 10)) for number in range(1, 30)))
    history = read_run_history(arm, REGISTRY, SINCE, SEEN)
    assert (len(history.runs), len(transport.requests)) == (20, 20)
    assert history.known_since == SEEN - timedelta(hours=2)
