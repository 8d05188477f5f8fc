"""`az acr agentpool list`, `show` and `list-runs`: what they ask, what they show, and how they end."""

from __future__ import annotations

from typing import Any

from pool_azure import MISSING, PoolAzure, listing
from scripted_arm import arm_error, pool_body, registry_body
from scripted_transport import Reply

from azext_acrpool._format import pool_runs_output_format
from azext_acrpool.commands.agentpool.show import list_pools, list_runs, show_pool
from azext_acrpool.testing import Finished

POOL_MISSING = [
    "Could not find an agent pool named 'mypool' in registry 'myregistry'.",
    "List the registry's agent pools with: az acr agentpool list -r myregistry -o table",
]


def test_show_with_a_resource_group_is_one_request() -> None:
    azure = PoolAzure()
    assert azure.run(show_pool) == Finished(pool_body(), 0, "", "")
    assert len(azure.transport.requests) == 1


def test_show_of_a_missing_pool_exits_3() -> None:
    finished = PoolAzure({"GET /agentPools/mypool": MISSING}).run(show_pool)
    assert (finished.exit_code, finished.told) == (3, POOL_MISSING)


def test_show_queue_count() -> None:
    azure = PoolAzure({"POST /agentPools/mypool/listQueueStatus": Reply(200, 3)})
    assert azure.run(show_pool, queue_count=True) == Finished({"count": 3}, 0, "", "")


def test_list_of_one_registry() -> None:
    azure = PoolAzure({"GET /agentPools": listing(pool_body(), pool_body("other"))})
    finished = azure.session.run(list_pools, registry_name="myregistry", resource_group_name="mygroup")
    assert finished == Finished([pool_body(), pool_body("other")], 0, "", "")


REGISTRIES = {
    "GET /resources": listing(
        registry_body("first"), registry_body("basic", sku="Basic"), registry_body("second"), registry_body("third")
    ),
    "GET /registries/first/agentPools": listing(pool_body("one")),
    "GET /registries/second/agentPools": arm_error(403, "AuthorizationFailed", "Not you."),
    "GET /registries/third/agentPools": listing(pool_body("two"), pool_body("three")),
}
READABLE = [pool_body("one"), pool_body("two"), pool_body("three")]
LEFT_OUT = "The agent pools of registry 'second' are left out: Not you.\n"


def test_list_of_all_registries_shows_what_can_be_read() -> None:
    assert PoolAzure(REGISTRIES).session.run(list_pools) == Finished(READABLE, 0, "", LEFT_OUT)


def test_only_premium_registries_are_asked_for_their_pools() -> None:
    azure = PoolAzure(REGISTRIES)
    azure.session.run(list_pools)
    listed, *asked = azure.transport.asked("GET")
    assert listed.endswith("/resources")
    # Side by side, so in any order.
    assert sorted(asked) == ["first/agentPools", "second/agentPools", "third/agentPools"]


def test_list_of_the_registries_of_another_group() -> None:
    session = PoolAzure(REGISTRIES).session
    assert session.run(list_pools, resource_group_name="elsewhere") == Finished([], 0, "", "")
    assert session.run(list_pools, resource_group_name="MYGROUP") == Finished(READABLE, 0, "", LEFT_OUT)


def test_list_of_which_nothing_can_be_read_fails() -> None:
    azure = PoolAzure({"GET /resources": listing(registry_body()), "GET /agentPools": arm_error(403, "A")})
    finished = azure.session.run(list_pools)
    assert finished.exit_code == 1
    assert finished.told == [
        "The agent pools of registry 'myregistry' are left out: No.",
        "(A) No.",
        (
            "Agent pools, builds and tasks need the role 'Container Registry Tasks Contributor' on the registry. See"
            " who has which with: az role assignment list --include-inherited --scope REGISTRY_ID -o table"
        ),
    ]


def run_body(run_id: str, status: str, **properties: str) -> dict[str, Any]:
    return {"name": run_id, "properties": {"runId": run_id, "status": status, "agentPoolName": "mypool", **properties}}


RUNS = [
    run_body("cf1", "Running", createTime="2026-03-01T10:00:00Z", startTime="2026-03-01T11:30:05Z", task="nightly"),
    run_body("cf2", "Queued", createTime="2026-03-01T11:58:00Z"),
]


def with_runs(date: str) -> PoolAzure:
    """Azure with the runs, at the time `date` by its own clock."""
    return PoolAzure({"GET /runs": Reply(200, {"value": RUNS}, {"Date": date})})


def test_list_runs_has_the_keys_of_az_own_and_two_more() -> None:
    azure = with_runs("Sun, 01 Mar 2026 12:00:00 GMT")
    running, queued = azure.run(list_runs).result
    assert (running["runId"], running["status"], running["task"]) == ("cf1", "Running", "nightly")
    assert (running["waitedSeconds"], running["runningSeconds"]) == (5405, 1795)
    assert (queued["waitedSeconds"], queued["runningSeconds"]) == (120, None)
    assert queued["createTime"] == "2026-03-01T11:58:00+00:00"
    assert azure.run(list_runs, top=1) == Finished([running], 0, "", "")


def test_table_of_runs() -> None:
    rows = pool_runs_output_format(with_runs("Tue, 03 Mar 2026 12:00:00 GMT").run(list_runs).result)
    assert list(rows[0].items()) == [
        ("RUN ID", "cf1"),
        ("STATUS", "Running"),
        ("TASK", "nightly"),
        ("TRIGGER", "Manual"),
        ("CREATED", "2026-03-01T10:00:00Z"),
        ("WAITED", "01:30:05"),
        ("RUNNING", "48:29:55"),
    ]
    assert (rows[1]["TASK"], rows[1]["WAITED"], rows[1]["RUNNING"]) == (" ", "48:02:00", " ")
    assert pool_runs_output_format([]) == []


def test_no_runs_of_a_pool_that_is_there() -> None:
    assert PoolAzure().run(list_runs) == Finished([], 0, "", "")


def test_no_runs_of_a_pool_that_is_not_there_is_an_error() -> None:
    finished = PoolAzure({"GET /agentPools/mypool": MISSING}).run(list_runs)
    assert (finished.exit_code, finished.told) == (3, POOL_MISSING)


def test_top_must_be_a_number_of_runs() -> None:
    azure = PoolAzure()
    finished = azure.run(list_runs, top=0)
    assert finished.exit_code == 2
    assert finished.told == ["--top cannot be 0.", "Give the number of runs to show, 1 or more."]
    assert not azure.transport.requests
