"""Tables: az's own columns and values."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from azure.cli.command_modules.acr import _format as az_own

from azext_acrpool._format import (
    agentpool_output_format,
    build_output_format,
    credential_output_format,
    health_output_format,
    identity_output_format,
    pool_runs_output_format,
    run_list_output_format,
    task_output_format,
    timer_output_format,
)
from azext_acrpool.commands.agentpool.findings import as_data
from azext_acrpool.health.findings import Finding, Severity

ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/{}/agentPools/p"
POOL = {
    "name": "p",
    "id": ID.format("r"),
    "count": 0,
    "tier": "S1",
    "provisioningState": "Succeeded",
    "virtualNetworkSubnetResourceId": None,
    "os": "Linux",
}


@pytest.mark.parametrize("result", [POOL, [POOL, {**POOL, "name": "q", "count": 3}], []])
def test_agent_pools_equal_az_own(result: Any) -> None:
    assert agentpool_output_format(result) == [dict(row) for row in az_own.agentpool_output_format(result)]


@pytest.mark.parametrize(
    "result",
    [
        {},
        {"type": "SystemAssigned", "principalId": "p", "tenantId": "t", "userAssignedIdentities": None},
        {"type": "SystemAssigned, UserAssigned", "principalId": "p", "userAssignedIdentities": {"/a": {}, "/b": {}}},
    ],
    ids=["none", "system", "both"],
)
def test_identities_equal_az_own(result: Any) -> None:
    assert identity_output_format(result) == [dict(row) for row in az_own.task_identity_format(result)]


@pytest.mark.parametrize("result", [None, {}, []])
def test_a_task_without_timers_has_an_empty_table(result: Any) -> None:
    assert timer_output_format(result) == []


def test_timers() -> None:
    assert timer_output_format([{"name": "t1", "schedule": "0 21 * * *", "status": "Enabled"}, {"name": "t2"}]) == [
        {"NAME": "t1", "STATUS": "Enabled", "SCHEDULE": "0 21 * * *"},
        {"NAME": "t2", "STATUS": " ", "SCHEDULE": " "},
    ]


@pytest.mark.parametrize("count", [0, 3])
def test_the_length_of_a_queue_is_no_count_of_instances(count: int) -> None:
    assert agentpool_output_format({"count": count}) == [{"QUEUED": str(count)}]
    assert agentpool_output_format([{"count": count}, {"count": 1}]) == [{"QUEUED": str(count)}, {"QUEUED": "1"}]


def test_what_a_deletion_says() -> None:
    told = ["Agent 'p' was successfully deleted", None]
    assert agentpool_output_format(told[0]) == [{"RESULT": "Agent 'p' was successfully deleted"}]
    assert agentpool_output_format(told) == [{"RESULT": "Agent 'p' was successfully deleted"}]


def test_runs_of_more_than_one_pool_name_it() -> None:
    runs = [{**RUN, "agentPoolName": name, "runId": f"cf{name}"} for name in ("p", "q")]
    rows = pool_runs_output_format([[runs[0]], [runs[1]], []])
    assert [(row["AGENT POOL"], row["RUN ID"]) for row in rows] == [("p", "cfp"), ("q", "cfq")]
    assert "AGENT POOL" not in pool_runs_output_format(runs[:1])[0]


def test_pools_of_more_than_one_registry_name_it() -> None:
    rows = agentpool_output_format([POOL, {**POOL, "id": ID.format("other")}])
    assert [(next(iter(row)), row["REGISTRY"]) for row in rows] == [("REGISTRY", "r"), ("REGISTRY", "other")]


RUN = {
    "runId": "cf1",
    "task": None,
    "status": "Succeeded",
    "platform": {"os": "linux"},
    "startTime": "2025-06-01T12:00:00.900000+00:00",
    "finishTime": "2025-06-01T13:02:03.100000+00:00",
}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"startTime": None, "finishTime": None},
        {"finishTime": None},
        {"startTime": "2022-06-04T05:14:36.4744994Z", "finishTime": "2022-06-04T05:14:36.4744995Z"},
        {"startTime": "2022-06-04T05:14:36Z", "finishTime": "2022-06-05T07:14:37Z"},
        {"task": "nightly", "timerTrigger": {"timerTriggerName": "t"}},
        {"imageUpdateTrigger": {"id": "x"}},
        {"sourceTrigger": {"eventType": "commit"}},
    ],
)
def test_builds_have_the_values_of_az_own_runs(change: dict[str, Any]) -> None:
    """The columns are those of az's own table for builds, which itself ends in an AttributeError."""
    run = {**RUN, **change}
    (ours,), (theirs,) = build_output_format(run), az_own.run_output_format(run)
    assert list(ours.values()) == list(theirs.values())
    assert list(ours) == ["BUILD ID", "TASK", "PLATFORM", "STATUS", "TRIGGER", "STARTED", "DURATION"]


