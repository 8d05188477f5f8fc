"""Subscriptions, tenants and resource groups."""

from __future__ import annotations

from typing import Any

from ..world import SubscriptionSpec
from .messages import ArmCall, Reply, string_map
from .paging import page
from .routing import GROUP, Route

__all__ = ["ROUTES"]


def _subscription(spec: SubscriptionSpec) -> dict[str, Any]:
    return {
        "id": f"/subscriptions/{spec.id}",
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": spec.id,
        "tenantId": spec.tenant_id,
        "displayName": spec.name,
        "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "EmulatedQuota_2014-09-01",
            "spendingLimit": "Off",
        },
    }


def list_subscriptions(call: ArmCall) -> Reply:
    specs = call.services.state.world.subscriptions
    count = {"count": {"type": "Total", "value": len(specs)}}
    return Reply(200, {"value": [_subscription(spec) for spec in specs], **count})


def get_subscription(call: ArmCall) -> Reply:
    wanted = call.subscription()
    return Reply(
        200, next(_subscription(spec) for spec in call.services.state.world.subscriptions if spec.id == wanted)
    )


def list_tenants(call: ArmCall) -> Reply:
    tenants = dict.fromkeys(spec.tenant_id for spec in call.services.state.world.subscriptions)
    return Reply(200, {"value": [{"id": f"/tenants/{tenant}", "tenantId": tenant} for tenant in tenants]})


def _group(entry: tuple[str, str, str]) -> dict[str, Any]:
    subscription, name, location = entry
    return {
        "id": f"/subscriptions/{subscription}/resourceGroups/{name}",
        "name": name,
        "type": "Microsoft.Resources/resourceGroups",
        "location": location,
        "tags": {},
        "properties": {"provisioningState": "Succeeded"},
    }


def list_groups(call: ArmCall) -> Reply:
    subscription = call.subscription()
    return page(call, [_group(entry) for entry in call.services.state.resource_groups if entry[0] == subscription])


def get_group(call: ArmCall) -> Reply:
    entry = call.services.state.group(call.subscription(), call.group())
    return Reply(200, None if entry is None else _group(entry))


def head_group(call: ArmCall) -> Reply:
    """204 when it exists, 404 without a body when not, as ARM's existence check."""
    exists = call.services.state.group(call.subscription(), call.params["group"]) is not None
    return Reply(204 if exists else 404)


def put_group(call: ArmCall) -> Reply:
    body = call.json_object()
    string_map(body, "tags")
    state = call.services.state
    existed = state.group(call.subscription(), call.params["group"]) is not None
    state.add_group(call.subscription(), call.params["group"], str(body.get("location", "")))
    return Reply(200 if existed else 201, get_group(call).body)


ROUTES = (
    Route("GET", "/subscriptions", list_subscriptions),
    Route("GET", "/subscriptions/{subscription}", get_subscription),
    Route("GET", "/tenants", list_tenants),
    Route("GET", "/subscriptions/{subscription}/resourceGroups", list_groups),
    Route("GET", GROUP, get_group),
    Route("HEAD", GROUP, head_group),
    Route("PUT", GROUP, put_group),
)
