"""The network around agent pools: what the world file says of it, and whether a pool gets out of it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .documents import DocumentStore
from .specs import RegistrySpec, World

__all__ = ["DEFAULT_SECURITY_RULES", "egress_obstacle", "network_of_world", "private_endpoints_of"]

# The services of the how-to's table without which a pool does not work, and their service endpoints.
SERVICES = {
    "AzureKeyVault": "Microsoft.KeyVault",
    "Storage": "Microsoft.Storage",
    "EventHub": "Microsoft.EventHub",
    "AzureActiveDirectory": "Microsoft.AzureActiveDirectory",
}
WHOLE_INTERNET = ("*", "internet", "azurecloud", "0.0.0.0/0")
DOCKER_NETWORK = ipaddress.ip_network("172.17.0.0/16")


def _rule(name: str, priority: int, access: str, destination: str, source: str = "*") -> dict[str, Any]:
    properties = {
        "provisioningState": "Succeeded",
        "protocol": "*",
        "sourcePortRange": "*",
        "destinationPortRange": "*",
        "sourceAddressPrefix": source,
        "destinationAddressPrefix": destination,
        "access": access,
        "priority": priority,
        "direction": "Outbound" if name.endswith("OutBound") else "Inbound",
    }
    return {"name": name, "properties": properties}


DEFAULT_SECURITY_RULES = (
    _rule("AllowVnetInBound", 65000, "Allow", "VirtualNetwork", "VirtualNetwork"),
    _rule("AllowAzureLoadBalancerInBound", 65001, "Allow", "*", "AzureLoadBalancer"),
    _rule("DenyAllInBound", 65500, "Deny", "*"),
    _rule("AllowVnetOutBound", 65000, "Allow", "VirtualNetwork", "VirtualNetwork"),
    _rule("AllowInternetOutBound", 65001, "Allow", "Internet"),
    _rule("DenyAllOutBound", 65500, "Deny", "*"),
)
"""What Azure puts at the end of every network security group (its documentation, "Default security rules")."""


def network_of_world(world: World) -> DocumentStore:
    """The resources that exist from the start. A world without a subnet has `mysubnet` in `myvnet`, open to all."""
    store = DocumentStore()
    # A network comes before the subnets in it, which it would replace otherwise.
    for resource in sorted(world.resources, key=lambda resource: resource.id.count("/")):
        store.put(resource.id, resource.body)
    registry = world.registries[0] if world.registries else RegistrySpec()
    for subnet in world.subnets:
        _add_subnet(store, subnet.id, subnet.properties, registry)
    if world.registries and not any(store.of_type("Microsoft.Network/virtualNetworks/subnets")):
        group = f"/subscriptions/{registry.subscription_id}/resourceGroups/{registry.resource_group}"
        vnet = f"{group}/providers/Microsoft.Network/virtualNetworks/myvnet"
        _add_subnet(store, f"{vnet}/subnets/mysubnet", {}, registry)
    return store


def _add_subnet(store: DocumentStore, subnet_id: str, properties: Mapping[str, Any], registry: RegistrySpec) -> None:
    vnet_id = subnet_id.rpartition("/subnets/")[0]
    if vnet_id not in store:
        space = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}
        store.put(vnet_id, {"location": registry.location, "properties": {"provisioningState": "Succeeded", **space}})
    known = (store.get(subnet_id) or {}).get("properties") or {}
    prefixed = {"addressPrefix", "addressPrefixes"} & {*known, *properties}
    prefix = {} if prefixed else {"addressPrefix": "10.0.0.0/24"}
    store.put(subnet_id, {"properties": {"provisioningState": "Succeeded", **prefix, **known, **properties}})


def private_endpoints_of(store: DocumentStore, registry_id: str) -> Iterator[str]:
    """IDs of the private endpoints that lead to a registry."""
    for endpoint in store.of_type("Microsoft.Network/privateEndpoints"):
        for connection in endpoint.get("properties", {}).get("privateLinkServiceConnections") or []:
            target = str(connection.get("properties", {}).get("privateLinkServiceId", ""))
            if target.lower() == registry_id.lower():
                yield str(endpoint["id"])


def egress_obstacle(store: DocumentStore, subnet_id: str) -> str | None:
    """What keeps a pool in the subnet from its work: the name of a rule, route or DNS server; None if nothing does.

    Simpler than Azure: a rule for a network matches if it is 0.0.0.0/0, a firewall lets everything through.
    """
    subnet = (store.get(subnet_id) or {}).get("properties") or {}
    rules = _attached(store, subnet, "networkSecurityGroup").get("securityRules")
    for service, endpoint in SERVICES.items():
        denying = None if rules is None else _denying_rule(rules, service)
        if denying:
            return denying
        enabled = {str(item.get("service")).lower() for item in subnet.get("serviceEndpoints") or []}
        if endpoint.lower() not in enabled:
            dropping = _dropping_route(_attached(store, subnet, "routeTable").get("routes") or [], service)
            if dropping:
                return dropping
    return _dns_in_docker_network(store, subnet_id)


def _attached(store: DocumentStore, subnet: Mapping[str, Any], key: str) -> dict[str, Any]:
    reference = subnet.get(key) or {}
    found = store.get(str(reference.get("id", ""))) if reference else None
    return (found or {}).get("properties") or {}


def _denying_rule(rules: Sequence[Mapping[str, Any]], service: str) -> str | None:
    """The name of the rule if the first one that matches denies. Azure's default rules let everything out."""
    outbound = [rule for rule in rules if str(rule["properties"].get("direction")).lower() == "outbound"]
    for rule in sorted(outbound, key=lambda rule: int(rule["properties"].get("priority", 0))):
        properties = rule["properties"]
        protocol = str(properties.get("protocol", "*")).lower()
        ports = _either(properties, "destinationPortRange")
        targets = [target.lower() for target in _either(properties, "destinationAddressPrefix")]
        named = any(target in WHOLE_INTERNET or target.partition(".")[0] == service.lower() for target in targets)
        if named and protocol in ("*", "tcp") and any(_has_port(port, 443) for port in ports):
            return str(rule["name"]) if str(properties.get("access")).lower() == "deny" else None
    return None


