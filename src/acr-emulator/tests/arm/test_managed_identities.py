"""User-assigned identities: made by requests or by a world file, with the same IDs wherever they are shown."""

from __future__ import annotations

from typing import Any

import pytest
from acr_emulator.world import RegistrySpec, ResourceSpec, World
from emulated_azure import GROUP, REGISTRY, EmulatedAzure, ScriptedExecutor

IDENTITY = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/myidentity"
LOWER_CASE = IDENTITY.replace("resourceGroups", "resourcegroups")
PER_REPOSITORY = World(registries=(RegistrySpec(role_assignment_mode="AbacRepositoryPermissions"),))
WRITER = "2a1e307c-b015-4ebd-883e-5b7698a07328"
READER = "b93aa761-3e63-49ed-ac28-beffa264f7ac"
PUSH = "8311e382-0749-4cb8-b61a-304f252e45ec"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"


def create(azure: EmulatedAzure) -> dict[str, Any]:
    body: dict[str, Any] = azure.put(IDENTITY, {"location": "westus2", "tags": {"a": "b"}}).body
    return body


def create_task(azure: EmulatedAzure, identity: dict[str, Any], source: str | None) -> dict[str, Any]:
    """A task that has an identity and may log in to its registry with `source`."""
    task = {
        "location": "westus2",
        "identity": identity,
        "properties": {
            "platform": {"os": "Linux"},
            "step": {"type": "EncodedTask", "encodedTaskContent": "c3RlcHM6"},
            "credentials": {"sourceRegistry": {"identity": source}},
        },
    }
    body: dict[str, Any] = azure.put(f"{REGISTRY}/tasks/mytask", task).body
    return body


def assign(azure: EmulatedAzure, role: str, principal: str, scope: str = REGISTRY) -> None:
    properties = {"roleDefinitionId": role, "principalId": principal, "principalType": "ServicePrincipal"}
    name = "22222222-2222-2222-2222-222222222222"
    reply = azure.put(f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}", {"properties": properties})
    assert reply.status == 201, reply.body


def run_task(azure: EmulatedAzure) -> bool:
    """Whether the task's run got credentials."""
    request = {"type": "TaskRunRequest", "taskId": f"{REGISTRY}/tasks/mytask"}
    assert azure.post(f"{REGISTRY}/scheduleRun", request).status == 200
    azure.advance(5)
    return azure.executor.jobs[-1].is_logged_in


def test_an_identity_from_its_creation_to_its_end() -> None:
    with EmulatedAzure() as azure:
        first = azure.put(IDENTITY, {"location": "westus2", "tags": {"a": "b"}})
        again = azure.put(IDENTITY, {"location": "westus2"})
        assert (first.status, first.headers["location"]) == (201, LOWER_CASE)
        assert (again.status, "location" in again.headers) == (200, False)
        ids = first.body["properties"]
        assert ids.keys() == {"tenantId", "principalId", "clientId", "isolationScope"}
        assert again.body == {
            "id": LOWER_CASE,
            "name": "myidentity",
            "type": "Microsoft.ManagedIdentity/userAssignedIdentities",
            "location": "westus2",
            "tags": {},
            "properties": ids,
        }
        assert azure.patch(IDENTITY, {"tags": {"c": "d"}}).body["tags"] == {"c": "d"}
        for url in (GROUP, GROUP.partition("/resourceGroups")[0]):
            collection = f"{url}/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
            assert azure.get(collection).body["value"] == [azure.get(IDENTITY).body]
        assert [azure.delete(IDENTITY).status, azure.delete(IDENTITY).status] == [200, 204]
        assert azure.get(IDENTITY).body["error"]["code"] == "ResourceNotFound"


@pytest.mark.parametrize(
    ("version", "members"),
    [
        ("2015-08-31-preview", {"clientSecretUrl"}),
        ("2018-11-30", {"clientSecretUrl"}),
        ("2023-01-31", set()),
        ("2024-11-30", {"isolationScope"}),
        ("2025-05-31-preview", {"isolationScope", "assignmentRestrictions"}),
    ],
)
def test_an_identity_as_each_api_version_shows_it(version: str, members: set[str]) -> None:
    with EmulatedAzure() as azure:
        shown = azure.put(f"{IDENTITY}?api-version={version}", {"location": "West US 2"}).body["properties"]
    tenant, principal, client = (shown.pop(name) for name in ("tenantId", "principalId", "clientId"))
    url = (
        f"https://control-westus2.identity.azure.net{LOWER_CASE}/credentials?tid={tenant}&oid={principal}&aid={client}"
    )
    all_members = {"clientSecretUrl": url, "isolationScope": "None", "assignmentRestrictions": {"providers": []}}
    assert shown == {name: all_members[name] for name in members}