def test_table_of_a_file_and_of_a_terminal() -> None:
    long = as_data(Finding(code="A", severity=Severity.ERROR, check="NSG", message="word " * 40 + "end."))
    (plain,) = health_output_format([long])
    (wrapped,) = health_output_format([long], columns=100, colored=True)

    assert plain == {"SEVERITY": "error", "CHECK": "NSG", "FOUND": long["message"]}
    assert wrapped["SEVERITY"] == "\x1b[1;31merror\x1b[0m"
    assert wrapped["FOUND"].split() == plain["FOUND"].split()
    assert max(map(len, wrapped["FOUND"].splitlines())) <= 48


def test_findings_of_several_pools_have_the_pool_in_front() -> None:
    one = {"severity": "ok", "check": "NSG", "message": "Fine.", "agentPoolName": "one", "registryName": "myregistry"}
    rows = health_output_format([one, {**one, "agentPoolName": "other"}])
    assert [next(iter(row.items())) for row in rows] == [("AGENT POOL", "one"), ("AGENT POOL", "other")]
    assert list(health_output_format([one])[0]) == ["SEVERITY", "CHECK", "FOUND"]
    assert next(iter(health_output_format([one, {**one, "registryName": "far"}])[0])) == "REGISTRY"


HOSTILE = "\x1b[31m\x9b\u202e\nx"
SHOWN = "\\x1b[31m\\x9b\\u202e\\nx"


@pytest.mark.parametrize(
    ("rows", "column"),
    [
        (agentpool_output_format({"name": HOSTILE}), "NAME"),
        (
            agentpool_output_format([POOL, {**POOL, "id": ID.format(HOSTILE), "provisioningState": HOSTILE}])[1:],
            "STATE",
        ),
        (agentpool_output_format([POOL, {**POOL, "id": ID.format(HOSTILE)}])[1:], "REGISTRY"),
        (build_output_format({**RUN, "status": HOSTILE}), "STATUS"),
        (build_output_format({**RUN, "startTime": HOSTILE}), "STARTED"),
        (build_output_format({**RUN, "sourceTrigger": {"eventType": HOSTILE}}), "TRIGGER"),
        (build_output_format({"biggestFiles": [], "files": [{"path": HOSTILE, "bytes": 1}]}), "PATH"),
        (credential_output_format({HOSTILE: {}}), "LOGIN SERVER"),
        (task_output_format({"step": {"contextPath": HOSTILE}}), "SOURCE REPOSITORY"),
        (timer_output_format([{"name": HOSTILE}]), "NAME"),
        (timer_output_format([{"schedule": HOSTILE}]), "SCHEDULE"),
        (identity_output_format({"userAssignedIdentities": {HOSTILE: {}}}), "USER ASSIGNED IDENTITIES"),
        (pool_runs_output_format({"runId": HOSTILE}), "RUN ID"),
        (health_output_format({"check": HOSTILE}), "CHECK"),
    ],
)
def test_no_cell_does_anything_to_a_terminal(rows: list[dict[str, str]], column: str) -> None:
    assert [row[column] for row in rows] == [SHOWN]


def test_a_message_in_a_table_keeps_its_lines() -> None:
    (row,) = health_output_format({"message": HOSTILE})
    assert row["FOUND"] == "\\x1b[31m\\x9b\\u202e\nx"


NOW = datetime(2025, 6, 1, 12, 10, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("run", "waited"),
    [
        ({"createTime": "2025-06-01T12:00:00Z", "startTime": "2025-06-01T12:01:05Z"}, "00:01:05"),
        ({"createTime": "2025-06-01T12:00:00Z", "status": "Queued"}, "00:10:00"),
        (
            {"createTime": "2025-06-01T12:00:00Z", "status": "Canceled", "finishTime": "2025-06-01T12:02:00Z"},
            "00:02:00",
        ),
        ({"createTime": "2025-06-01T12:00:00Z", "status": "Running"}, " "),
        ({"createTime": "2025-06-01T12:20:00Z", "status": "Queued"}, "00:00:00"),
        ({"status": "Queued"}, " "),
    ],
    ids=["taken", "queued", "cancelled in the queue", "not told when", "another clock", "not told since when"],
)
def test_how_long_a_listed_run_waited(run: dict[str, Any], waited: str) -> None:
    (row,) = run_list_output_format(run, clock=_Clock())
    assert row["WAITED"] == waited


class _Clock:
    """It is NOW, and stays so."""

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        raise AssertionError("a table waits for nothing")


def test_listed_runs_have_the_columns_of_az_own_and_two_more() -> None:
    (ours,), (theirs,) = run_list_output_format([{**RUN, "agentPoolName": "p"}]), az_own.run_output_format(RUN)
    assert list(ours.items())[:-2] == list(theirs.items())
    assert list(ours)[-2:] == ["WAITED", "AGENT POOL"]
    assert ours["AGENT POOL"] == "p"
