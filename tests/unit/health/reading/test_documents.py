"""Facts from ARM's JSON where it comes in more than one shape."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from azext_acrpool.health.facts import (
    NsgFacts,
    RegistryFacts,
    ResourceId,
    RouteTableFacts,
    SecurityRule,
    SubnetFacts,
    VnetFacts,
)
from azext_acrpool.health.reading.documents import read_nsg, read_registry, read_route_table, read_subnet, read_vnet

GROUP = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network"
REGISTRY_ID = "/subscriptions/s/resourcegroups/g/providers/Microsoft.ContainerRegistry/registries/r"
SUBNET_ID = ResourceId("s", "g", "x", "v")


def subnet(**properties: Any) -> dict[str, Any]:
    return {"id": f"{GROUP}/virtualNetworks/v/subnets/x", "properties": properties}


OLD_REGISTRY = RegistryFacts(ResourceId("s", "g", "r"), "westus2", state="")


def test_a_registry_of_an_old_api_version_is_open_and_has_no_bypass() -> None:
    body = {"id": REGISTRY_ID, "location": "West US 2", "sku": {"name": "Premium"}, "properties": {}}
    assert read_registry(body) == OLD_REGISTRY
    assert not OLD_REGISTRY.firewalled


def test_the_hosts_of_a_registrys_own_data_endpoints_are_read() -> None:
    hosts = ["r.westus2.data.azurecr.io"]
    assert read_registry({"id": REGISTRY_ID, "properties": {"dataEndpointHostNames": hosts}}).data_hosts == tuple(hosts)


@pytest.mark.parametrize("properties", [None, {}, {"networkRuleSet": None, "privateEndpointConnections": None}])
def test_absent_properties_are_no_error(properties: Any) -> None:
    assert read_registry({"id": REGISTRY_ID, "properties": properties}) == replace(OLD_REGISTRY, location="", sku="")


def test_both_spellings_of_prefixes_are_read() -> None:
    assert read_subnet(subnet(addressPrefix="10.0.0.0/24")) == SubnetFacts(SUBNET_ID, ("10.0.0.0/24",))
    both = ["10.0.0.0/24", "fd00::/64"]
    assert read_subnet(subnet(addressPrefixes=both)) == SubnetFacts(SUBNET_ID, ("10.0.0.0/24", "fd00::/64"))


def test_every_ip_configuration_takes_an_address() -> None:
    taken = [{"id": "a"}, {"id": "b"}]
    read = read_subnet(subnet(addressPrefix="10.0.0.0/24", ipConfigurations=taken))
    assert read == SubnetFacts(SUBNET_ID, ("10.0.0.0/24",), used_addresses=2)


def test_a_rule_with_lists_commas_and_groups() -> None:
    rule = {
        "name": "r",
        "properties": {
            "priority": 100,
            "access": "Allow",
            "direction": "Outbound",
            "protocol": "TCP",
            "sourceApplicationSecurityGroups": [{"id": "asg"}],
            "sourcePortRange": "*",
            "destinationAddressPrefix": "",
            "destinationAddressPrefixes": ["Storage", "10.0.0.0/8, 11.0.0.0/8"],
            "destinationPortRanges": ["443,12000"],
        },
    }
    assert read_nsg({"id": f"{GROUP}/networkSecurityGroups/n", "properties": {"securityRules": [rule]}}) == NsgFacts(
        ResourceId("s", "g", "n"),
        (
            SecurityRule(
                "r",
                100,
                "Allow",
                protocol="TCP",
                sources=(),
                destinations=("Storage", "10.0.0.0/8", "11.0.0.0/8"),
                destination_ports=("443", "12000"),
                source_groups=("asg",),
            ),
        ),
    )


def test_gateways_are_a_networks_own_or_borrowed() -> None:
    vnet = {"id": f"{GROUP}/virtualNetworks/v", "location": "westus2", "properties": {"addressSpace": {}}}
    without = VnetFacts(ResourceId("s", "g", "v"), "westus2")
    assert read_vnet(vnet) == without
    own = {**vnet, "properties": {"subnets": [{"name": "GatewaySubnet"}]}}
    assert read_vnet(own) == replace(without, gateway=True)
    borrowed = {**vnet, "properties": {"virtualNetworkPeerings": [{"properties": {"useRemoteGateways": True}}]}}
    assert read_vnet(borrowed) == replace(without, gateway=True)


def test_the_addresses_of_connected_networks_are_read_but_for_those_of_hubs() -> None:
    def peering(name: str, prefix: str, key: str) -> dict[str, Any]:
        remote = {"id": f"{GROUP}/virtualNetworks/{name}"}
        return {"properties": {"remoteVirtualNetwork": remote, key: {"addressPrefixes": [prefix]}}}

    peerings = [
        peering("spoke", "10.1.0.0/16", "remoteAddressSpace"),
        peering("other", "10.2.0.0/16", "remoteVirtualNetworkAddressSpace"),
        peering("HV_myhub_1234", "10.9.0.0/24", "remoteAddressSpace"),
    ]
    network = {"id": f"{GROUP}/virtualNetworks/v", "properties": {"virtualNetworkPeerings": peerings}}
    assert read_vnet(network).peered_prefixes == ("10.1.0.0/16", "10.2.0.0/16")


def test_a_route_table_tells_whether_it_takes_learned_routes() -> None:
    table = {"id": f"{GROUP}/routeTables/t", "properties": {"disableBgpRoutePropagation": True}}
    assert read_route_table(table) == RouteTableFacts(ResourceId("s", "g", "t"), gateway_routes=False)


def test_resource_ids_are_read_in_any_case_and_others_refused() -> None:
    assert ResourceId.parse(REGISTRY_ID.upper()) == ResourceId("S", "G", "R")
    with pytest.raises(ValueError, match="not the ID"):
        ResourceId.parse("/subscriptions/s/resourceGroups/g")
