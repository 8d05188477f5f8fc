"""Roles in the emulator: they can be found, assigned, listed, taken away, and whoever has one may do more."""

from __future__ import annotations

from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest
from acr_emulator.world import World
from asgi_exchange import Reply
from emulated_azure import GROUP, REGISTRY, EmulatedAzure

SUBSCRIPTION = GROUP.partition("/resourceGroups/")[0]
LIMITED = World(permissions=({"actions": ["*/read", "Microsoft.Authorization/*"], "notActions": []},))
TASKS_CONTRIBUTOR = "fb382eab-e894-4461-af04-94435c366c3f"
ACR_PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
SOMEBODY = "11111111-1111-1111-1111-111111111111"


def assignments(scope: str) -> str:
    return f"{scope}/providers/Microsoft.Authorization/roleAssignments"


def guid(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, name))


def caller(azure: EmulatedAzure) -> str:
    found: str = azure.get("/v1.0/me").body["id"]
    return found


def assign(
    azure: EmulatedAzure, name: str, role: str, principal: str = SOMEBODY, scope: str = REGISTRY, **properties: Any
) -> Reply:
    definition = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{role}"
    wanted = {"roleDefinitionId": definition, "principalId": principal, "principalType": "Group", **properties}
    given = {key: value for key, value in wanted.items() if value is not None}
    return azure.put(f"{assignments(scope)}/{guid(name)}", {"properties": given})


def assign_to_caller(azure: EmulatedAzure, role: str, scope: str) -> Reply:
    return assign(azure, f"{role}{scope}", role, caller(azure), scope, principalType="User")


def listed(azure: EmulatedAzure, scope: str, condition: str = "") -> list[str]:
    """Scope and principal of what is listed, the way it is told apart in `scene`."""
    reply = azure.get(f"{assignments(scope)}?api-version=2022-04-01&$filter={condition}")
    return [str(item["name"]) for item in reply.body["value"]]


def test_a_role_of_the_caller_counts_where_it_is_assigned() -> None:
    with EmulatedAzure(LIMITED) as azure:
        other = REGISTRY.replace("/registries/myregistry", "/registries/other")
        assert azure.create_pool("pool1").status == 403
        assert assign_to_caller(azure, TASKS_CONTRIBUTOR, REGISTRY).status == 201
        assert azure.create_pool("pool1").status == 201
        assert azure.create_pool("pool1", registry=other).status == 403
        granted = azure.get(f"{REGISTRY}/providers/Microsoft.Authorization/permissions").body["value"]
        assert [len(permission["actions"]) for permission in granted] == [2, 6]


def test_a_role_of_a_group_holds_below_it_until_it_is_taken_away() -> None:
    with EmulatedAzure(LIMITED) as azure:
        made = assign_to_caller(azure, TASKS_CONTRIBUTOR, GROUP)
        assert azure.create_pool("pool1").status == 201
        assert azure.delete(made.body["id"]).body["id"] == made.body["id"]
        assert azure.create_pool("pool2").status == 403
        assert azure.delete(made.body["id"]).status == 204


def test_what_is_assigned_to_somebody_else_does_not_help_the_caller() -> None:
    with EmulatedAzure(LIMITED) as azure:
        assert assign(azure, "one", TASKS_CONTRIBUTOR).status == 201
        assert azure.create_pool("pool1").status == 403


def test_an_assignment_is_shown_as_it_was_made() -> None:
    with EmulatedAzure() as azure:
        made = assign(azure, "one", ACR_PULL, description="for the builds")
        assert made.body == {
            "id": f"{assignments(REGISTRY)}/{guid('one')}",
            "name": guid("one"),
            "type": "Microsoft.Authorization/roleAssignments",
            "properties": {
                "roleDefinitionId": f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{ACR_PULL}",
                "principalId": SOMEBODY,
                "scope": REGISTRY,
                "principalType": "Group",
                "condition": None,
                "conditionVersion": None,
                "description": "for the builds",
                "delegatedManagedIdentityResourceId": None,
                "createdOn": "2025-06-01T12:00:00Z",
                "updatedOn": "2025-06-01T12:00:00Z",
                "createdBy": None,
                "updatedBy": caller(azure),
            },
        }
        shown = {**made.body["properties"], "createdBy": caller(azure)}
        assert azure.get(made.body["id"]).body == {**made.body, "properties": shown}