def test_an_identity_stays_where_it_is() -> None:
    with EmulatedAzure() as azure:
        created = create(azure)
        moved = azure.put(IDENTITY, {"location": "eastus"})
        assert (moved.status, moved.body["error"]["code"]) == (409, "InvalidResourceLocation")
        assert azure.get(IDENTITY).body == created


def test_an_identity_may_be_isolated() -> None:
    with EmulatedAzure() as azure:
        created = azure.put(IDENTITY, {"location": "westus2", "properties": {"isolationScope": "Regional"}}).body
        assert created["properties"]["isolationScope"] == "Regional"
        assert azure.get(IDENTITY).body == created


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        (IDENTITY, {}, "LocationRequired"),
        (IDENTITY, {"location": "westus2", "properties": {"isolationScope": "All"}}, "InvalidRequestContent"),
        (f"{IDENTITY}.1", {"location": "westus2"}, "InvalidResourceName"),
        (IDENTITY.replace("myresourcegroup", "nowhere"), {"location": "westus2"}, "ResourceGroupNotFound"),
    ],
)
def test_identities_that_cannot_be(path: str, body: dict[str, Any], code: str) -> None:
    with EmulatedAzure() as azure:
        assert azure.put(path, body).body["error"]["code"] == code


def test_an_identity_of_the_world_file_keeps_its_ids_in_tasks_and_in_graph() -> None:
    ids = {
        "principalId": "33333333-3333-3333-3333-333333333333",
        "clientId": "44444444-4444-4444-4444-444444444444",
    }
    world = World(resources=(ResourceSpec(IDENTITY, {"location": "westus2", "properties": ids}),))
    with EmulatedAzure(world) as azure:
        assert azure.get(IDENTITY).body["properties"].items() >= ids.items()
        task = create_task(azure, {"type": "UserAssigned", "userAssignedIdentities": {LOWER_CASE: {}}}, None)
        assert task["identity"]["userAssignedIdentities"] == {LOWER_CASE: ids}
        filtered = f"/v1.0/servicePrincipals?$filter=servicePrincipalNames/any(c:c eq '{ids['clientId']}')"
        (found,) = azure.get(filtered).body["value"]
        assert (found["id"], found["displayName"]) == (ids["principalId"], "myidentity")


@pytest.mark.parametrize(
    ("role", "scope", "logged_in"),
    [
        (None, "", False),
        (WRITER, REGISTRY, True),
        (WRITER, GROUP, True),
        (READER, REGISTRY, False),
        (PUSH, REGISTRY, False),
        (CONTRIBUTOR, GROUP, False),
    ],
)
def test_where_permissions_are_per_repository_an_identity_needs_a_role_to_push(
    role: str | None, scope: str, logged_in: bool
) -> None:
    with EmulatedAzure(PER_REPOSITORY, executor=ScriptedExecutor()) as azure:
        identity = create(azure)
        client_id = identity["properties"]["clientId"]
        create_task(azure, {"type": "UserAssigned", "userAssignedIdentities": {LOWER_CASE: {}}}, client_id)
        if role:
            assign(azure, role, identity["properties"]["principalId"], scope)
        assert run_task(azure) is logged_in


def test_the_tasks_own_identity_needs_a_role_of_its_own() -> None:
    with EmulatedAzure(PER_REPOSITORY, executor=ScriptedExecutor()) as azure:
        task = create_task(azure, {"type": "SystemAssigned"}, "[system]")
        assert run_task(azure) is False
        assign(azure, WRITER, task["identity"]["principalId"])
        assert run_task(azure) is True


def test_an_identity_that_the_task_does_not_have_is_of_no_use() -> None:
    with EmulatedAzure(PER_REPOSITORY, executor=ScriptedExecutor()) as azure:
        identity = create(azure)
        assign(azure, WRITER, identity["properties"]["principalId"])
        create_task(azure, {"type": "SystemAssigned"}, identity["properties"]["clientId"])
        assert run_task(azure) is False


def test_a_caller_with_limits_needs_a_role_to_push_as_the_caller() -> None:
    limited = World(registries=PER_REPOSITORY.registries, permissions=({"actions": ["*"], "notActions": []},))
    with EmulatedAzure(limited, executor=ScriptedExecutor()) as azure:
        request = {"credentials": {"sourceRegistry": {"identity": "[caller]"}}}
        azure.schedule(**request)
        azure.advance(5)
        properties = {"roleDefinitionId": WRITER, "principalId": azure.get("/v1.0/me").body["id"]}
        name = "22222222-2222-2222-2222-222222222222"
        azure.put(f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/{name}", {"properties": properties})
        azure.schedule(**request)
        azure.advance(5)
        assert [job.is_logged_in for job in azure.executor.jobs] == [False, True]
