"""Microsoft Graph as az asks it: who has this name, and who these IDs."""

from __future__ import annotations

import pytest
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
        ("POST", "users", 501, "NotEmulated"),
        ("GET", "users?$filter=age gt 7", 400, "Request_UnsupportedQuery"),
        ("POST", "directoryObjects/getByIds", 400, "Request_BadRequest"),
    ],
)
def test_what_graph_does_not_answer(method: str, url: str, status: int, code: str) -> None:
    with EmulatedAzure() as azure:
        reply = azure.request(method, f"/v1.0/{url}", data=b"[]")
        assert (reply.status, reply.body["error"]["code"]) == (status, code)
