"""What cannot be beside each other in a network: rules of one priority, routes of one prefix, two of one name.

Codes and texts as reported by users.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..sections import Section
from .documents import NESTED, DocumentStore, resource_type
from .network_shapes import shape_problem
from .specs import World

__all__ = ["Conflict", "check_networks", "conflict_of"]

PRIORITIES = range(100, 4097)
SECURITY_RULES = "microsoft.network/networksecuritygroups/securityrules"
ROUTES = "microsoft.network/routetables/routes"


@dataclass(frozen=True)
class Conflict:
    """Why a resource cannot be as it is to be, by code and text."""

    code: str
    message: str


_Others = Mapping[str, Mapping[str, Any]]


def conflict_of(store: DocumentStore, resource_id: str, properties: Mapping[str, Any]) -> Conflict | None:
    """What of a network resource with these properties contradicts itself or what is in `store`; None if nothing does.

    What comes in its body is looked at among itself: it replaces what was there.
    """
    kind = resource_type(resource_id).lower()
    if problem := shape_problem(kind, properties):
        return Conflict("InvalidRequestFormat", problem)
    check = CHECKS.get(kind)
    if check is not None:
        collection, _, name = resource_id.rpartition("/")
        return check(name, properties, _beside(store, collection, name))
    collection_name = NESTED.get(kind)
    items = properties.get(collection_name) if collection_name else None
    if not items:
        return None
    return _same_name(resource_id, items) or _among(items, CHECKS.get(f"{kind}/{str(collection_name).lower()}"))


def _beside(store: DocumentStore, collection: str, own: str) -> _Others:
    """The properties of the other resources in the same one, by name."""
    return {
        str(item["name"]): item.get("properties") or {}
        for item in store.children(collection)
        if str(item["name"]).lower() != own.lower()
    }


def _same_name(resource_id: str, items: Sequence[Mapping[str, Any]]) -> Conflict | None:
    names = [str(item["name"]).lower() for item in items]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is None:
        return None
    message = f"Resource {resource_id} has two child resources with the same name ({twice})."
    return Conflict("DuplicateResourceName", message)


def _among(items: Sequence[Mapping[str, Any]], check: _Check | None) -> Conflict | None:
    for number, item in enumerate(items if check else ()):
        before = {str(other["name"]): other.get("properties") or {} for other in items[:number]}
        if check and (found := check(str(item["name"]), item.get("properties") or {}, before)):
            return found
    return None


def _rule_conflict(name: str, rule: Mapping[str, Any], others: _Others) -> Conflict | None:
    priority, direction = rule.get("priority"), str(rule.get("direction")).lower()
    if priority not in PRIORITIES:
        message = f"Security rule has invalid Priority. Value provided: {priority} Allowed range 100-4096."
        return Conflict("SecurityRuleInvalidPriority", message)
    for other, known in others.items():
        if known.get("priority") == priority and str(known.get("direction")).lower() == direction:
            return Conflict(
                "SecurityRuleConflict",
                f"Security rule {name} conflicts with rule {other}. Rules cannot have the same Priority and Direction."
                " To learn more, see aka.ms/nsgrules.",
            )
    return None


def _route_conflict(name: str, route: Mapping[str, Any], others: _Others) -> Conflict | None:
    prefix = str(route.get("addressPrefix")).lower()
    for other, known in others.items():
        if str(known.get("addressPrefix")).lower() == prefix:
            message = f"Route {name} conflicts with route {other}. Routes cannot have the same AddressPrefix."
            return Conflict("RouteConflict", message)
    return None


_Check = Callable[[str, Mapping[str, Any], _Others], "Conflict | None"]
CHECKS: Mapping[str, _Check] = {SECURITY_RULES: _rule_conflict, ROUTES: _route_conflict}


def check_networks(root: Section, world: World) -> None:
    """Refuse a world whose networks Azure would not have let come about. Raises the error of `root`."""
    written = [
        *((f"resources[{number}]", one.id, one.body.get("properties")) for number, one in enumerate(world.resources)),
        *((f"subnets[{number}]", one.id, one.properties) for number, one in enumerate(world.subnets)),
    ]
    for key, resource_id, properties in written:
        conflict = conflict_of(DocumentStore(), resource_id, properties or {})
        if conflict is not None:
            raise root.error(key, conflict.message)
