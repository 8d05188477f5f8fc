"""Roles in the emulator: they can be found, and whoever gets one may do more."""

from __future__ import annotations

from typing import Any

from acr_emulator.world import World
from emulated_azure import REGISTRY, EmulatedAzure

AUTHORIZATION = f"{REGISTRY}/providers/Microsoft.Authorization"
LIMITED = World(permissions=({"actions": ["*/read", "Microsoft.Authorization/*"], "notActions": []},))


def find_role(azure: EmulatedAzure, name: str) -> list[dict[str, Any]]:
    url = f"{AUTHORIZATION}/roleDefinitions?api-version=2022-05-01-preview&$filter=roleName eq '{name}'"
    found: list[dict[str, Any]] = azure.get(url).body["value"]
    return found


def assign(azure: EmulatedAzure, name: str, role_id: str) -> tuple[int, str]:
    """Status and error code of an assignment."""
    body = {"properties": {"roleDefinitionId": role_id, "principalId": "someone"}}
    reply = azure.put(f"{AUTHORIZATION}/roleAssignments/{name}", body)
    return reply.status, reply.body.get("error", {}).get("code", "")


def test_a_role_that_is_assigned_counts() -> None:
    with EmulatedAzure(LIMITED) as azure:
        assert azure.create_pool("pool1").status == 403
        (role,) = find_role(azure, "Container Registry Tasks Contributor")
        assert assign(azure, "one", role["id"]) == (201, "")
        assert azure.create_pool("pool1").status == 201
        granted = azure.get(f"{AUTHORIZATION}/permissions").body["value"]
        assert [len(permission["actions"]) for permission in granted] == [2, 6]
        (shown,) = azure.get(f"{AUTHORIZATION}/roleAssignments").body["value"]
        assert (shown["name"], shown["properties"]["scope"]) == ("one", REGISTRY)


def test_an_assignment_is_made_once_and_of_a_role_that_there_is() -> None:
    with EmulatedAzure(LIMITED) as azure:
        (role,) = find_role(azure, "Container Registry Tasks Contributor")
        assign(azure, "one", role["id"])
        assert assign(azure, "two", role["id"]) == (409, "RoleAssignmentExists")
        assert assign(azure, "three", f"{role['id']}0") == (404, "RoleDefinitionDoesNotExist")
        assert find_role(azure, "Reader of Books") == []


def test_who_may_do_everything_may_do_so_with_a_role_too() -> None:
    with EmulatedAzure() as azure:
        (role,) = find_role(azure, "Container Registry Tasks Contributor")
        assert assign(azure, "one", role["id"]) == (201, "")
        assert azure.create_pool("pool1").status == 201
