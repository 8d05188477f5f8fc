"""Health worlds (health_worlds.py) as worlds of the emulator, many side by side: each gets groups of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from health_worlds import HealthWorld

__all__ = ["EmulatedWorld", "emulate", "merge"]

# What the emulator has no such state for, or has only one of for all worlds.
_UNSUPPORTED = ("regions", "permissions", "queue", "runs", "timeouts", "buildArgs")


# That of the worlds, and another.
_SUBSCRIPTIONS = ("00000000-0000-0000-0000-000000000000", "11111111-1111-1111-1111-111111111111")


@dataclass(frozen=True)
class EmulatedWorld:
    """A health world's part of the emulator's, and how check-health is asked about it."""

    world: HealthWorld
    section: Mapping[str, Any]
    registry: str
    group: str
    question: tuple[str, ...]


def emulate(world: HealthWorld, number: int, sound: Mapping[str, Any]) -> EmulatedWorld | None:
    """`world` in groups of its own, None if the emulator can't be in that state. `sound` is a base of the worlds."""
    documents = world.documents
    text = json.dumps(documents)
    if "unreadable" in text or "missing" in documents["registry"]:
        return None
    if any(documents.get(key, sound.get(key)) != sound.get(key) for key in _UNSUPPORTED):
        return None
    text = text.replace("resourceGroups/mygroup", f"resourceGroups/group{number}")
    text = text.replace("resourceGroups/network", f"resourceGroups/network{number}")
    documents = json.loads(text.replace("registries/myregistry", f"registries/registry{number}"))
    registry = documents["registry"]
    properties = registry["properties"]
    pools = [_pool(pool) for pool in _pools(documents)]
    if properties["provisioningState"] != "Succeeded" or any(
        pool["provisioningState"] not in ("Succeeded", "Failed", "Canceled") for pool in pools
    ):
        return None
    name, group = f"registry{number}", f"group{number}"
    kept = ("publicNetworkAccess", "networkRuleSet", "networkRuleBypassOptions", "networkRuleBypassAllowedForTasks")
    spec = {
        "name": name,
        "resourceGroup": group,
        "location": registry["location"],
        "sku": registry["sku"]["name"],
        "roleAssignmentMode": properties["roleAssignmentMode"],
        "agentPools": pools,
        **{key: properties[key] for key in kept},
    }
    if "subnet" in documents and "routeTable" in documents:
        documents["subnet"]["properties"]["routeTable"] = {"id": documents["routeTable"]["id"]}
    bodies = [documents[key] for key in ("vnet", "subnet", "nsg", "routeTable") if key in documents]
    bodies = [body for body in bodies if "missing" not in body]
    bodies += _private_endpoints(properties, group, registry["id"])
    bodies += _dns_zone(documents, group)
    bodies += [body for found in documents.get("firewalls", {}).values() for body in _firewall(found)]
    section = {"registries": [spec], "resources": bodies}
    return EmulatedWorld(world, section, name, group, _question(documents))


def _pools(documents: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The pools of the registry; what is known of the pool in question counts."""
    pools = {pool["name"]: pool for pool in documents.get("pools", [])}
    pool = documents.get("pool")
    if pool and "missing" not in pool:
        pools[pool["name"]] = pool
    return list(pools.values())


def _pool(body: Mapping[str, Any]) -> dict[str, Any]:
    properties = body["properties"]
    subnet_id = properties.get("virtualNetworkSubnetResourceId")
    kept = {key: properties[key] for key in ("tier", "count", "provisioningState") if key in properties}
    tags = body.get("tags") or {}
    return {"name": body["name"], "provisioningState": "Succeeded", **kept, "subnetId": subnet_id, "tags": tags}


def _dns_zone(documents: Mapping[str, Any], group: str) -> Iterator[dict[str, Any]]:
    """The zone of private endpoints and its links, if there is one."""
    if "dnsZone" in documents:
        zone = f"{_group_id(group)}/providers/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
        yield {"id": zone, "location": "global", "properties": {}}
        for link in documents["dnsZone"]:
            yield {**link, "id": f"{zone}/virtualNetworkLinks/{link['name']}"}


def _group_id(group: str) -> str:
    return f"/subscriptions/{_SUBSCRIPTIONS[0]}/resourceGroups/{group}"


def _firewall(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A firewall, its policies and their rule collection groups, and IP groups."""
    yield document["firewall"]
    policies = document.get("policies") or []
    for policy, parent in zip_longest(policies, policies[1:]):
        inherits = {"basePolicy": {"id": parent["id"]}} if parent else {}
        yield {"id": policy["id"], "properties": inherits}
        for group in policy.get("groups") or []:
            yield {**group, "id": f"{policy['id']}/ruleCollectionGroups/{group['name']}"}
    for group_id, addresses in (document.get("ipGroups") or {}).items():
        yield {"id": group_id, "properties": {"ipAddresses": addresses}}


def _private_endpoints(properties: Mapping[str, Any], group: str, registry_id: str) -> list[dict[str, Any]]:
    """Approved connections as the resources at their other end."""
    network = f"/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/{group}/providers/Microsoft.Network"
    connection = {"name": "c", "properties": {"privateLinkServiceId": registry_id, "groupIds": ["registry"]}}
    return [
        {
            "id": f"{network}/privateEndpoints/endpoint{number}",
            "properties": {"privateLinkServiceConnections": [connection]},
        }
        for number, known in enumerate(properties.get("privateEndpointConnections") or [])
        if known["properties"]["privateLinkServiceConnectionState"]["status"] == "Approved"
    ]


def _question(documents: Mapping[str, Any]) -> tuple[str, ...]:
    wanted = documents.get("wanted")
    if not wanted:
        pool = documents["pool"]
        return ("--name", pool["missing"].rpartition("/")[2] if "missing" in pool else pool["name"])
    subnet = ("--subnet-id", wanted["subnet_id"]) if wanted.get("subnet_id") else ()
    return ("--tier", wanted["tier"], "--count", str(wanted["count"]), *subnet)


def merge(worlds: list[EmulatedWorld]) -> dict[str, Any]:
    """One world file for all of them."""
    return {
        "subscriptions": [{"id": name} for name in _SUBSCRIPTIONS],
        "registries": [spec for world in worlds for spec in world.section["registries"]],
        "resources": [body for world in worlds for body in world.section["resources"]],
    }
