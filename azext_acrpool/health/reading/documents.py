"""Facts from ARM's JSON. Source of the shapes: Azure's REST specifications."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

from ...client.registries import normalize_region
from ...client.replies import read_json
from ..facts import (
    DnsZoneFacts,
    NsgFacts,
    PermissionFacts,
    RegistryFacts,
    ResourceId,
    RouteFacts,
    RouteTableFacts,
    SecurityRule,
    ServiceEndpoint,
    SubnetFacts,
    VnetFacts,
)

__all__ = [
    "ids_of",
    "is_hub_network",
    "items_of",
    "properties_of",
    "read_dns_zone",
    "read_endpoint_network",
    "read_nsg",
    "read_permissions",
    "read_registry",
    "read_route_table",
    "read_subnet",
    "read_vnet",
]

_Json = Mapping[str, Any]


class _Granted(TypedDict):
    actions: list[str]


class _Permission(_Granted, total=False):
    notActions: list[str]


def read_registry(body: _Json) -> RegistryFacts:
    """A registry. A missing networkRuleSet means that there is no firewall."""
    properties = properties_of(body)
    rules = properties.get("networkRuleSet") or {}
    approved = [
        link
        for link in map(properties_of, items_of(properties, "privateEndpointConnections"))
        if str((link.get("privateLinkServiceConnectionState") or {}).get("status")).lower() == "approved"
    ]
    return RegistryFacts(
        id=ResourceId.parse(body["id"]),
        location=normalize_region(str(body.get("location") or "")),
        sku=str((body.get("sku") or {}).get("name") or ""),
        state=str(properties.get("provisioningState") or ""),
        login_server=str(properties.get("loginServer") or ""),
        data_hosts=tuple(map(str, properties.get("dataEndpointHostNames") or ())),
        public_access=str(properties.get("publicNetworkAccess") or "Enabled").lower() != "disabled",
        default_action=str(rules.get("defaultAction") or "Allow"),
        ip_rules=tuple(str(rule.get("value") or "") for rule in items_of(rules, "ipRules")),
        trusted_services_bypass=str(properties.get("networkRuleBypassOptions") or "AzureServices").lower() != "none",
        tasks_bypass=bool(properties.get("networkRuleBypassAllowedForTasks")),
        private_endpoints=len(approved),
        endpoint_ids=tuple(filter(None, (_id_of(link, "privateEndpoint") for link in approved))),
        abac=str(properties.get("roleAssignmentMode") or "").lower() == "abacrepositorypermissions",
    )


def read_endpoint_network(body: _Json) -> str:
    """The ID of the network that a private endpoint is in. Raises ValueError if it does not say."""
    network, found, _ = (_id_of(properties_of(body), "subnet") or "").rpartition("/subnets/")
    if not found:
        raise ValueError("a private endpoint without a subnet")
    return network


def read_dns_zone(links: Iterable[_Json]) -> DnsZoneFacts:
    """A private DNS zone, by its links to virtual networks."""
    return DnsZoneFacts(
        {str(link.get("name") or ""): _id_of(properties_of(link), "virtualNetwork") or "" for link in links}
    )


def read_permissions(bodies: Iterable[_Json]) -> tuple[PermissionFacts, ...]:
    """The items of Microsoft.Authorization/permissions."""
    items = [read_json(_Permission, body, "permissions") for body in bodies]
    return tuple(PermissionFacts(tuple(item["actions"]), tuple(item.get("notActions") or ())) for item in items)


def read_subnet(body: _Json) -> SubnetFacts:
    """A subnet, read by itself. Every IP configuration in it takes one address."""
    properties = properties_of(body)
    endpoints = [
        ServiceEndpoint(str(endpoint.get("service") or ""), str(endpoint.get("provisioningState") or "Succeeded"))
        for endpoint in items_of(properties, "serviceEndpoints")
    ]
    return SubnetFacts(
        id=ResourceId.parse(body["id"]),
        prefixes=_either(properties, "addressPrefix", "addressPrefixes"),
        used_addresses=len(items_of(properties, "ipConfigurations")),
        delegations=tuple(
            str(properties_of(found).get("serviceName") or "") for found in items_of(properties, "delegations")
        ),
        service_endpoints=tuple(endpoints),
        nat_gateway_id=_id_of(properties, "natGateway"),
        default_outbound=properties.get("defaultOutboundAccess") is not False,
    )


def read_vnet(body: _Json) -> VnetFacts:
    """A virtual network. It has a gateway if it has a subnet for one, or uses that of a peered network."""
    properties = properties_of(body)
    own = any(str(subnet.get("name")).lower() == "gatewaysubnet" for subnet in items_of(properties, "subnets"))
    peerings = items_of(properties, "virtualNetworkPeerings")
    return VnetFacts(
        id=ResourceId.parse(body["id"]),
        location=normalize_region(str(body.get("location") or "")),
        prefixes=_prefixes(properties, "addressSpace"),
        dns_servers=tuple(map(str, (properties.get("dhcpOptions") or {}).get("dnsServers") or ())),
        gateway=own or any(properties_of(peering).get("useRemoteGateways") for peering in peerings),
        peered=tuple(filter(None, (_id_of(properties_of(peering), "remoteVirtualNetwork") for peering in peerings))),
        peered_prefixes=tuple(
            prefix
            for peering in map(properties_of, peerings)
            if not is_hub_network(_id_of(peering, "remoteVirtualNetwork") or "")
            for prefix in _prefixes(peering, "remoteVirtualNetworkAddressSpace")
            or _prefixes(peering, "remoteAddressSpace")
        ),
    )


def is_hub_network(network_id: str) -> bool:
    """Whether the network is the one that Azure keeps for a hub of Virtual WAN.

    Assumed of all whose name begins with HV_. It is in a subscription of Azure's own, where no user lists anything.
    """
    return network_id.rpartition("/")[2].upper().startswith("HV_")


def _prefixes(body: _Json, key: str) -> tuple[str, ...]:
    return tuple(map(str, (body.get(key) or {}).get("addressPrefixes") or ()))


def read_nsg(body: _Json) -> NsgFacts:
    """A network security group: the user's rules and Azure's default ones."""
    properties = properties_of(body)
    rules = [*items_of(properties, "securityRules"), *items_of(properties, "defaultSecurityRules")]
    return NsgFacts(ResourceId.parse(body["id"]), tuple(map(_read_rule, rules)))


def _read_rule(body: _Json) -> SecurityRule:
    properties = properties_of(body)
    return SecurityRule(
        name=str(body.get("name") or ""),
        priority=int(properties.get("priority") or 0),
        access=str(properties.get("access") or ""),
        direction=str(properties.get("direction") or ""),
        protocol=str(properties.get("protocol") or "*"),
        sources=_either(properties, "sourceAddressPrefix", "sourceAddressPrefixes"),
        source_ports=_either(properties, "sourcePortRange", "sourcePortRanges"),
        destinations=_either(properties, "destinationAddressPrefix", "destinationAddressPrefixes"),
        destination_ports=_either(properties, "destinationPortRange", "destinationPortRanges"),
        source_groups=ids_of(properties, "sourceApplicationSecurityGroups"),
        destination_groups=ids_of(properties, "destinationApplicationSecurityGroups"),
    )


def read_route_table(body: _Json) -> RouteTableFacts:
    """A route table."""
    properties = properties_of(body)
    routes = tuple(
        RouteFacts(
            name=str(route.get("name") or ""),
            prefix=str(properties_of(route).get("addressPrefix") or ""),
            next_hop=str(properties_of(route).get("nextHopType") or ""),
            next_hop_address=str(properties_of(route).get("nextHopIpAddress") or ""),
        )
        for route in items_of(properties, "routes")
    )
    return RouteTableFacts(ResourceId.parse(body["id"]), routes, not properties.get("disableBgpRoutePropagation"))


def properties_of(body: _Json) -> _Json:
    """A resource's properties, {} without any."""
    properties = body.get("properties")
    return properties if isinstance(properties, Mapping) else {}


def items_of(body: _Json, key: str) -> list[_Json]:
    """The objects in a list, [] without one."""
    return [item for item in body.get(key) or () if isinstance(item, Mapping)]


def _either(body: _Json, one: str, many: str) -> tuple[str, ...]:
    """The members of a property that comes as a single text or as a list, each perhaps with commas."""
    texts = [body.get(one) or "", *(body.get(many) or ())]
    return tuple(part.strip() for text in texts for part in str(text).split(",") if part.strip())


def _id_of(body: _Json, key: str) -> str | None:
    found = body.get(key)
    return str(found["id"]) if isinstance(found, Mapping) and found.get("id") else None


def ids_of(body: _Json, key: str) -> tuple[str, ...]:
    """The IDs of the resources that a list names."""
    return tuple(str(item.get("id") or "") for item in items_of(body, key))
