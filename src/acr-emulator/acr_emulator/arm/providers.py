"""Provider metadata: resource types, where they are offered, their api-versions."""

from __future__ import annotations

from typing import Any

from .api_versions import POOL_VERSIONS, REGISTRY_VERSIONS, TASK_VERSIONS
from .errors import ArmError
from .messages import ArmCall, Reply
from .namespaces import is_azure_namespace
from .not_emulated import not_emulated
from .paging import page
from .routing import Route

__all__ = ["ROUTES"]

REGISTRY_PROVIDER = "Microsoft.ContainerRegistry"
REGISTRY_TYPES = ("registries", "locations/operationResults")
TASK_TYPES = ("registries/tasks", "registries/runs", "registries/scheduleRun", "registries/listBuildSourceUploadUrl")
POOL_TYPES = ("registries/agentPools", "registries/agentPoolsOperationResults", "registries/agentPools/listQueueStatus")
TASK_RUN_TYPES = ("registries/taskRuns",)
# What the emulator has of each other provider.
OTHER_TYPES = {
    "Microsoft.Authorization": ("roleAssignments", "roleDefinitions", "permissions"),
    "Microsoft.ManagedIdentity": ("userAssignedIdentities",),
    "Microsoft.Network": ("virtualNetworks", "networkSecurityGroups", "routeTables", "privateEndpoints"),
    "Microsoft.Resources": ("subscriptions", "resourceGroups", "tenants"),
}
OTHER_VERSIONS = {
    "Microsoft.Authorization": ("2022-04-01",),
    "Microsoft.ManagedIdentity": ("2023-01-31",),
    "Microsoft.Network": ("2024-05-01",),
    "Microsoft.Resources": ("2021-04-01",),
}


def list_providers(call: ArmCall) -> Reply:
    """Those that have something here."""
    call.subscription()
    return page(call, [_provider(call, name) for name in (REGISTRY_PROVIDER, *OTHER_TYPES)])


def get_provider(call: ArmCall) -> Reply:
    """The regions of a world file count. Raises ArmError."""
    call.subscription()
    wanted = call.params["namespace"].lower()
    for name in (REGISTRY_PROVIDER, *OTHER_TYPES):
        if name.lower() == wanted:
            return Reply(200, _provider(call, name))
    if is_azure_namespace(wanted):
        raise not_emulated(call.method, call.path)
    message = f"The resource namespace '{call.params['namespace']}' is invalid."
    raise ArmError(404, "InvalidResourceNamespace", message)


def _provider(call: ArmCall, name: str) -> dict[str, Any]:
    world = call.services.state.world
    if name == REGISTRY_PROVIDER:
        types = [
            *_types(REGISTRY_TYPES, world.registry_regions, REGISTRY_VERSIONS),
            *_types(TASK_TYPES, world.registry_regions, TASK_VERSIONS),
            *_types(TASK_RUN_TYPES, world.registry_regions, POOL_VERSIONS),
            *_types(POOL_TYPES, world.agent_pool_regions, POOL_VERSIONS),
        ]
    else:
        types = _types(OTHER_TYPES[name], world.registry_regions, OTHER_VERSIONS[name])
    return {
        "id": f"/subscriptions/{call.subscription()}/providers/{name}",
        "namespace": name,
        "resourceTypes": types,
        "registrationState": "Registered",
        "registrationPolicy": "RegistrationRequired",
    }


def _types(names: tuple[str, ...], regions: tuple[str, ...], versions: tuple[str, ...]) -> list[dict[str, Any]]:
    newest_first = list(reversed(versions))
    return [
        {"resourceType": name, "locations": list(regions), "apiVersions": newest_first, "capabilities": "None"}
        for name in names
    ]


PROVIDERS = "/subscriptions/{subscription}/providers"
ROUTES = (
    Route("GET", PROVIDERS, list_providers),
    Route("GET", PROVIDERS + "/{namespace}", get_provider),
    # All of them are registered already, so that to register one again changes nothing.
    Route("POST", PROVIDERS + "/{namespace}/register", get_provider),
)
