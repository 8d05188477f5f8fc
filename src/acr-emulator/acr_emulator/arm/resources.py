"""ARM's own list of resources, and resources of other providers that the world file brings along."""

from __future__ import annotations

from typing import Any

from ..clock import format_time
from ..state import Registry
from .errors import ArmError, resource_not_found
from .messages import ArmCall, Reply
from .odata import select
from .paging import page
from .registries import sku_body
from .routing import Route

__all__ = ["ROUTES", "find_world_resource"]


def list_resources(call: ArmCall) -> Reply:
    """`$filter` knows resourceType, name, resourceGroup and location."""
    items = [_registry_item(registry) for registry in call.services.state.registries_in(call.subscription())]
    text = call.query.get("$filter", "")
    fields = {
        "resourceType": lambda item: str(item["type"]),
        "name": lambda item: str(item["name"]),
        "location": lambda item: str(item["location"]),
        "resourceGroup": lambda item: str(item["id"]).split("/")[4],
    }
    return page(call, select(items, text, fields))


def _registry_item(registry: Registry) -> dict[str, Any]:
    created = registry.system_data.created_at or registry.system_data.modified_at
    system_data = registry.system_data.to_wire()
    system_data["createdAt"] = format_time(created, "Z")
    system_data["lastModifiedAt"] = format_time(registry.system_data.modified_at, "Z")
    return {
        "id": registry.id,
        "name": registry.name,
        "type": "Microsoft.ContainerRegistry/registries",
        "sku": sku_body(registry),
        "location": registry.spec.location,
        "tags": dict(registry.spec.tags),
        "systemData": system_data,
    }


def find_world_resource(call: ArmCall) -> Reply:
    """A resource of the world file by its ID. Raises ArmError: as ARM does for a resource that does not exist."""
    world = call.services.state.world
    bodies = {resource.id: resource.body for resource in world.resources}
    for subnet in world.subnets:
        bodies.setdefault(subnet.id, {"properties": {"provisioningState": "Succeeded", **subnet.properties}})
    for resource_id, body in bodies.items():
        if resource_id.lower() == call.path.lower():
            return Reply(200, {"id": resource_id, "name": resource_id.rpartition("/")[2], **_type(resource_id), **body})
    parts = call.path.strip("/").split("/")
    if len(parts) < 8 or parts[4].lower() != "providers":
        raise ArmError(404, "NotFound", f"No resource type or operation was found for the path '{call.path}'.")
    raise resource_not_found("/".join(parts[5:]), parts[3])


def _type(resource_id: str) -> dict[str, str]:
    """`{"type": "Microsoft.Network/virtualNetworks/subnets"}` for a subnet's ID."""
    _, _, kind = resource_id.rpartition("/providers/")
    namespace, *names = kind.split("/")
    return {"type": "/".join([namespace, *names[::2]])} if kind else {}


def list_permissions(call: ArmCall) -> Reply:
    """What the caller may do here: everything (assumed)."""
    every = {"actions": ["*"], "notActions": [], "dataActions": [], "notDataActions": []}
    return Reply(200, {"value": [every]})


PERMISSIONS = "/providers/Microsoft.Authorization/permissions"
ROUTES = (
    Route("GET", "/subscriptions/{subscription}/resources", list_resources),
    Route("GET", "/subscriptions/{subscription}/resourceGroups/{group}" + PERMISSIONS, list_permissions),
    Route(
        "GET",
        "/subscriptions/{subscription}/resourceGroups/{group}/providers/{namespace}/{type}/{name}" + PERMISSIONS,
        list_permissions,
    ),
)
