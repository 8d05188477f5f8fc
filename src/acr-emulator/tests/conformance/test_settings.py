"""What a recording needs and does not make is there: recordings made up to show each kind of it."""

from __future__ import annotations

from typing import Any

import pytest
from recordings import Exchange, Recording, replay

SUBSCRIPTION = "/subscriptions/11111111-0000-0000-0000-000000000000"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg"
REGISTRY = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/somereg"
POOL = f"{REGISTRY}/agentPools/apool"
V = "api-version=2019-06-01-preview"
WHO = {
    "createdBy": "x",
    "createdByType": "User",
    "createdAt": "2025-01-01T00:00:00+00:00",
    "lastModifiedBy": "x",
    "lastModifiedByType": "User",
    "lastModifiedAt": "2025-01-01T00:00:00+00:00",
}


def item(method: str, url: str, status: int, body: Any, second: int = 0, **more: Any) -> dict[str, Any]:
    """An interaction; a URL without a host is ARM's."""
    return {
        "method": method,
        "uri": url if url.startswith("http") else f"https://management.azure.com{url}",
        "request_body": None,
        "status": status,
        "headers": {"date": f"Wed, 01 Jan 2025 00:{second // 60:02}:{second % 60:02} GMT"},
        "body": body,
        **more,
    }


def pool(state: str) -> dict[str, Any]:
    return {
        "type": "Microsoft.ContainerRegistry/registries/agentPools",
        "properties": {"count": 3, "tier": "S2", "os": "Linux", "provisioningState": state},
        "id": POOL,
        "name": "apool",
        "location": "brazilsouth",
        "systemData": WHO,
    }


def run(name: str, status: str, **more: Any) -> dict[str, Any]:
    properties = {
        "runId": name,
        "status": status,
        "lastUpdatedTime": "2025-01-01T00:00:00+00:00",
        **more,
        "provisioningState": "Succeeded",
        "isArchiveEnabled": False,
    }
    return {
        "type": "Microsoft.ContainerRegistry/registries/runs",
        "properties": properties,
        "id": f"{REGISTRY}/runs/{name}",
        "name": name,
        "systemData": {key: value for key, value in WHO.items() if key.startswith("last")},
    }


def played(*interactions: dict[str, Any]) -> list[Exchange]:
    return replay(Recording("made up", interactions))


def differences(exchanges: list[Exchange]) -> list[str]:
    return [
        f"#{exchange.number} {found.where} {found.what}" for exchange in exchanges for found in exchange.differences
    ]


def test_a_pool_is_there_when_it_is_deleted_however_long_that_takes() -> None:
    result = f"{REGISTRY}/agentPoolsOperationResults/00000000-0000-0000-0000-000000000000/status?{V}&t=1&c=&s=&h="
    location = {"location": f"https://management.azure.com{result}"}
    deletion = item("DELETE", f"{POOL}?{V}", 202, pool("Deleting"))
    waiting = item(
        "GET", result, 202, "null", 30, polls=[f"Wed, 01 Jan 2025 0{hour}:00:00 GMT" for hour in range(1, 9)]
    )
    for one in (deletion, waiting):
        one["headers"].update(location)
    exchanges = played(deletion, waiting, item("GET", result, 204, ""))
    assert not differences(exchanges)
    assert [exchange.number for exchange in exchanges] == [0, *[1] * 8, 2]


def test_pools_that_are_found_are_listed_as_they_were() -> None:
    older = {**pool("Succeeded"), "id": f"{REGISTRY}/agentPools/older", "name": "older"}
    newer = {**pool("Succeeded"), "systemData": {**WHO, "createdAt": "2025-01-01T00:00:01+00:00"}}
    assert not differences(played(item("GET", f"{REGISTRY}/agentPools?{V}", 200, {"value": [newer, older]})))


def test_a_run_may_begin_within_the_second_in_which_it_was_queued() -> None:
    request = {"type": "EncodedTaskRunRequest", "encodedTaskContent": "c3RlcHM6", "platform": {"os": "linux"}}
    queued = item("POST", f"{REGISTRY}/scheduleRun?{V}", 200, run("cf1", "Queued"), request_body=request)
    begun = run("cf1", "Running", startTime="2025-01-01T00:00:00.4+00:00", finishTime="2025-01-01T00:00:20+00:00")
    seen = item("GET", f"{REGISTRY}/runs/cf1?{V}", 200, begun)
    assert not [text for text in differences(played(queued, seen)) if "status" in text]


def test_an_action_on_a_pool_that_is_never_shown() -> None:
    assert not differences(played(item("POST", f"{POOL}/listQueueStatus?{V}", 200, {"count": 0})))


