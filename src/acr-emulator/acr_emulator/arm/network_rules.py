"""What Azure refuses of a network resource: rules and routes in each other's way, names of what is not there.

Codes and texts of conflicts as reported by users, statuses assumed where they say nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..world.documents import NESTED, DocumentStore, resource_type
from .errors import ArmError

__all__ = ["as_written", "check_network_resource"]

PRIORITIES = range(100, 4097)
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


def _nested(collection_id: str, item: Any) -> Any:
    if not isinstance(item, dict):
        return item
    return {**item, "properties": as_written(f"{collection_id}/{item.get('name')}", item.get("properties") or {})}


def check_network_resource(store: DocumentStore, resource_id: str, properties: Mapping[str, Any]) -> None:
    """Refuse what cannot be beside what is there. Raises ArmError."""
    kind = resource_type(resource_id).lower()
    for key in REFERENCES.get(kind, ()):
        _check_reference(store, resource_id, properties.get(key))
    if kind == "microsoft.network/networksecuritygroups":
        _check_among_themselves(properties.get("securityRules"), _check_rule)
    if kind == "microsoft.network/networksecuritygroups/securityrules":
        _check_rule(_name(resource_id), properties, _beside(store, resource_id))
    if kind == "microsoft.network/routetables":
        _check_among_themselves(properties.get("routes"), _check_route)
    if kind == "microsoft.network/routetables/routes":
        _check_route(_name(resource_id), properties, _beside(store, resource_id))


_Others = Mapping[str, Mapping[str, Any]]


def _check_reference(store: DocumentStore, resource_id: str, reference: Any) -> None:
    named = str(reference.get("id") or "") if isinstance(reference, dict) else ""
    if named and named not in store:
        raise ArmError(
            400,
            "InvalidResourceReference",
            f"Resource {named} referenced by resource {resource_id} was not found. Please make sure that the referenced"
            " resource exists, and that both resources are in the same region.",
        )


def _beside(store: DocumentStore, resource_id: str) -> _Others:
    """The properties of the other resources in the same one, by name."""
    collection, _, own = resource_id.rpartition("/")
    return {
        str(item["name"]): item.get("properties") or {}
        for item in store.children(collection)
        if str(item["name"]).lower() != own.lower()
    }


def _check_among_themselves(items: Any, check: Any) -> None:
    named = [item for item in items or () if isinstance(item, dict)]
    for number, item in enumerate(named):
        before = {str(other.get("name")): other.get("properties") or {} for other in named[:number]}
        check(str(item.get("name")), item.get("properties") or {}, before)


def _check_rule(name: str, rule: Mapping[str, Any], others: _Others) -> None:
    priority, direction = rule.get("priority"), str(rule.get("direction")).lower()
    if priority not in PRIORITIES:
        message = f"Security rule has invalid Priority. Value provided: {priority} Allowed range 100-4096."
        raise ArmError(400, "SecurityRuleInvalidPriority", message)
    for other, known in others.items():
        if known.get("priority") == priority and str(known.get("direction")).lower() == direction:
            raise ArmError(
                400,
                "SecurityRuleConflict",
                f"Security rule {name} conflicts with rule {other}. Rules cannot have the same Priority and Direction."
                " To learn more, see aka.ms/nsgrules.",
            )


def _check_route(name: str, route: Mapping[str, Any], others: _Others) -> None:
    prefix = str(route.get("addressPrefix")).lower()
    for other, known in others.items():
        if str(known.get("addressPrefix")).lower() == prefix:
            message = f"Route {name} conflicts with route {other}. Routes cannot have the same AddressPrefix."
            raise ArmError(400, "RouteConflict", message)


def _name(resource_id: str) -> str:
    return resource_id.rpartition("/")[2]
