"""What goes over the wire for an agent pool, and what comes back to the caller."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from azure.core.exceptions import ServiceResponseError
from azure.mgmt.containerregistrytasks.models import AgentPool, AgentPoolQueueStatus
from scripted_arm import ARM, POOL_PATH, REGISTRY, SUBSCRIPTION, arm_error, pool_body, scripted_arm
from scripted_transport import Reply

from azext_acrpool.client.errors import ConflictError, InvalidReplyError, PoolNotFoundError, RegistryNotFoundError
from azext_acrpool.client.pools import AgentPoolChanges, AgentPools, AgentPoolSpec, as_pool_model, read_pool
from azext_acrpool.pool import Pool

SUBNET = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/n"


@pytest.mark.parametrize(
    ("spec", "body"),
    [
        (
            AgentPoolSpec("westus2", 1, "S1", "Linux"),
            {"location": "westus2", "properties": {"count": 1, "tier": "S1", "os": "Linux"}},
        ),
        (
            AgentPoolSpec("eastus", 0, "S3", "Linux", SUBNET, {"a": ""}),
            {
                "location": "eastus",
                "properties": {"count": 0, "tier": "S3", "os": "Linux", "virtualNetworkSubnetResourceId": SUBNET},
                "tags": {"a": ""},
            },
        ),
    ],
)
def test_create_sends(spec: AgentPoolSpec, body: dict[str, Any]) -> None:
    arm, transport = scripted_arm(Reply(201, pool_body()))
    AgentPools(arm).create(REGISTRY, "mypool", spec)
    assert json.loads(transport.requests[0].content) == body
    assert transport.requests[0].url == f"{ARM}{POOL_PATH}?api-version=2025-03-01-preview"


@pytest.mark.parametrize(
    ("changes", "body"),
    [
        (AgentPoolChanges(count=0), {"properties": {"count": 0}}),
        (AgentPoolChanges(tags={}), {"tags": {}}),
        (AgentPoolChanges(2, {"a": "b"}), {"properties": {"count": 2}, "tags": {"a": "b"}}),
    ],
)
def test_update_sends_only_what_changes(changes: AgentPoolChanges, body: dict[str, Any]) -> None:
    arm, transport = scripted_arm(Reply(201, pool_body(state="Updating")))
    AgentPools(arm).update(REGISTRY, "mypool", changes)
    assert json.loads(transport.requests[0].content) == body


def test_pool_is_the_sdks_model() -> None:
    arm, _ = scripted_arm(Reply(200, pool_body(state="Updating", count=3)))
    pool = AgentPools(arm).get(REGISTRY, "mypool")
    assert isinstance(pool, AgentPool)
    assert (pool.count, pool.provisioning_state) == (3, "Updating")


@pytest.mark.parametrize(
    ("changes", "count", "tags", "expected"),
    [
        (AgentPoolChanges(2), 2, {"a": "b"}, True),
        (AgentPoolChanges(2), 1, None, False),
        (AgentPoolChanges(2, {"a": "b"}), 2, {"a": "b"}, True),
        (AgentPoolChanges(2, {"a": "b"}), 2, {"a": "c"}, False),
        (AgentPoolChanges(tags={}), 2, None, True),
        (AgentPoolChanges(tags={}), 2, {"a": "b"}, False),
    ],
)
def test_whether_a_pool_is_as_asked(
    changes: AgentPoolChanges, count: int, tags: dict[str, str] | None, expected: bool
) -> None:
    assert changes.are_in(Pool("mypool", "myregistry", "S1", count, tags=tags)) is expected


@pytest.mark.parametrize(
    ("written", "state"),
    [("succeeded", "Succeeded"), ("FAILED", "Failed"), ("cancelled", "Canceled"), ("updating", "Updating")],
)
def test_states_are_spelled_as_arm_does(written: str, state: str) -> None:
    assert read_pool(as_pool_model(pool_body(state=written)), "myregistry").state == state


def test_state_that_the_sdk_does_not_know() -> None:
    arm, _ = scripted_arm(Reply(200, pool_body(state="Healing")))
    assert read_pool(AgentPools(arm).get(REGISTRY, "mypool"), "myregistry").state == "Healing"


@pytest.mark.parametrize(
    ("system_data", "modified"),
    [
        (
            {"lastModifiedAt": "2026-01-15T10:00:00.5000000+00:00"},
            datetime(2026, 1, 15, 10, 0, 0, 500000, timezone.utc),
        ),
        ({"lastModifiedAt": "2026-01-15T10:00:00"}, datetime(2026, 1, 15, 10, tzinfo=timezone.utc)),
        ({"lastModifiedAt": None}, None),
        ({}, None),
        (None, None),
    ],
)
def test_last_change(system_data: dict[str, str | None] | None, modified: datetime | None) -> None:
    body = {**pool_body(), "systemData": system_data}
    assert read_pool(as_pool_model(body), "myregistry").modified == modified


METADATA = {
    "resourceTypes": [
        {"resourceType": "registries", "locations": ["UK South"]},
        {"resourceType": "registries/AgentPools", "locations": ["West US 2", "East US", " westus3"]},
    ]
}


def test_regions_that_offer_pools() -> None:
    arm, transport = scripted_arm(Reply(200, METADATA))
    assert AgentPools(arm).regions() == {"westus2": "West US 2", "eastus": "East US", "westus3": " westus3"}
    assert transport.requests[0].url == (
        f"{ARM}/subscriptions/{SUBSCRIPTION}/providers/Microsoft.ContainerRegistry?api-version=2024-11-01"
    )


def test_no_region_offers_pools_that_the_metadata_does_not_know() -> None:
    arm, _ = scripted_arm(Reply(200, {"resourceTypes": METADATA["resourceTypes"][:1]}))
    assert AgentPools(arm).regions() == {}


CALLS: dict[str, Callable[[AgentPools], object]] = {
    "get": lambda pools: pools.get(REGISTRY, "mypool"),
    "queue_count": lambda pools: pools.queue_count(REGISTRY, "mypool"),
    "update": lambda pools: pools.update(REGISTRY, "mypool", AgentPoolChanges(count=1)),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("code", "kind"), [("ResourceNotFound", PoolNotFoundError), ("ParentResourceNotFound", RegistryNotFoundError)]
)
def test_missing_pool_and_missing_registry_are_told_apart(call: str, code: str, kind: type[Exception]) -> None:
    arm, _ = scripted_arm(arm_error(404, code))
    with pytest.raises(kind):
        CALLS[call](AgentPools(arm))


def test_find_of_a_missing_pool() -> None:
    arm, _ = scripted_arm(arm_error(404, "ResourceNotFound"))
    assert AgentPools(arm).find(REGISTRY, "mypool") is None


def test_list_of_a_missing_registry() -> None:
    arm, _ = scripted_arm(arm_error(404, "ResourceNotFound"))
    with pytest.raises(RegistryNotFoundError):
        AgentPools(arm).list(REGISTRY)


@pytest.mark.parametrize(
    "body",
    [
        *({}, "null", [], [pool_body()], "<html>", {**pool_body(), "name": None}, {**pool_body(), "name": 7}),
        *({**pool_body(), "properties": []}, {**pool_body(), "tags": ["a"]}, {**pool_body(), "tags": {"a": 1}}),
        *(pool_body(count="2"), pool_body(count=1.5), pool_body(count=True), pool_body(tier=1)),
        *(pool_body(provisioningState=7), pool_body(virtualNetworkSubnetResourceId={})),
    ],
)
def test_reply_that_is_no_pool(body: Any) -> None:
    arm, _ = scripted_arm(*[Reply(200, body)] * 4)
    with pytest.raises(InvalidReplyError):
        AgentPools(arm).get(REGISTRY, "mypool")


@pytest.mark.parametrize(
    ("call", "reply"),
    [("get", Reply(200, pool_body())), ("queue_count", Reply(200, {"count": 0})), ("update", Reply(201, pool_body()))],
)
def test_lost_reply_to_what_may_be_asked_twice_is_asked_for_again(call: str, reply: Reply) -> None:
    arm, transport = scripted_arm(ServiceResponseError("connection reset"), reply)
    CALLS[call](AgentPools(arm))
    assert len(transport.requests) == 2


def test_conflict_comes_through() -> None:
    arm, _ = scripted_arm(arm_error(409, "RegistryStatusConflict"))
    with pytest.raises(ConflictError):
        AgentPools(arm).create(REGISTRY, "mypool", AgentPoolSpec("westus2", 1, "S1", "Linux"))


@pytest.mark.parametrize("body", [{"count": 4}, 4, "4"])
def test_queue_count_in_both_shapes(body: Any) -> None:
    arm, transport = scripted_arm(Reply(200, body))
    assert AgentPools(arm).queue_count(REGISTRY, "mypool") == AgentPoolQueueStatus(count=4)
    assert transport.requests[0].method == "POST"


@pytest.mark.parametrize("body", [{}, "null", [1], {"count": "many"}])
def test_queue_count_that_is_none(body: Any) -> None:
    arm, _ = scripted_arm(*[Reply(200, body)] * 4)
    with pytest.raises(InvalidReplyError):
        AgentPools(arm).queue_count(REGISTRY, "mypool")
