"""What Azure has and the emulator has not is refused at once, with one error that says so, whatever the body."""

from __future__ import annotations

import pytest
from emulated_azure import GROUP, REGISTRY, EmulatedAzure

SUBSCRIPTION = GROUP.partition("/resourceGroups/")[0]


@pytest.mark.parametrize(
    ("method", "path", "what"),
    [
        ("PUT", f"{GROUP}/providers/Microsoft.KeyVault/vaults/v", "PUT of Microsoft.KeyVault/vaults"),
        ("GET", f"{GROUP}/providers/Microsoft.KeyVault/vaults/v", "GET of Microsoft.KeyVault/vaults"),
        (
            "GET",
            f"{SUBSCRIPTION}/providers/Microsoft.Compute/virtualMachines",
            "GET of Microsoft.Compute/virtualMachines",
        ),
        (
            "POST",
            f"{REGISTRY}/importImage",
            "POST of Microsoft.ContainerRegistry/registries/importImage",
        ),
        ("GET", f"{REGISTRY}/webhooks", "GET of Microsoft.ContainerRegistry/registries/webhooks"),
        (
            "PUT",
            f"{SUBSCRIPTION}/resourcegroups/myresourcegroup/providers/Microsoft.Resources/deployments/d",
            "PUT of Microsoft.Resources/deployments",
        ),
        (
            "PUT",
            f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/r",
            "PUT of Microsoft.Authorization/roleDefinitions",
        ),
        (
            "DELETE",
            f"{REGISTRY}/providers/Microsoft.Authorization/roleDefinitions/r",
            "DELETE of Microsoft.Authorization/roleDefinitions",
        ),
        ("GET", f"{SUBSCRIPTION}/tagNames", f"GET of {SUBSCRIPTION}/tagNames"),
    ],
)
def test_one_error_says_what_is_not_emulated(method: str, path: str, what: str) -> None:
    with EmulatedAzure() as azure:
        reply = azure.request(method, path, headers={"content-type": "application/json"}, data=b"no {JSON")
        message = f'The emulator does not emulate {what}. See "What is emulated" in docs/emulator.md.'
        assert (reply.status, reply.body) == (501, {"error": {"code": "NotEmulated", "message": message}})


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("POST", "/register")])
def test_providers_are_here_not_emulated_or_none_of_azures(method: str, path: str) -> None:
    with EmulatedAzure() as azure:
        statuses = [
            azure.request(method, f"{SUBSCRIPTION}/providers/{name}{path}").status
            for name in ("Microsoft.ContainerRegistry", "microsoft.network", "Microsoft.Compute", "Microsoft.Nonsense")
        ]
        assert statuses == [200, 200, 501, 404]