def test_what_is_not_there_is_not_made() -> None:
    (exchange,) = played(item("GET", f"{POOL}?{V}", 404, {"error": {"code": "ResourceNotFound", "message": "?"}}))
    assert {found.where for found in exchange.differences} == {"body.error.message"}


def test_a_group_has_its_region_and_tags() -> None:
    body = {
        "id": GROUP,
        "name": "rg",
        "type": "Microsoft.Resources/resourceGroups",
        "location": "norwayeast",
        "tags": {"a": "b"},
        "properties": {"provisioningState": "Succeeded"},
    }
    url = f"{SUBSCRIPTION}/resourcegroups/rg?api-version=2024-11-01"
    assert not differences(
        played(item("POST", f"{POOL}/listQueueStatus?{V}", 200, {"count": 0}), item("GET", url, 200, body))
    )


def test_runs_are_numbered_on_and_take_as_long_as_they_took() -> None:
    request = {
        "type": "EncodedTaskRunRequest",
        "encodedTaskContent": "c3RlcHM6CiAgLSBjbWQ6IGVjaG8K",
        "platform": {"os": "linux"},
    }
    queued = run("de17", "Queued")
    queued["systemData"] = run("de17", "Queued")["systemData"]
    more = {
        "runType": "QuickRun",
        "createTime": "2025-01-01T00:00:00.1+00:00",
        "startTime": "2025-01-01T00:00:00.4+00:00",
        "platform": {"os": "linux"},
        "agentConfiguration": {"cpu": 2},
    }
    url = f"{REGISTRY}/runs/de17?{V}"
    ended = run("de17", "Succeeded", **more, finishTime="2025-01-01T00:10:00.4000001+00:00")
    exchanges = played(
        item("POST", f"{REGISTRY}/scheduleRun?{V}", 200, queued, request_body=request),
        item("GET", url, 200, run("de17", "Running", **more), 590),
        item("GET", url, 200, ended, 605),
    )
    assert not differences(exchanges)


def test_a_child_of_a_registry_that_the_recording_makes_is_there_from_then_on() -> None:
    made = item("PUT", f"{REGISTRY}?api-version=2026-01-01-preview", 200, {})
    made["request_body"] = {"location": "westus", "sku": {"name": "Basic"}}
    task = f"{REGISTRY}/tasks/atask"
    properties = {
        "provisioningState": "Succeeded",
        "creationDate": "2025-01-01T00:00:00+00:00",
        "status": "Disabled",
        "platform": {"os": "linux", "architecture": "arm"},
        "agentConfiguration": {"cpu": 2},
        "timeout": 700,
        "step": {"type": "EncodedTask", "encodedTaskContent": "c3RlcHM6"},
        "isSystemTask": False,
    }
    body = {
        "type": "Microsoft.ContainerRegistry/registries/tasks",
        "properties": properties,
        "id": task,
        "name": "atask",
        "location": "westus",
        "systemData": WHO,
    }
    _, shown = played(made, item("GET", f"{task}?{V}", 200, body, 60))
    assert not differences([shown])


@pytest.mark.parametrize(
    "url",
    [
        "https://graph.microsoft.com/v1.0/me",
        "https://registry.azurecr.io/v2/",
        f"{GROUP}/providers/Microsoft.Resources/deployments/d?api-version=2025-04-01",
        f"{GROUP}/providers/Microsoft.KeyVault/vaults/v?api-version=2023-07-01",
        f"{REGISTRY}/webhooks?api-version=2025-11-01",
    ],
)
def test_what_is_not_the_emulators_is_told_apart(url: str) -> None:
    (exchange,) = played(item("GET", url, 200, {"value": []}))
    assert not exchange.is_emulated


def test_what_azure_made_up_is_translated() -> None:
    identity = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/someone"
    made = item("PUT", f"{identity}?api-version=2024-11-30", 201, {}, request_body={"location": "westus"})
    made["body"] = {
        "id": identity,
        "name": "someone",
        "type": "Microsoft.ManagedIdentity/userAssignedIdentities",
        "location": "westus",
        "properties": {
            "principalId": "22222222-2222-2222-2222-222222222222",
            "clientId": "33333333-3333-3333-3333-333333333333",
            "tenantId": "4",
        },
    }
    assigned = f"{REGISTRY}/providers/Microsoft.Authorization/roleAssignments/55555555-5555-5555-5555-555555555555"
    properties = {
        "roleDefinitionId": f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/"
        "2efddaa5-3f1f-4df3-97df-af3f13818f4c",
        "principalId": "22222222-2222-2222-2222-222222222222",
    }
    body = {"properties": {**properties, "updatedBy": "66666666-6666-6666-6666-666666666666"}}
    role = item("PUT", f"{assigned}?api-version=2022-04-01", 201, body, request_body={"properties": properties})
    wheres = {found.where for found in played(made, role)[1].differences}
    assert "status" not in wheres
