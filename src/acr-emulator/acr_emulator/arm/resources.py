"""ARM's own list of resources, and what the caller may do with them."""

from __future__ import annotations

from typing import Any

from ..clock import format_time
from ..world.state import Registry
from .access import EVERYTHING
from .messages import ArmCall, Reply
from .odata import select
from .paging import page
from .registries import sku_body
from .resource_types import REGISTRY_TYPE
from .routing import Route

__all__ = ["ROUTES"]


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
        "type": REGISTRY_TYPE,
        "sku": sku_body(registry),
        "location": registry.spec.location,
        "tags": dict(registry.spec.tags),
        "systemData": system_data,
    }


def list_permissions(call: ArmCall) -> Reply:
    """What the caller may do here: one item for each role assignment; everything unless the world file says less."""
    granted = call.services.state.permissions or (EVERYTHING,)
    none: dict[str, list[str]] = {"actions": [], "notActions": [], "dataActions": [], "notDataActions": []}
    return Reply(200, {"value": [{**none, **permission} for permission in granted]})


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
