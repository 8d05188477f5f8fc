"""What holds for everything that can be written: what a body may be, conditions, regions, parents, what is listed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from acr_emulator.world import PoolSpec, RegistrySpec, World
from emulated_azure import GROUP, REGISTRY, EmulatedAzure

SUBSCRIPTION = GROUP.partition("/resourceGroups")[0]
VNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/myvnet"
POOL = f"{REGISTRY}/agentPools/pool1"
TASK = f"{REGISTRY}/tasks/mytask"
TASK_RUN = f"{REGISTRY}/taskRuns/mytaskrun"
STEP = {"type": "EncodedTask", "encodedTaskContent": "c3RlcHM6"}
REQUEST = {"type": "EncodedTaskRunRequest", "encodedTaskContent": "c3RlcHM6", "platform": {"os": "Linux"}}
BODIES: dict[str, dict[str, Any]] = {
    REGISTRY: {"location": "westus2", "sku": {"name": "Premium"}},
    POOL: {"location": "westus2", "properties": {"count": 1, "tier": "S1", "os": "Linux"}},
    TASK: {"location": "westus2", "properties": {"platform": {"os": "Linux"}, "step": STEP}},
    TASK_RUN: {"location": "westus2", "properties": {"runRequest": REQUEST}},
    VNET: {"location": "westus2", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}},
}
ALL = pytest.mark.parametrize("url", BODIES, ids=lambda url: url.rpartition("/")[2])
CHILDREN = pytest.mark.parametrize("url", [POOL, TASK, TASK_RUN], ids=lambda url: url.rpartition("/")[2])


@pytest.fixture
def azure() -> Iterator[EmulatedAzure]:
    with EmulatedAzure() as azure:
        for url, body in BODIES.items():
            azure.put(url, body)
        azure.advance(600)
        yield azure


@ALL
@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_only_json_is_taken(azure: EmulatedAzure, url: str, content_type: str) -> None:
    refused = azure.request("PUT", url, BODIES[url], headers={"content-type": content_type})
    assert (refused.status, refused.body["error"]) == (
        415,
        {
            "code": "UnsupportedMediaType",
            "message": f"The content media type '{content_type or '<null>'}' is not supported. "
            "Only 'application/json' is supported.",
        },
    )


def test_a_body_is_not_looked_at_before_it_is_known_what_it_is_for(azure: EmulatedAzure) -> None:
    unquoted = b"{template: 1}"
    unknown = azure.request("PUT", f"{GROUP}/providers/Nonsense.Nonsense/things/x", data=unquoted)
    assert unknown.body["error"]["code"] == "InvalidResourceNamespace"
    headers = {"content-type": "application/json"}
    assert azure.request("PUT", POOL, data=unquoted, headers=headers).body["error"]["code"] == "InvalidRequestContent"


@pytest.mark.parametrize("content", [b'{"a": NaN}', b"\xff", b"[]", b'"x"'])
def test_what_is_no_object_is_refused(azure: EmulatedAzure, content: bytes) -> None:
    refused = azure.request("PUT", POOL, data=content, headers={"content-type": "application/json; charset=utf-8"})
    assert (refused.status, refused.body["error"]["code"]) == (400, "InvalidRequestContent")


@ALL
def test_conditions_of_a_put(azure: EmulatedAzure, url: str) -> None:
    new = url[:-1] + "x"
    there = azure.request("PUT", url, BODIES[url], headers={"if-none-match": "*"})
    absent = azure.request("PUT", new, BODIES[url], headers={"if-match": "*"})
    for refused in (there, absent):
        assert (refused.status, refused.body["error"]["code"]) == (412, "PreconditionFailed")
    assert azure.get(new).status == 404
    assert azure.request("PUT", url, BODIES[url], headers={"if-match": "*"}).status in (200, 201)


@ALL
def test_what_is_there_does_not_move(azure: EmulatedAzure, url: str) -> None:
    name = url.rpartition("/")[2]
    refused = azure.put(url, {**BODIES[url], "location": "East US"})
    assert (refused.status, refused.body["error"]) == (
        409,
        {
            "code": "InvalidResourceLocation",
            "message": f"The resource '{name}' already exists in location 'westus2' in resource group "
            "'myresourcegroup'. A resource with the same name cannot be created in location 'East US'. "
            "Please select a new resource name.",
        },
    )
    assert azure.put(url, {**BODIES[url], "location": "West US 2"}).status in (200, 201)


@CHILDREN
def test_a_child_needs_its_registry(azure: EmulatedAzure, url: str) -> None:
    orphan = url.replace("/myregistry/", "/noregistry/")
    for refused in (azure.put(orphan, BODIES[url]), azure.get(orphan.rpartition("/")[0])):
        assert (refused.status, refused.body["error"]["code"]) == (404, "ParentResourceNotFound")
        assert "Parent resource 'noregistry' not found." in refused.body["error"]["message"]
    assert azure.get(orphan).body["error"]["code"] == "ResourceNotFound"


@ALL
def test_head_tells_whether_something_is_there(azure: EmulatedAzure, url: str) -> None:
    there, absent = azure.request("HEAD", url), azure.request("HEAD", url + "x")
    assert [(reply.status, reply.content) for reply in (there, absent)] == [(204, b""), (404, b"")]


@ALL
def test_unknown_and_read_only_members_are_dropped(azure: EmulatedAzure, url: str) -> None:
    before = azure.get(url).body
    body = {**BODIES[url], "id": "/x", "name": "x", "type": "x", "systemData": {}}
    properties = {**BODIES[url].get("properties", {}), "provisioningState": "Failed"}
    assert azure.put(url, {**body, "properties": properties}).status in (200, 201)
    azure.advance(300)
    shown = azure.get(url).body
    assert (shown["id"], shown["name"], shown["type"]) == (before["id"], before["name"], before["type"])
    assert shown["properties"]["provisioningState"] == before["properties"]["provisioningState"]


@pytest.mark.parametrize("url", [REGISTRY, POOL, TASK, TASK_RUN], ids=lambda url: url.rpartition("/")[2])
def test_members_that_nobody_knows_are_not_kept(azure: EmulatedAzure, url: str) -> None:
    properties = {**BODIES[url].get("properties", {}), "colour": "red"}
    assert azure.put(url, {**BODIES[url], "colour": "red", "properties": properties}).status in (200, 201)
    shown = azure.get(url).body
    assert "colour" not in shown
    assert "colour" not in shown["properties"]


@pytest.mark.parametrize(
    ("url", "change", "told"),
    [
        (REGISTRY, {"properties": []}, "'body.properties' must be an object."),
        (REGISTRY, {"properties": {"adminUserEnabled": "yes"}}, "'body.properties.adminUserEnabled' must be true or"),
        (REGISTRY, {"sku": "Premium"}, "'body.sku' must be an object."),
        (REGISTRY, {"tags": {"a": 1}}, "'body.tags.a' must be a string."),
        (REGISTRY, {"properties": {"publicNetworkAccess": "Maybe"}}, "'publicNetworkAccess' must be one of Enabled"),
        (REGISTRY, {"identity": {"type": "Other"}}, "'identity.type' must be one of SystemAssigned;"),
        (POOL, {"location": 5}, "'body.location' must be a string."),
        (POOL, {"properties": {"count": 1.5}}, "'body.properties.count' must be a whole number."),
        (POOL, {"properties": {"count": True}}, "'body.properties.count' must be a whole number."),
        (POOL, {"tags": ["a"]}, "'body.tags' must be an object."),
        (TASK, {"properties": {"step": {**STEP, "values": {}}}}, "'body.properties.step.values' must be a list."),
        (TASK, {"properties": {"timeout": "1h"}}, "'body.properties.timeout' must be a whole number."),
        (TASK_RUN, {"properties": {"runRequest": {**REQUEST, "values": [{"name": 1}]}}}, ".values[0].name' must be a"),
        (TASK_RUN, {"properties": {"runRequest": {"type": 7}}}, "'type' must be one of DockerBuildRequest"),
        (TASK_RUN, {"properties": {"forceUpdateTag": 2}}, "'body.properties.forceUpdateTag' must be a string."),
    ],
)
def test_wrong_kinds_are_refused(azure: EmulatedAzure, url: str, change: dict[str, Any], told: str) -> None:
    before = azure.get(url).body
    refused = azure.put(url, {**BODIES[url], **change})
    assert (refused.status, refused.body["error"]["code"]) == (400, "InvalidRequestContent")
    assert told in refused.body["error"]["message"]
    assert azure.get(url).body == before


IDENTITIES = [f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}" for name in "ab"]


@pytest.mark.parametrize("url", [REGISTRY, TASK, TASK_RUN], ids=lambda url: url.rpartition("/")[2])
def test_a_patch_adds_identities_and_takes_them_away(azure: EmulatedAzure, url: str) -> None:
    def patch(kind: str, **identities: Any) -> tuple[str, list[str]]:
        named = {IDENTITIES["ab".index(name)]: value for name, value in identities.items()}
        azure.patch(url, {"identity": {"type": kind, "userAssignedIdentities": named}})
        azure.advance(300)
        shown = azure.get(url).body.get("identity") or {}
        # Registries begin the kinds in lower case.
        return shown.get("type", "").lower(), [
            key.rpartition("/")[2] for key in shown.get("userAssignedIdentities") or {}
        ]

    assert patch("UserAssigned", a={}) == ("userassigned", ["a"])
    assert patch("SystemAssigned, UserAssigned", b={}) == ("systemassigned, userassigned", ["a", "b"])
    azure.patch(url, {"tags": {"x": "y"}})
    assert patch("UserAssigned", a=None) == ("userassigned", ["b"])
    assert patch("SystemAssigned") == ("systemassigned", [])
    assert patch("None") == ("", [])


def test_pools_and_tasks_are_tracked(azure: EmulatedAzure) -> None:
    listed = azure.get(f"{SUBSCRIPTION}/resources?api-version=2024-11-01").body["value"]
    assert [(item["type"], item["name"]) for item in listed] == [
        ("Microsoft.ContainerRegistry/registries", "myregistry"),
        ("Microsoft.ContainerRegistry/registries/agentPools", "myregistry/pool1"),
        ("Microsoft.ContainerRegistry/registries/tasks", "myregistry/mytask"),
        ("Microsoft.Network/virtualNetworks", "myvnet"),
    ]
    text = "resourceType eq 'Microsoft.ContainerRegistry/registries/agentPools'"
    (pool,) = azure.get(f"{GROUP}/resources?api-version=2024-11-01&$filter={text}").body["value"]
    assert (pool["id"], pool["location"]) == (POOL, "westus2")


@pytest.mark.parametrize(("version", "shown"), [("2019-10-01", False), ("2021-04-01", True), ("2024-11-01", True)])
def test_older_lists_do_not_tell_who_made_a_resource(azure: EmulatedAzure, version: str, shown: bool) -> None:
    listed = azure.get(f"{SUBSCRIPTION}/resources?api-version={version}").body["value"]
    assert ("systemData" in listed[0]) == shown


def test_lists_of_a_group_have_nothing_of_others() -> None:
    registries = (RegistrySpec(pools=(PoolSpec("pool1"),)), RegistrySpec("other", "group2"))
    with EmulatedAzure(World(registries=registries)) as azure:
        listed = azure.get(f"{SUBSCRIPTION}/resourceGroups/GROUP2/resources?api-version=2024-11-01").body["value"]
    assert [item["name"] for item in listed] == ["other"]
