"""Whoever has a token of an identity's may do what roles grant that identity, and nothing else."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest
from acr_emulator.world import RegistrySpec, SubscriptionSpec, World
from asgi_exchange import Reply
from emulated_azure import GROUP, REGISTRY, VERSION, EmulatedAzure

SUBSCRIPTION = GROUP.partition("/resourceGroups/")[0]
OTHER_SUBSCRIPTION = "22222222-2222-2222-2222-222222222222"
TASK = f"{REGISTRY}/tasks/scaler"
BUILDER = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/builder"
TASKS_CONTRIBUTOR = "fb382eab-e894-4461-af04-94435c366c3f"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
TOKENS = "/msi/token?api-version=2019-08-01&resource=https://x/"


@pytest.fixture
def azure() -> Iterator[EmulatedAzure]:
    registries = (RegistrySpec(), RegistrySpec("otherregistry"))
    subscriptions = (SubscriptionSpec(), SubscriptionSpec(OTHER_SUBSCRIPTION, "Other"))
    with EmulatedAzure(World(subscriptions=subscriptions, registries=registries)) as azure:
        yield azure


def identity_of_task(azure: EmulatedAzure, kind: str = "SystemAssigned", *assigned: str) -> dict[str, Any]:
    step = {"type": "EncodedTask", "encodedTaskContent": "c3RlcHM6"}
    identity = {"type": kind, **({"userAssignedIdentities": {key: {} for key in assigned}} if assigned else {})}
    body = {"location": "westus2", "identity": identity, "properties": {"platform": {"os": "Linux"}, "step": step}}
    shown: dict[str, Any] = azure.put(TASK, body).body.get("identity", {})
    return shown


def token_reply(azure: EmulatedAzure, identity: Mapping[str, Any], query: str = "") -> Reply:
    with azure.emulator.identities.lent(identity) as secret:
        return azure.request("GET", f"{TOKENS}{query}", headers={"x-identity-header": secret})


def token(azure: EmulatedAzure, identity: Mapping[str, Any], query: str = "") -> str:
    reply = token_reply(azure, identity, query)
    assert reply.status == 200, reply.body
    return f"Bearer {reply.body['access_token']}"


def claims(authorization: str) -> dict[str, Any]:
    payload = authorization.split(".")[1]
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return decoded


def assign(azure: EmulatedAzure, principal_id: str, role: str, scope: str = REGISTRY) -> str:
    name = uuid5(NAMESPACE_URL, f"{scope}{principal_id}{role}")
    definition = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{role}"
    properties = {"roleDefinitionId": definition, "principalId": principal_id, "principalType": "ServicePrincipal"}
    made = azure.put(f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}", {"properties": properties})
    assert made.status == 201, made.body
    return str(made.body["id"])


def ask(azure: EmulatedAzure, method: str, url: str, authorization: str, body: Any = None) -> Reply:
    return azure.request(method, url, body, headers={"authorization": authorization})


def test_a_token_is_of_the_task_s_identity(azure: EmulatedAzure) -> None:
    identity = identity_of_task(azure)
    found = claims(token(azure, identity))
    (shown,) = azure.get(f"/v1.0/servicePrincipals?$filter=appId eq '{found['appid']}'").body["value"]
    assert (found["oid"], shown["id"]) == (identity["principalId"], identity["principalId"])


@pytest.mark.parametrize("key", ["client_id", "mi_res_id", "principal_id", "object_id"])
def test_a_user_assigned_identity_is_asked_for(azure: EmulatedAzure, key: str) -> None:
    identity = identity_of_task(azure, "UserAssigned", BUILDER)
    ids = identity["userAssignedIdentities"][BUILDER]
    value = {"client_id": ids["clientId"], "mi_res_id": BUILDER}.get(key, ids["principalId"])
    assert claims(token(azure, identity, f"&{key}={value}"))["oid"] == ids["principalId"]


@pytest.mark.parametrize(
    ("kind", "query"),
    [("None", ""), ("UserAssigned", ""), ("SystemAssigned", "&client_id=11111111-1111-1111-1111-111111111111")],
)
def test_an_identity_that_the_task_has_not_gets_no_token(azure: EmulatedAzure, kind: str, query: str) -> None:
    identity = identity_of_task(azure, kind, *([BUILDER] if kind == "UserAssigned" else []))
    reply = token_reply(azure, identity, query)
    told = "No Managed Identity found for specified ClientId/ResourceId/PrincipalId."
    assert (reply.status, reply.body) == (400, {"statusCode": 400, "message": told})


def test_a_secret_holds_no_longer_than_its_run(azure: EmulatedAzure) -> None:
    with azure.emulator.identities.lent(identity_of_task(azure)) as secret:
        pass
    assert azure.request("GET", TOKENS, headers={"x-identity-header": secret}).status == 401


def test_without_a_role_nothing_is_allowed(azure: EmulatedAzure) -> None:
    identity = identity_of_task(azure)
    own = token(azure, identity)
    refused = ask(azure, "GET", f"{REGISTRY}/agentPools", own)
    assert (refused.status, refused.body["error"]) == (
        403,
        {
            "code": "AuthorizationFailed",
            "message": f"The client '{claims(own)['appid']}' with object id '{identity['principalId']}' does not have "
            "authorization to perform action 'Microsoft.ContainerRegistry/registries/agentPools/read' over scope "
            f"'{REGISTRY}/agentPools' or the scope is invalid. If access was recently granted, please refresh your "
            "credentials.",
        },
    )
    assert ask(azure, "GET", "/subscriptions", own).body["value"] == []
    assert ask(azure, "GET", SUBSCRIPTION, own).body["error"]["code"] == "AuthorizationFailed"
    assert ask(azure, "GET", f"{SUBSCRIPTION}/resources", own).body["value"] == []


def test_a_role_counts_where_it_is_assigned_until_it_is_taken_away(azure: EmulatedAzure) -> None:
    identity = identity_of_task(azure)
    own = token(azure, identity)
    azure.create_pool()
    azure.advance(300)
    made = assign(azure, identity["principalId"], TASKS_CONTRIBUTOR)
    pool = f"{REGISTRY}/agentPools/pool1"
    scaled = ask(azure, "PATCH", pool, own, {"properties": {"count": 2}})
    assert scaled.status == 201
    assert ask(azure, "GET", scaled.headers["azure-asyncoperation"], own).body == {"status": "Updating"}
    assert ask(azure, "GET", f"{REGISTRY}/runs", own).status == 200
    # Not what the role is not for, and nowhere else.
    assert ask(azure, "GET", REGISTRY, own).status == 403
    assert ask(azure, "GET", f"{REGISTRY.replace('/myregistry', '/otherregistry')}/runs", own).status == 403
    assert azure.delete(made).status == 200
    assert ask(azure, "GET", pool, own).status == 403


def test_subscriptions_are_those_with_a_role_in_them(azure: EmulatedAzure) -> None:
    identity = identity_of_task(azure)
    own = token(azure, identity)
    assign(azure, identity["principalId"], TASKS_CONTRIBUTOR)
    listed = ask(azure, "GET", f"/subscriptions?{VERSION}", own).body
    assert [one["id"] for one in listed["value"]] == [SUBSCRIPTION]
    assert listed["count"] == {"type": "Total", "value": 1}
    assert ask(azure, "GET", SUBSCRIPTION, own).status == 200
    assert len(azure.get("/subscriptions").body["value"]) == 2


def test_resources_are_those_that_may_be_read(azure: EmulatedAzure) -> None:
    identity = identity_of_task(azure)
    own = token(azure, identity)

    def listed(scope: str) -> list[str]:
        url = f"{scope}/resources?api-version=2024-11-01"
        return [item["name"] for item in ask(azure, "GET", url, own).body["value"]]

    assign(azure, identity["principalId"], TASKS_CONTRIBUTOR)
    assert listed(SUBSCRIPTION) == ["myregistry/scaler"]
    assign(azure, identity["principalId"], READER, REGISTRY)
    assert listed(SUBSCRIPTION) == listed(GROUP) == ["myregistry", "myregistry/scaler"]


@pytest.mark.parametrize(
    "authorization", ["Bearer eyJ", "Bearer eyJ.x.", "Bearer eyJ.W10.", "Bearer eyJ.e30.", "Bearer eyJ.eyJvaWQiOjF9."]
)
def test_a_token_that_names_nobody_is_the_caller_s(azure: EmulatedAzure, authorization: str) -> None:
    assert ask(azure, "GET", REGISTRY, authorization).status == 200
