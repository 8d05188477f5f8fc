"""Microsoft Graph as az asks it: who has this name, and who these IDs."""

from __future__ import annotations

import pytest
from acr_emulator.world import parse_world
from emulated_azure import GROUP, EmulatedAzure

IDENTITY = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/myidentity"
USER = "user@example.com"


@pytest.mark.parametrize(
    ("url", "found"),
    [
        (f"users?$filter=userPrincipalName eq '{USER}'", ["Emulated user"]),
        ("users?$filter=userPrincipalName eq 'somebody@else.com'", []),
        ("users?$filter=startswith(displayName,'emul')", ["Emulated user"]),
        ("users", ["Emulated user"]),
        ("servicePrincipals?$filter=servicePrincipalNames/any(c:c eq 'CLIENT')", ["myidentity"]),
        ("servicePrincipals?$filter=servicePrincipalNames/any(c:c eq 'systemAssignedIdentity')", ["Emulated user"]),
        ("servicePrincipals?$filter=appId eq 'CLIENT'", ["myidentity"]),
        ("servicePrincipals?$filter=displayName eq 'myidentity'", ["myidentity"]),
        ("servicePrincipals?$filter=servicePrincipalNames/any(c:c eq 'nobody')", []),
    ],
)
def test_who_is_found(url: str, found: list[str]) -> None:
    with EmulatedAzure() as azure:
        ids = azure.put(IDENTITY, {"location": "westus2"}).body["properties"]
        reply = azure.get(f"/v1.0/{url.replace('CLIENT', ids['clientId'])}")
        assert [one["displayName"] for one in reply.body["value"]] == found


def test_one_is_read_by_any_of_its_ids() -> None:
    with EmulatedAzure() as azure:
        ids = azure.put(IDENTITY, {"location": "westus2"}).body["properties"]
        for one in ids["clientId"], ids["principalId"]:
            assert azure.get(f"/v1.0/servicePrincipals/{one}").body["appId"] == ids["clientId"]
        assert azure.get("/v1.0/me").body == azure.get(f"/v1.0/users/{USER}").body
        missing = azure.get("/v1.0/users/somebody@else.com")
        assert (missing.status, missing.body["error"]["code"]) == (404, "Request_ResourceNotFound")


def test_ids_are_resolved_as_far_as_they_are_known() -> None:
    with EmulatedAzure() as azure:
        ids = azure.put(IDENTITY, {"location": "westus2"}).body["properties"]
        wanted = {"ids": [ids["principalId"], "11111111-1111-1111-1111-111111111111"]}
        (found,) = azure.post("/v1.0/directoryObjects/getByIds", wanted).body["value"]
        assert (found["@odata.type"], found["id"]) == ("#microsoft.graph.servicePrincipal", ids["principalId"])


@pytest.mark.parametrize(
    ("method", "url", "status", "code"),
    [
        ("GET", "applications", 501, "NotEmulated"),
        ("GET", "groups/nobody", 404, "Request_ResourceNotFound"),
        ("POST", "users", 501, "NotEmulated"),
        ("GET", "users?$filter=age gt 7", 400, "Request_UnsupportedQuery"),
        ("POST", "directoryObjects/getByIds", 400, "Request_BadRequest"),
    ],
)
def test_what_graph_does_not_answer(method: str, url: str, status: int, code: str) -> None:
    with EmulatedAzure() as azure:
        reply = azure.request(method, f"/v1.0/{url}", data=b"[]")
        assert (reply.status, reply.body["error"]["code"]) == (status, code)


def test_graph_wants_a_token() -> None:
    with EmulatedAzure() as azure:
        reply = azure.request("GET", "/v1.0/me", headers={"authorization": ""})
        assert (reply.status, reply.body["error"]["code"]) == (401, "InvalidAuthenticationToken")


TEAM = "55555555-5555-5555-5555-555555555555"
PIPELINE = "66666666-6666-6666-6666-666666666666"
APP = "77777777-7777-7777-7777-777777777777"
PEOPLE = {
    "principals": [
        {"id": TEAM, "name": "Team", "type": "Group"},
        {"id": PIPELINE, "name": "pipeline", "type": "ServicePrincipal", "appId": APP},
        {"id": "88888888-8888-8888-8888-888888888888", "name": "colleague@example.com"},
    ]
}


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("groups", ["Team"]),
        ("groups?$filter=displayName eq 'team'", ["Team"]),
        (f"servicePrincipals?$filter=servicePrincipalNames/any(c:c eq '{APP}')", ["pipeline"]),
        ("users?$filter=userPrincipalName eq 'colleague@example.com'", ["colleague@example.com"]),
        ("users", ["Emulated user", "colleague@example.com"]),
    ],
)
def test_those_of_the_world_file_are_found(url: str, found: list[str]) -> None:
    with EmulatedAzure(parse_world(PEOPLE)) as azure:
        assert [one["displayName"] for one in azure.get(f"/v1.0/{url}").body["value"]] == found


def test_those_of_the_world_file_can_be_assigned_roles() -> None:
    with EmulatedAzure(parse_world(PEOPLE)) as azure:
        (team,) = azure.post("/v1.0/directoryObjects/getByIds", {"ids": [TEAM]}).body["value"]
        assert team == {"@odata.type": "#microsoft.graph.group", "id": TEAM, "displayName": "Team"}
        properties = {"roleDefinitionId": "acdd72a7-3385-48ef-bd42-f606fba81ae7", "principalId": TEAM}
        url = f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/{PIPELINE}"
        assert azure.put(url, {"properties": properties}).body["properties"]["principalType"] == "Group"