def test_an_assignment_is_made_once() -> None:
    with EmulatedAzure() as azure:
        assert assign(azure, "one", ACR_PULL).status == 201
        azure.advance(60)
        updated = assign(azure, "one", ACR_PULL, description="for the builds")
        shown = updated.body["properties"]
        assert (updated.status, shown["description"]) == (200, "for the builds")
        assert (shown["createdOn"], shown["updatedOn"]) == ("2025-06-01T12:00:00Z", "2025-06-01T12:01:00Z")
        again = assign(azure, "two", ACR_PULL)
        assert (again.status, again.body["error"]["code"]) == (409, "RoleAssignmentExists")
        changed = assign(azure, "one", READER)
        assert (changed.status, changed.body["error"]["code"]) == (400, "RoleAssignmentUpdateNotPermitted")


@pytest.mark.parametrize(
    ("properties", "scope", "status", "code"),
    [
        ({"roleDefinitionId": f"/{SOMEBODY}"}, REGISTRY, 404, "RoleDefinitionDoesNotExist"),
        ({"roleDefinitionId": "/Owner"}, REGISTRY, 400, "InvalidRoleDefinitionId"),
        ({"principalId": "someone"}, REGISTRY, 400, "InvalidPrincipalId"),
        ({"principalType": "Robot"}, REGISTRY, 400, "InvalidPrincipalType"),
        ({"principalType": None}, REGISTRY, 400, "PrincipalNotFound"),
        ({}, f"{REGISTRY}2", 404, "ResourceNotFound"),
        ({}, f"{GROUP}2", 404, "ResourceGroupNotFound"),
        ({}, "/subscriptions/11111111-1111-1111-1111-111111111111", 404, "SubscriptionNotFound"),
    ],
)
def test_what_cannot_be_assigned(properties: dict[str, Any], scope: str, status: int, code: str) -> None:
    with EmulatedAzure() as azure:
        reply = assign(azure, "one", ACR_PULL, scope=scope, **properties)
        assert (reply.status, reply.body["error"]["code"]) == (status, code)


def test_the_name_of_an_assignment_is_a_guid() -> None:
    with EmulatedAzure() as azure:
        reply = azure.put(f"{assignments(REGISTRY)}/one", {"properties": {}})
        assert (reply.status, reply.body["error"]["code"]) == (400, "InvalidRoleAssignmentId")


def test_the_caller_is_no_group() -> None:
    with EmulatedAzure() as azure:
        reply = assign(azure, "one", ACR_PULL, caller(azure))
        assert (reply.status, reply.body["error"]["code"]) == (400, "UnmatchedPrincipalType")


@pytest.mark.parametrize(
    ("scope", "condition", "names"),
    [
        (GROUP, "", ["above", "here", "below", "mine"]),
        (GROUP, "atScope()", ["above", "here", "mine"]),
        (REGISTRY, "atScope()", ["above", "here", "below", "mine"]),
        (GROUP, f"principalId eq '{SOMEBODY}'", ["above", "here", "below"]),
        (GROUP, f"atScope() and assignedTo('{SOMEBODY}')", ["above", "here"]),
        (SUBSCRIPTION, "", ["above", "here", "below", "mine"]),
        (SUBSCRIPTION, "atScope()", ["above"]),
    ],
)
def test_lists_of_assignments(scope: str, condition: str, names: list[str]) -> None:
    with EmulatedAzure() as azure:
        for name, where in (("above", SUBSCRIPTION), ("here", GROUP), ("below", REGISTRY)):
            assign(azure, name, ACR_PULL, scope=where)
        assign(azure, "mine", READER, caller(azure), GROUP, principalType=None)
        assert listed(azure, scope, condition) == [guid(name) for name in names]


def test_a_filter_that_is_not_known_is_refused() -> None:
    with EmulatedAzure() as azure:
        reply = azure.get(f"{assignments(GROUP)}?api-version=2022-04-01&$filter=roleName eq 'x'")
        assert (reply.status, reply.body["error"]["code"]) == (400, "BadRequest")


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("acrpull", [ACR_PULL]),
        ("Container Registry Tasks Contributor", [TASKS_CONTRIBUTOR]),
        ("Reader of Books", []),
    ],
)
def test_a_role_is_found_by_its_name(name: str, ids: list[str]) -> None:
    with EmulatedAzure() as azure:
        url = f"{REGISTRY}/providers/Microsoft.Authorization/roleDefinitions?api-version=2022-04-01"
        found = azure.get(f"{url}&$filter=roleName eq '{name}'").body["value"]
        assert [item["name"] for item in found] == ids
        assert [azure.get(item["id"]).body for item in found] == found
