"""Provider metadata: resource types, where they are offered, their api-versions."""

from __future__ import annotations

from typing import Any

from .errors import ArmError
from .messages import ArmCall, Reply
from .routing import Route

__all__ = ["ROUTES"]

REGISTRY_VERSIONS = ("2026-09-01-preview", "2025-11-01", "2025-04-01", "2023-07-01", "2022-02-01-preview")
TASK_VERSIONS = ("2025-03-01-preview", "2019-06-01-preview")
REGISTRY_TYPES = ("registries", "registries/replications", "registries/webhooks", "locations/operationResults")
TASK_TYPES = (
    "registries/tasks",
    "registries/runs",
    "registries/taskRuns",
    "registries/scheduleRun",
    "registries/listBuildSourceUploadUrl",
)
POOL_TYPES = ("registries/agentPools", "registries/agentPoolsOperationResults", "registries/agentPools/listQueueStatus")


def get_provider(call: ArmCall) -> Reply:
    """The regions of a world file count; the api-versions are a selection (assumed)."""
    if call.params["namespace"].lower() != "microsoft.containerregistry":
        message = f"The resource namespace '{call.params['namespace']}' is invalid."
        raise ArmError(404, "InvalidResourceNamespace", message)
    subscription = call.subscription()
    world = call.services.state.world
    return Reply(
        200,
        {
            "id": f"/subscriptions/{subscription}/providers/Microsoft.ContainerRegistry",
            "namespace": "Microsoft.ContainerRegistry",
            "resourceTypes": [
                *_types(REGISTRY_TYPES, world.registry_regions, REGISTRY_VERSIONS),
                *_types(TASK_TYPES, world.registry_regions, TASK_VERSIONS),
                *_types(POOL_TYPES, world.agent_pool_regions, TASK_VERSIONS),
            ],
            "registrationState": "Registered",
            "registrationPolicy": "RegistrationRequired",
        },
    )


def _types(names: tuple[str, ...], regions: tuple[str, ...], versions: tuple[str, ...]) -> list[dict[str, Any]]:
    return [
        {"resourceType": name, "locations": list(regions), "apiVersions": list(versions), "capabilities": "None"}
        for name in names
    ]


ROUTES = (Route("GET", "/subscriptions/{subscription}/providers/{namespace}", get_provider),)
