"""Agent pools: the recorded exchanges, and the rules around them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from acr_emulator.options import EmulatorOptions
from acr_emulator.world import PoolSpec, RegistrySpec, SubnetSpec, World
from asgi_exchange import Reply
from emulated_azure import GROUP, REGISTRY, EmulatedAzure, with_query

POOL = f"{REGISTRY}/agentPools/pool1"
SUBNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/net/subnets/agents"


@pytest.fixture
def azure() -> Iterator[EmulatedAzure]:
    with EmulatedAzure() as azure:
        yield azure


def test_creation_as_recorded(azure: EmulatedAzure) -> None:
    created = azure.create_pool()
    stamp = {"createdBy": "user@example.com", "createdByType": "User", "createdAt": "2025-06-01T12:00:00+00:00"}
    changed = {
        "lastModifiedBy": "user@example.com",
        "lastModifiedByType": "User",
        "lastModifiedAt": "2025-06-01T12:00:00+00:00",
    }
    body = {
        "type": "Microsoft.ContainerRegistry/registries/agentPools",
        "properties": {"count": 1, "tier": "S1", "os": "Linux", "provisioningState": "Creating"},
        "id": POOL,
        "name": "pool1",
        "location": "westus2",
        "systemData": {**stamp, **changed},
    }
    assert (created.status, created.body, created.headers["retry-after"]) == (201, body, "10")
    operation = created.headers["azure-asyncoperation"]
    assert operation.startswith(f"https://127.0.0.1:4443{POOL}/operationStatuses/")
    azure.advance(299)
    polled = azure.get(operation)
    assert (polled.status, polled.body) == (200, {"status": "Creating"})
    assert "retry-after" not in polled.headers
    azure.advance(1)
    assert azure.get(operation).body == {"status": "Succeeded"}
    body["properties"] = {"count": 1, "tier": "S1", "os": "Linux", "provisioningState": "Succeeded"}
    assert azure.get(POOL).body == body


def test_status_url_is_long_signed_and_honoured_only_verbatim(azure: EmulatedAzure) -> None:
    operation = azure.create_pool().headers["azure-asyncoperation"]
    query = urlsplit(operation).query
    assert list(parse_qs(query)) == ["api-version", "t", "c", "s", "h"]
    assert 4000 < len(query) < 5000
    for changes in ({"t": "638930025354879830"}, {"s": "x"}, {"c": ""}, {"h": "y"}):
        refused = azure.get(with_query(operation, **changes))
        assert (refused.status, refused.body["error"]["code"]) == (403, "AuthorizationFailed")


def test_tags_are_kept_but_not_in_the_first_reply(azure: EmulatedAzure) -> None:
    body = {"location": "westus2", "properties": {"count": 1, "tier": "S1"}, "tags": {"team": "a"}}
    assert "tags" not in azure.put(POOL, body).body
    assert azure.get(POOL).body["tags"] == {"team": "a"}


def test_scaling_as_recorded(azure: EmulatedAzure) -> None:
    azure.create_pool()
    azure.advance(300)
    scaled = azure.patch(POOL, {"properties": {"count": 2}})
    assert scaled.status == 201
    assert scaled.body["properties"] == {"count": 2, "tier": "S1", "os": "Linux", "provisioningState": "Updating"}
    assert scaled.body["systemData"]["lastModifiedAt"] == "2025-06-01T12:05:00+00:00"
    assert scaled.body["systemData"]["createdAt"] == "2025-06-01T12:00:00+00:00"
    operation = scaled.headers["azure-asyncoperation"]
    assert azure.get(operation).body == {"status": "Updating"}
    azure.advance(300)
    assert azure.get(operation).body == {"status": "Succeeded"}
    assert azure.get(POOL).body["properties"]["provisioningState"] == "Succeeded"


def test_deletion_as_recorded(azure: EmulatedAzure) -> None:
    azure.create_pool()
    azure.advance(300)
    deleted = azure.delete(POOL)
    assert (deleted.status, deleted.body["properties"]["provisioningState"]) == (202, "Deleting")
    assert deleted.headers["retry-after"] == "10"
    location = deleted.headers["location"]
    assert location.startswith(f"https://127.0.0.1:4443{REGISTRY}/agentPoolsOperationResults/")
    azure.advance(10)
    polled = azure.get(location)
    assert (polled.status, polled.content) == (202, b"null")
    assert "retry-after" not in polled.headers
    assert polled.headers["location"] != location
    assert urlsplit(polled.headers["location"]).path == urlsplit(location).path
    azure.advance(290)
    done = azure.get(polled.headers["location"])
    assert (done.status, done.content) == (204, b"")
    gone = azure.get(POOL)
    assert (gone.status, gone.headers["x-ms-failure-cause"]) == (404, "gateway")
    assert gone.body["error"] == {
        "code": "ResourceNotFound",
        "message": "The Resource 'Microsoft.ContainerRegistry/registries/myregistry/agentPools/pool1' under resource "
        "group 'myresourcegroup' was not found. For more details please go to "
        "https://aka.ms/ARMResourceNotFoundFix",
    }


def test_deleting_what_is_not_there_is_204(azure: EmulatedAzure) -> None:
    assert azure.delete(POOL).status == 204


def test_list_is_newest_first(azure: EmulatedAzure) -> None:
    azure.create_pool("pool1")
    azure.create_pool("pool2")
    assert [pool["name"] for pool in azure.get(f"{REGISTRY}/agentPools").body["value"]] == ["pool2", "pool1"]


@pytest.mark.parametrize(
    ("name", "body", "told"),
    [
        ("ab", {}, "3 to 20"),
        ("a" * 21, {}, "3 to 20"),
        ("under_score", {}, "3 to 20"),
        ("pool1", {"properties": {"tier": "S9"}}, "S1, S2, S3, I6"),
        ("pool1", {"properties": {"os": "Windows"}}, "Linux"),
        ("pool1", {"properties": {"count": -1}}, "negative"),
        ("pool1", {"properties": {"count": "two"}}, "whole number"),
        ("pool1", {"properties": {"virtualNetworkSubnetResourceId": "agents"}}, "no subnet ID"),
        ("pool1", {"tags": {"a": 1}}, "tags"),
    ],
)
def test_what_a_pool_may_not_be(azure: EmulatedAzure, name: str, body: dict[str, Any], told: str) -> None:
    reply = azure.put(f"{REGISTRY}/agentPools/{name}", {"location": "westus2", **body})
    assert reply.status == 400
    assert told in reply.body["error"]["message"]
    assert azure.get(f"{REGISTRY}/agentPools/{name}").status == 404


def test_regions_without_pools_are_refused_as_reported(azure: EmulatedAzure) -> None:
    error = azure.put(POOL, {"location": "uksouth", "properties": {}}).body["error"]
    assert error["code"] == "LocationNotAvailableForResourceType"
    assert error["message"].startswith(
        "The provided location 'uksouth' is not available for resource type "
        "'Microsoft.ContainerRegistry/registries/agentPools'. List of available regions for the resource type is "
    )
    assert "westus2,southcentralus" in error["message"]


def test_only_premium_registries_have_pools() -> None:
    with EmulatedAzure(World(registries=(RegistrySpec(sku="Standard"),))) as azure:
        assert "Premium" in azure.create_pool().body["error"]["message"]


@pytest.mark.parametrize(
    ("tier", "count", "status"), [("S2", 4, 201), ("S2", 5, 400), ("S3", 2, 201), ("S3", 3, 400), ("I6", 1, 400)]
)
def test_vcpu_quota_of_one_pool(azure: EmulatedAzure, tier: str, count: int, status: int) -> None:
    assert azure.create_pool(tier=tier, count=count).status == status


def test_vcpu_quota_counts_all_pools_of_a_kind_and_a_pool_only_once() -> None:
    registry = RegistrySpec(pools=(PoolSpec("big", tier="S3"), PoolSpec("small")), isolated_vcpu_quota=64)
    with EmulatedAzure(World(registries=(registry,))) as azure:
        assert azure.create_pool(tier="I6").status == 201
        assert azure.patch(f"{REGISTRY}/agentPools/small", {"properties": {"count": 5}}).status == 400
        assert azure.patch(f"{REGISTRY}/agentPools/small", {"properties": {"count": 4}}).status == 201


def test_only_listed_subnets_exist() -> None:
    with EmulatedAzure(World(subnets=(SubnetSpec(SUBNET),))) as azure:
        created = azure.create_pool("pool1", virtualNetworkSubnetResourceId=SUBNET)
        assert created.body["properties"]["virtualNetworkSubnetResourceId"] == SUBNET
        assert (
            "was not found"
            in azure.create_pool("pool2", virtualNetworkSubnetResourceId=SUBNET + "x").body["error"]["message"]
        )


def test_one_operation_at_a_time(azure: EmulatedAzure) -> None:
    azure.create_pool()
    replies = [
        azure.patch(POOL, {"properties": {"count": 2}}),
        azure.delete(POOL),
        azure.create_pool(count=2),
    ]
    assert [(reply.status, reply.body["error"]["code"]) for reply in replies] == [(409, "RegistryStatusConflict")] * 3
    azure.advance(300)
    assert azure.get(POOL).body["properties"] == {
        "count": 1,
        "tier": "S1",
        "os": "Linux",
        "provisioningState": "Succeeded",
    }


def test_requests_that_arrive_twice_lead_to_one_operation(azure: EmulatedAzure) -> None:
    requests: list[tuple[str, Callable[[], Reply]]] = [
        ("azure-asyncoperation", azure.create_pool),
        ("azure-asyncoperation", lambda: azure.patch(POOL, {"properties": {"count": 2}})),
        ("location", lambda: azure.delete(POOL)),
    ]
    for header, request in requests:
        first, second = request(), request()
        assert first.status == second.status
        assert urlsplit(first.headers[header]).path == urlsplit(second.headers[header]).path
        azure.advance(300)
    assert azure.get(POOL).status == 404


def test_put_on_an_existing_pool(azure: EmulatedAzure) -> None:
    azure.create_pool()
    azure.advance(300)
    same = azure.create_pool()
    assert (same.status, same.body["properties"]["provisioningState"]) == (200, "Succeeded")
    assert "azure-asyncoperation" not in same.headers
    scaled = azure.create_pool(count=2)
    assert (scaled.status, scaled.body["properties"]["provisioningState"]) == (201, "Updating")
    azure.advance(300)
    for change in ({"tier": "S2"}, {"os": "Windows"}, {"virtualNetworkSubnetResourceId": SUBNET}):
        assert "can't be changed" in azure.create_pool(count=2, **change).body["error"]["message"]


def test_patch_ignores_what_cannot_change(azure: EmulatedAzure) -> None:
    azure.create_pool()
    azure.advance(300)
    azure.patch(POOL, {"properties": {"tier": "S3"}, "tags": {"a": "b"}})
    azure.advance(300)
    shown = azure.get(POOL).body
    assert (shown["properties"]["tier"], shown["tags"]) == ("S1", {"a": "b"})


def test_creation_that_fails() -> None:
    subnet = SubnetSpec(SUBNET, create_error="the subnet is full")
    with EmulatedAzure(World(subnets=(subnet,))) as azure:
        operation = azure.create_pool(virtualNetworkSubnetResourceId=SUBNET).headers["azure-asyncoperation"]
        azure.advance(300)
        ended = azure.get(operation).body
        assert ended["status"] == "Failed"
        assert (
            ended["error"]["message"] == "The status for Agent Pool pool1 is Error. Error Message: the subnet is full"
        )
        assert azure.get(POOL).body["properties"]["provisioningState"] == "Failed"
        scaled = azure.patch(POOL, {"properties": {"count": 2}})
        assert (scaled.status, scaled.body["error"]["code"]) == (409, "RegistryStatusConflict")
        assert azure.delete(POOL).status == 202


def test_pool_behind_a_blocked_subnet_succeeds_takes_nothing_and_fails_later() -> None:
    subnet = SubnetSpec(SUBNET, egress_blocked=True, fails_after=3600)
    with EmulatedAzure(World(subnets=(subnet,))) as azure:
        azure.create_pool(virtualNetworkSubnetResourceId=SUBNET)
        azure.advance(300)
        azure.schedule(agentPoolName="pool1")
        azure.advance(3000)
        assert azure.get(POOL).body["properties"]["provisioningState"] == "Succeeded"
        assert azure.run("cf1")["status"] == "Queued"
        assert "startTime" not in azure.run("cf1")
        azure.advance(600)
        assert azure.get(POOL).body["properties"]["provisioningState"] == "Failed"


def test_queue_status_counts_waiting_runs_in_both_forms(azure: EmulatedAzure) -> None:
    azure.create_pool(count=0)
    for _ in range(2):
        azure.schedule(agentPoolName="POOL1")
    azure.schedule()
    assert azure.post(f"{POOL}/listQueueStatus").body == {"count": 2}
    assert azure.post(f"{POOL}/queueStatus").content == b"2"


def test_a_pool_is_seen_as_deleting_however_quick_the_deletion_is() -> None:
    with EmulatedAzure(options=EmulatorOptions(pool_seconds=0)) as azure:
        azure.create_pool()
        azure.settle()
        azure.delete(f"{REGISTRY}/agentPools/pool1")
        azure.settle()
        assert azure.get(f"{REGISTRY}/agentPools/pool1").body["properties"]["provisioningState"] == "Deleting"
        azure.advance(1)
        assert azure.get(f"{REGISTRY}/agentPools/pool1").status == 404
