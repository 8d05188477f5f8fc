"""Finding a registry with as few requests as can be, whatever way its name is written."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest
from scripted_arm import REGISTRY, SUBSCRIPTION, arm_error, registry_body, scripted_arm
from scripted_transport import Reply
from whole_messages import raises

from azext_acrpool.client.errors import ForbiddenError, NotFoundError, RegistryNotFoundError
from azext_acrpool.client.registries import (
    PoolId,
    RegistryId,
    find_registry,
    list_registries,
    locate_registry,
    missing_above,
    parse_pool_id,
    split_login_server,
)

LISTED = {**registry_body("MyRegistry"), "id": registry_body("MyRegistry")["id"].replace("mygroup", "MYGROUP")}


@pytest.mark.parametrize(
    ("typed", "name", "suffix"),
    [
        ("myregistry", "myregistry", ""),
        ("MyRegistry.azurecr.io", "MyRegistry", ".azurecr.io"),
        ("myregistry-b2c3.azurecr.us", "myregistry", ".azurecr.us"),
        ("my-registry", "my-registry", ""),
    ],
)
def test_login_server_is_split(typed: str, name: str, suffix: str) -> None:
    assert split_login_server(typed) == (name, suffix)


def test_with_a_resource_group_one_request_reads_it() -> None:
    arm, transport = scripted_arm(Reply(200, registry_body()))
    registry = find_registry(arm, "myregistry.azurecr.io", "my group(1)")
    assert (registry.name, registry.location, registry.sku) == ("myregistry", "westus2", "Premium")
    assert registry.role_assignment_mode == "LegacyRegistryPermissions"
    (request,) = transport.requests
    assert "/resourceGroups/my%20group%281%29/providers/" in request.url


def test_without_a_resource_group_it_is_asked_for_by_name() -> None:
    arm, transport = scripted_arm(Reply(200, {"value": [LISTED]}), Reply(200, LISTED))
    registry = find_registry(arm, "MYREGISTRY")
    assert (registry.subscription_id, registry.resource_group, registry.name) == (SUBSCRIPTION, "MYGROUP", "MyRegistry")
    lookup, read = transport.requests
    assert "name eq 'MYREGISTRY'" in unquote(lookup.url)
    assert "/resourceGroups/MYGROUP/providers/Microsoft.ContainerRegistry/registries/MyRegistry?" in read.url


def test_locating_reads_no_properties() -> None:
    arm, transport = scripted_arm(Reply(200, {"value": [LISTED]}))
    assert locate_registry(arm, "myregistry").resource_group == "MYGROUP"
    assert locate_registry(arm, "other", "group") == RegistryId(SUBSCRIPTION, "group", "other")
    assert len(transport.requests) == 1


@pytest.mark.parametrize("found", [[], [{**LISTED, "id": LISTED["id"] + "2", "name": "MyRegistry2"}]])
def test_missing_registry_names_the_subscription(found: list[object]) -> None:
    arm, _ = scripted_arm(Reply(200, {"value": found}))
    with raises(
        RegistryNotFoundError, f"Could not find a registry named 'myregistry' in subscription '{SUBSCRIPTION}'."
    ):
        locate_registry(arm, "myregistry")


def test_missing_registry_in_a_resource_group_names_the_group() -> None:
    arm, _ = scripted_arm(arm_error(404, "ResourceNotFound"))
    with raises(
        RegistryNotFoundError,
        f"Could not find a registry named 'myregistry' in resource group 'nogroup' of subscription '{SUBSCRIPTION}'.",
    ):
        find_registry(arm, "myregistry", "nogroup")


@pytest.mark.parametrize("find", [find_registry, locate_registry])
@pytest.mark.parametrize("code", ["SubscriptionNotFound", "InvalidSubscriptionId"])
def test_missing_subscription_is_named(find: Any, code: str) -> None:
    arm, _ = scripted_arm(arm_error(404, code))
    with raises(RegistryNotFoundError, f"Could not find subscription '{SUBSCRIPTION}'."):
        find(arm, "myregistry")


def test_missing_resource_group_is_named() -> None:
    arm, _ = scripted_arm(arm_error(404, "ResourceGroupNotFound"))
    with raises(
        RegistryNotFoundError, f"Could not find a resource group named 'nogroup' in subscription '{SUBSCRIPTION}'."
    ):
        find_registry(arm, "myregistry", "nogroup")


NOT_FOUND = "The Resource 'Microsoft.ContainerRegistry/registries/{}' under resource group 'g' was not found."


@pytest.mark.parametrize(
    ("code", "message", "missing"),
    [
        ("ResourceNotFound", NOT_FOUND.format("r"), "registry"),
        ("ResourceNotFound", NOT_FOUND.format("r/agentPools/p"), ""),
        ("ResourceNotFound", "No.", ""),
        ("ParentResourceNotFound", "No.", "registry"),
        ("ResourceGroupNotFound", "No.", "group"),
        ("SubscriptionNotFound", "No.", "subscription"),
        ("NotFound", "No.", ""),
    ],
)
def test_what_a_404_says_is_missing(code: str, message: str, missing: str) -> None:
    assert missing_above(NotFoundError(message, code=code)) == missing


@pytest.mark.parametrize(
    ("resource_id", "found"),
    [
        (f"{REGISTRY.resource_id}/agentPools/p", PoolId(REGISTRY, "p")),
        (f"{REGISTRY.resource_id}/agentpools/p/", PoolId(REGISTRY, "p")),
        (REGISTRY.resource_id, None),
        (f"{REGISTRY.resource_id}/tasks/t", None),
        ("p", None),
    ],
)
def test_ids_of_pools(resource_id: str, found: PoolId | None) -> None:
    assert parse_pool_id(resource_id) == found


def test_what_cannot_be_a_name_is_not_asked_for() -> None:
    arm, transport = scripted_arm()
    with pytest.raises(RegistryNotFoundError):
        locate_registry(arm, "x' or name ne 'x")
    assert not transport.requests


def test_being_refused_is_not_being_missing() -> None:
    arm, _ = scripted_arm(arm_error(403, "AuthorizationFailed"))
    with pytest.raises(ForbiddenError):
        find_registry(arm, "myregistry", "group")


def test_list_of_all() -> None:
    arm, _ = scripted_arm(Reply(200, {"value": [LISTED, registry_body("second", sku="Basic")]}))
    assert [(registry.name, registry.sku) for registry in list_registries(arm)] == [
        ("MyRegistry", "Premium"),
        ("second", "Basic"),
    ]
