"""ARM's own list of resources, and what the caller may do with them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..clock import format_time
from ..world.directory import CALLER
from ..world.state import Registry, SystemData
from .access import is_allowed, permissions_at
from .messages import ArmCall, Reply
from .odata import select
from .paging import page
from .registry_bodies import sku_body
from .resource_types import REGISTRY_TYPE
from .routing import GROUP, Route

__all__ = ["ROUTES"]

SYSTEM_DATA_SINCE = "2021-04-01"
"""Recorded with this api-version; with 2019-10-01 the list has none."""


def list_resources(call: ArmCall) -> Reply:
    """All tracked resources of a subscription or a resource group.

    Registries, pools and tasks (SDK), and networks. `$filter` knows resourceType, name, resourceGroup and location.
    """
    subscription = call.subscription()
    group = call.group() if "group" in call.params else None
    registries = list(call.services.state.registries_in(subscription, group))
    items = [item for registry in registries for item in _items_of(registry)]
    if call.api_version < SYSTEM_DATA_SINCE:
        items = [{key: value for key, value in item.items() if key != "systemData"} for item in items]
    items += [item for item in _documents(call, subscription) if group is None or _group(item) == group.lower()]
    if call.sender != CALLER.id:
        items = [item for item in items if _may_read(call, item)]
    text = call.query.get("$filter", "")
    fields = {
        "resourceType": lambda item: str(item["type"]),
        "name": lambda item: str(item["name"]),
        "location": lambda item: str(item["location"]),
        "resourceGroup": _group,
    }
    return page(call, select(items, text, fields))


def _may_read(call: ArmCall, item: dict[str, Any]) -> bool:
    return is_allowed(call.services.state, f"{item['type']}/read", str(item["id"]), call.sender)


def _group(item: dict[str, Any]) -> str:
    return str(item["id"]).split("/")[4].lower()


def _items_of(registry: Registry) -> Iterator[dict[str, Any]]:
    spec = registry.spec
    yield {
        "id": registry.id,
        "name": registry.name,
        "type": REGISTRY_TYPE,
        "sku": sku_body(registry),
        "location": spec.location,
        **({"identity": registry.identity} if registry.identity else {}),
        "tags": dict(spec.tags),
        "systemData": _system_data(registry.system_data),
    }
    for kind, children in (("agentPools", registry.pools), ("tasks", registry.tasks)):
        for child in children.values():
            yield {
                "id": child.id,
                "name": f"{registry.name}/{child.name}",
                "type": f"{REGISTRY_TYPE}/{kind}",
                "location": child.location,
                **({"tags": child.tags} if child.tags else {}),
                "systemData": _system_data(child.system_data),
            }


def _system_data(data: SystemData) -> dict[str, str]:
    """The list writes times another way than the resources themselves (recorded)."""
    created = data.created_at or data.modified_at
    times = {"createdAt": format_time(created, "Z"), "lastModifiedAt": format_time(data.modified_at, "Z")}
    return {**data.to_wire(), **times}


def _documents(call: ArmCall, subscription: str) -> Iterator[dict[str, Any]]:
    """What is there of other providers and has a region; what is nested in another resource is not listed."""
    prefix = f"/subscriptions/{subscription}/resourcegroups/".lower()
    store = call.services.state.documents
    for resource_id in store.ids():
        body = store.get(resource_id) or {}
        if resource_id.lower().startswith(prefix) and "location" in body and str(body["type"]).count("/") == 1:
            shown = ("id", "name", "type", "sku", "kind", "location", "identity", "tags")
            yield {key: body[key] for key in shown if key in body}


def list_permissions(call: ArmCall) -> Reply:
    """What the caller may do here: one item for each role assignment; everything unless the world file says less."""
    granted = permissions_at(call.services.state, call.path[: -len(PERMISSIONS)], call.sender)
    none: dict[str, list[str]] = {"actions": [], "notActions": [], "dataActions": [], "notDataActions": []}
    return Reply(200, {"value": [{**none, **permission} for permission in granted]})


PERMISSIONS = "/providers/Microsoft.Authorization/permissions"
ROUTES = (
    Route("GET", "/subscriptions/{subscription}/resources", list_resources),
    Route("GET", GROUP + "/resources", list_resources),
    Route("GET", "/subscriptions/{subscription}/resourceGroups/{group}" + PERMISSIONS, list_permissions),
    Route(
        "GET",
        "/subscriptions/{subscription}/resourceGroups/{group}/providers/{namespace}/{type}/{name}" + PERMISSIONS,
        list_permissions,
    ),
)
