"""The admin user of a registry, and its quotas."""

from __future__ import annotations

import pytest
from acr_emulator.world import RegistrySpec, World
from emulated_azure import REGISTRY, EmulatedAzure


def enable_admin(azure: EmulatedAzure) -> None:
    assert azure.patch(REGISTRY, {"properties": {"adminUserEnabled": True}}).status == 200


def passwords(azure: EmulatedAzure) -> dict[str, str]:
    listed = azure.post(f"{REGISTRY}/listCredentials").body
    assert listed["username"] == "myregistry"
    return {item["name"]: item["value"] for item in listed["passwords"]}


def test_an_admin_user_has_two_passwords_which_can_be_made_anew() -> None:
    with EmulatedAzure() as azure:
        enable_admin(azure)
        before = passwords(azure)
        assert azure.post(f"{REGISTRY}/regenerateCredential", {"name": "password2"}).status == 200
        after = passwords(azure)
        assert list(before) == ["password", "password2"]
        assert before["password"] == after["password"]
        assert before["password2"] != after["password2"]
        wrong = azure.post(f"{REGISTRY}/regenerateCredential", {"name": "password3"})
        assert (wrong.status, wrong.body["error"]["code"]) == (400, "InvalidRequestContent")


def test_without_an_admin_user_there_are_no_credentials() -> None:
    with EmulatedAzure() as azure:
        for operation in ("listCredentials", "regenerateCredential"):
            refused = azure.post(f"{REGISTRY}/{operation}", {"name": "password"})
            assert (refused.status, refused.body["error"]["code"]) == (400, "UnAuthorizedForCredentialOperations")


@pytest.mark.parametrize(
    ("sku", "limits"),
    [
        ("Basic", {"Size": 10737418240, "Webhooks": 2}),
        ("Standard", {"Size": 107374182400, "Webhooks": 10}),
        (
            "Premium",
            {
                "Size": 536870912000,
                "Webhooks": 500,
                "Geo-replications": -1,
                "IPRules": 100,
                "VNetRules": 100,
                "PrivateEndpointConnections": 200,
                "ScopeMaps": 50000,
                "Tokens": 50000,
            },
        ),
    ],
)
def test_quotas_depend_on_the_sku(sku: str, limits: dict[str, int]) -> None:
    with EmulatedAzure(World(registries=(RegistrySpec(sku=sku),))) as azure:
        usages = azure.get(f"{REGISTRY}/listUsages").body["value"]
        assert {usage["name"]: usage["limit"] for usage in usages} == limits
