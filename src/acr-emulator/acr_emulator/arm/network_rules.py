"""What Azure refuses of a network resource: rules and routes in each other's way, names of what is not there.

Codes and texts of conflicts as reported by users, statuses assumed where they say nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..world.documents import NESTED, DocumentStore, resource_type
from ..world.network_conflicts import conflict_of
from .errors import ArmError

__all__ = ["as_written", "check_network_resource"]

# What a resource of a type names in its properties that must be there.
REFERENCES = {
    "microsoft.network/virtualnetworks/subnets": ("networkSecurityGroup", "routeTable"),
    "microsoft.network/privateendpoints": ("subnet",),
    "microsoft.network/privatednszones/virtualnetworklinks": ("virtualNetwork",),
    "microsoft.network/azurefirewalls": ("firewallPolicy",),
    "microsoft.network/firewallpolicies": ("basePolicy",),
}

DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "microsoft.network/virtualnetworks": {"virtualNetworkPeerings": [], "enableDdosProtection": False},
    "microsoft.network/virtualnetworks/subnets": {
        "delegations": [],
        "privateEndpointNetworkPolicies": "Disabled",
        "privateLinkServiceNetworkPolicies": "Enabled",
    },
}
"""What a network and a subnet have though nobody said so."""


def as_written(resource_id: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """The properties as Azure keeps them: completed, those of resources that came in the same body too (recorded)."""
    kind = resource_type(resource_id)
    shown = {**DEFAULTS.get(kind.lower(), {}), **properties, "provisioningState": "Succeeded"}
    collection = NESTED.get(kind.lower())
    if collection and isinstance(shown.get(collection), list):
        shown[collection] = [_nested(f"{resource_id}/{collection}", item) for item in shown[collection]]
    return shown


def _nested(collection_id: str, item: Mapping[str, Any]) -> dict[str, Any]:
    return {**item, "properties": as_written(f"{collection_id}/{item.get('name')}", item.get("properties") or {})}


def check_network_resource(store: DocumentStore, resource_id: str, properties: Mapping[str, Any]) -> None:
    """Refuse what cannot be beside what is there, and names of what is not. Raises ArmError."""
    conflict = conflict_of(store, resource_id, properties)
    if conflict is not None:
        raise ArmError(400, conflict.code, conflict.message)
    kind = resource_type(resource_id).lower()
    for key in REFERENCES.get(kind, ()):
        _check_reference(store, resource_id, properties.get(key))
    if collection := NESTED.get(kind):
        for item in properties.get(collection) or ():
            nested = f"{resource_id}/{collection}/{item['name']}"
            for key in REFERENCES.get(f"{kind}/{collection.lower()}", ()):
                _check_reference(store, nested, (item.get("properties") or {}).get(key))


def _check_reference(store: DocumentStore, resource_id: str, reference: Any) -> None:
    named = str(reference.get("id") or "") if isinstance(reference, dict) else ""
    if named and named not in store:
        raise ArmError(
            400,
            "InvalidResourceReference",
            f"Resource {named} referenced by resource {resource_id} was not found. Please make sure that the referenced"
            " resource exists, and that both resources are in the same region.",
        )