def _dropping_route(routes: Sequence[Mapping[str, Any]], service: str) -> str | None:
    """The name of the route if the most specific one leads nowhere."""

    def rank(route: Mapping[str, Any]) -> int | None:
        prefix = str((route.get("properties") or {}).get("addressPrefix", "")).lower()
        if prefix.partition(".")[0] == service.lower():
            return 0
        return WHOLE_INTERNET.index(prefix) + 1 if prefix in WHOLE_INTERNET else None

    fitting = [(found, route) for route in routes if (found := rank(route)) is not None]
    if not fitting:
        return None
    route = min(fitting, key=lambda pair: pair[0])[1]
    hop = str(route["properties"].get("nextHopType", "")).lower()
    return str(route["name"]) if hop in ("none", "vnetlocal") else None


def _dns_in_docker_network(store: DocumentStore, subnet_id: str) -> str | None:
    vnet = (store.get(subnet_id.rpartition("/subnets/")[0]) or {}).get("properties") or {}
    servers = [str(server) for server in (vnet.get("dhcpOptions") or {}).get("dnsServers") or []]
    return servers[0] if servers and all(ipaddress.ip_address(one) in DOCKER_NETWORK for one in servers) else None


def _either(properties: Mapping[str, Any], name: str) -> list[str]:
    """A property that comes as one text, or as a list under the plural."""
    plural = name + ("es" if name.endswith("x") else "s")
    return [str(text) for text in [properties.get(name), *(properties.get(plural) or [])] if text]


def _has_port(text: str, port: int) -> bool:
    if text == "*":
        return True
    first, _, last = text.partition("-")
    return int(first) <= port <= int(last or first)
