"""Resource groups: what is in one goes with it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from ..world.regions import normalize_location
from ..world.roles import covers
from ..world.state import ResourceGroup
from .errors import ArmError, location_required
from .messages import ArmCall, Reply, string_map
from .odata import parse_filter
from .paging import page
from .routing import GROUP, Route

__all__ = ["ROUTES"]

DELETE_RETRY_AFTER = "1"
"""Seconds. Azure says 15; here a group is gone at once."""


def _body(group: ResourceGroup) -> dict[str, Any]:
    return {
        "id": group.id,
        "name": group.name,
        "type": "Microsoft.Resources/resourceGroups",
        "location": group.location,
        **({"tags": dict(group.tags)} if group.tags else {}),
        "properties": {"provisioningState": "Succeeded"},
    }


def list_groups(call: ArmCall) -> Reply:
    """`$filter` knows a tag, by tagName and tagValue, as az asks for one. Raises ArmError."""
    subscription = call.subscription().lower()
    groups = [one for one in call.services.state.resource_groups if one.subscription_id.lower() == subscription]
    wanted = {one.field.lower(): one.value for one in parse_filter(call.query.get("$filter", ""))}
    unknown = wanted.keys() - {"tagname", "tagvalue"}
    if unknown:
        message = f"The filter of resource groups takes tagName and tagValue, not '{unknown.pop()}'."
        raise ArmError(400, "InvalidFilterInQueryString", message)
    if name := wanted.get("tagname"):
        value = wanted.get("tagvalue")
        groups = [one for one in groups if name in one.tags and value in (None, one.tags[name])]
    return page(call, [_body(group) for group in groups])


def get_group(call: ArmCall) -> Reply:
    return Reply(200, _body(call.resource_group()))


def head_group(call: ArmCall) -> Reply:
    """204 when it exists, 404 without a body when not, as ARM's existence check."""
    exists = call.services.state.group(call.subscription(), call.params["group"]) is not None
    return Reply(204 if exists else 404)


def put_group(call: ArmCall) -> Reply:
    """201 for a new one, 200 for one that is there, which cannot be moved. Raises ArmError."""
    body, state, name = call.json_object(), call.services.state, call.params["group"]
    location = body.get("location")
    if not isinstance(location, str) or not location:
        raise location_required()
    tags = string_map(body, "tags") or {}
    known = state.group(call.subscription(), name)
    if known is None:
        state.resource_groups.append(ResourceGroup(call.subscription(), name, normalize_location(location), tags))
        return Reply(201, get_group(call).body)
    if known.location != normalize_location(location):
        raise ArmError(
            409,
            "InvalidResourceGroupLocation",
            f"Invalid resource group location '{location}'. The Resource group already exists in location "
            f"'{known.location}'.",
        )
    known.tags = tags
    return Reply(200, _body(known))


def patch_group(call: ArmCall) -> Reply:
    """Replaces tags. Raises ArmError."""
    group, tags = call.resource_group(), string_map(call.json_object(), "tags")
    if tags is not None:
        group.tags = tags
    return Reply(200, _body(group))


def delete_group(call: ArmCall) -> Reply:
    """202, and a Location that says when it is done, as documented; all that is in the group is gone at once."""
    group, state = call.resource_group(), call.services.state
    state.resource_groups.remove(group)
    for registry in list(state.registries_in(group.subscription_id, group.name)):
        for task in registry.tasks.values():
            call.services.timers.forget(task)
        state.registries.remove(registry)
    for resource_id in [one for one in state.documents.ids() if covers(group.id, one)]:
        state.documents.delete(resource_id)
    for key in [key for key, assignment in state.role_assignments.items() if covers(group.id, assignment.scope)]:
        del state.role_assignments[key]
    call.services.pools.network_changed()
    url = call.url(f"/subscriptions/{group.subscription_id}/operationresults/{uuid4()}")
    return Reply(202, headers={"location": url, "retry-after": DELETE_RETRY_AFTER})


def operation_result(call: ArmCall) -> Reply:
    """Of a deletion, which is done by the time that anybody asks."""
    call.subscription()
    return Reply(200)


ROUTES = (
    Route("GET", "/subscriptions/{subscription}/resourceGroups", list_groups),
    Route("GET", GROUP, get_group),
    Route("HEAD", GROUP, head_group),
    Route("PUT", GROUP, put_group),
    Route("PATCH", GROUP, patch_group),
    Route("DELETE", GROUP, delete_group),
    Route("GET", "/subscriptions/{subscription}/operationresults/{operation}", operation_result),
)
