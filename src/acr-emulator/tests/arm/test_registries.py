"""Registries, compared with what was recorded."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from emulated_azure import GROUP, REGISTRY, EmulatedAzure

NEW = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/clireg000002"
CREATE = {"location": "eastus", "sku": {"name": "Premium"}, "properties": {"adminUserEnabled": False}}
RECORDED_PROPERTIES = {
    "adminUserEnabled": False,
    "networkRuleSet": {"defaultAction": "Allow", "ipRules": []},
    "policies": {
        "quarantinePolicy": {"status": "disabled"},
        "trustPolicy": {"type": "Notary", "status": "disabled"},
        "retentionPolicy": {"days": 7, "lastUpdatedTime": "2025-06-01T12:00:00+00:00", "status": "disabled"},
        "exportPolicy": {"status": "enabled"},
        "azureADAuthenticationAsArmPolicy": {"status": "enabled"},
        "softDeletePolicy": {
            "retentionDays": 7,
            "lastUpdatedTime": "2025-06-01T12:00:00+00:00",
            "status": "disabled",
        },
    },
    "encryption": {"status": "disabled"},
    "dataEndpointEnabled": False,
    "dataEndpointHostNames": [],
    "privateEndpointConnections": [],
    "publicNetworkAccess": "Enabled",
    "networkRuleBypassOptions": "AzureServices",
    "zoneRedundancy": "Disabled",
    "anonymousPullEnabled": False,
    "loginServer": "clireg000002.azurecr.io",
    "creationDate": "2025-06-01T12:00:00Z",
}


@pytest.fixture
def azure() -> Iterator[EmulatedAzure]:
    with EmulatedAzure() as azure:
        yield azure


def test_creation_as_recorded(azure: EmulatedAzure) -> None:
    created = azure.put(NEW, CREATE)
    assert created.status == 201
    assert created.body["properties"].items() >= {**RECORDED_PROPERTIES, "provisioningState": "Creating"}.items()
    operation = created.headers["azure-asyncoperation"]
    assert operation.startswith(f"https://127.0.0.1:4443{NEW}/operationStatuses/registries-")
    assert azure.get(operation).body == {"status": "Creating"}
    azure.advance(300)
    assert azure.get(operation).body == {"status": "Succeeded"}
    shown = azure.get(NEW).body
    assert shown["properties"].items() >= {**RECORDED_PROPERTIES, "provisioningState": "Succeeded"}.items()
    assert (shown["sku"], shown["tags"], shown["location"]) == ({"name": "Premium", "tier": "Premium"}, {}, "eastus")


def test_newer_members_that_pools_depend_on(azure: EmulatedAzure) -> None:
    properties = azure.get(REGISTRY).body["properties"]
    assert properties["roleAssignmentMode"] == "LegacyRegistryPermissions"
    assert properties["networkRuleBypassAllowedForTasks"] is False


@pytest.mark.parametrize(
    ("name", "body", "status", "code"),
    [
        ("x", CREATE, 400, "InvalidRequestContent"),
        ("newregistry", {"sku": {"name": "Premium"}}, 400, "LocationRequired"),
        ("newregistry", {**CREATE, "sku": {"name": "Gold"}}, 400, "InvalidRequestContent"),
    ],
)
def test_refused_creation(azure: EmulatedAzure, name: str, body: object, status: int, code: str) -> None:
    reply = azure.put(NEW.replace("clireg000002", name), body)
    assert (reply.status, reply.body["error"]["code"]) == (status, code)
    assert azure.get(NEW.replace("clireg000002", name)).status == 404


def test_sku_and_tags_can_be_changed(azure: EmulatedAzure) -> None:
    assert azure.patch(REGISTRY, {"sku": {"name": "Standard"}, "tags": {"a": "b"}}).status == 200
    shown = azure.get(REGISTRY).body
    assert (shown["sku"]["name"], shown["tags"]) == ("Standard", {"a": "b"})
    assert azure.create_pool().status == 400


def test_a_deleted_registry_is_gone(azure: EmulatedAzure) -> None:
    assert azure.delete(REGISTRY).status == 200
    assert azure.get(REGISTRY).status == 404
    assert azure.delete(REGISTRY).status == 204


def test_names_are_taken_only_once(azure: EmulatedAzure) -> None:
    subscription = "/subscriptions/00000000-0000-0000-0000-000000000000"
    url = f"{subscription}/providers/Microsoft.ContainerRegistry/checkNameAvailability"
    assert azure.post(url, {"name": "MyRegistry"}).body["nameAvailable"] is False
    assert azure.post(url, {"name": "another"}).body == {"nameAvailable": True}
