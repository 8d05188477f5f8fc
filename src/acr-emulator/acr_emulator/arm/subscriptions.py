"""Subscriptions, their regions, and tenants."""

from __future__ import annotations

from typing import Any

from ..world import SubscriptionSpec
from ..world.regions import normalize_location
from .access import sees_subscription
from .messages import ArmCall, Reply
from .routing import Route

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
    """Those in which the sender has a role; all of them for the caller."""
    state = call.services.state
    specs = [spec for spec in state.world.subscriptions if sees_subscription(state, spec.id, call.sender)]
    count = {"count": {"type": "Total", "value": len(specs)}}
    return Reply(200, {"value": [_subscription(spec) for spec in specs], **count})


def get_subscription(call: ArmCall) -> Reply:
    wanted, state = call.subscription(), call.services.state
    if not sees_subscription(state, wanted, call.sender):
        call.require_action("Microsoft.Resources/subscriptions/read", f"/subscriptions/{wanted}")
    return Reply(200, next(_subscription(spec) for spec in state.world.subscriptions if spec.id == wanted))


def list_locations(call: ArmCall) -> Reply:
    """The regions of the world: where registries are offered."""
    subscription = call.subscription()
    regions = call.services.state.world.registry_regions
    return Reply(200, {"value": [_location(subscription, region) for region in regions]})


def _location(subscription: str, region: str) -> dict[str, Any]:
    name = normalize_location(region)
    return {
        "id": f"/subscriptions/{subscription}/locations/{name}",
        "name": name,
        "type": "Region",
        "displayName": region,
        "regionalDisplayName": region,
        "metadata": {"regionType": "Physical", "regionCategory": "Recommended"},
    }


def list_tenants(call: ArmCall) -> Reply:
    tenants = dict.fromkeys(spec.tenant_id for spec in call.services.state.world.subscriptions)
    return Reply(200, {"value": [{"id": f"/tenants/{tenant}", "tenantId": tenant} for tenant in tenants]})


ROUTES = (
    Route("GET", "/subscriptions", list_subscriptions),
    Route("GET", "/subscriptions/{subscription}", get_subscription),
    Route("GET", "/subscriptions/{subscription}/locations", list_locations),
    Route("GET", "/tenants", list_tenants),
)
