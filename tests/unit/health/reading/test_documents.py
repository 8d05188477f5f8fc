"""Facts from ARM's JSON where it comes in more than one shape."""

from __future__ import annotations

from typing import Any

import pytest

from azext_acrpool.client.pools import read_pool
from azext_acrpool.health.facts import ResourceId
from azext_acrpool.health.network.subnet import free_addresses
from azext_acrpool.health.reading.documents import (
    read_nsg,
    read_registry,
    read_route_table,
    read_subnet,
    read_vnet,
)
from azext_acrpool.wording import az_command

GROUP = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network"
REGISTRY_ID = "/subscriptions/s/resourcegroups/g/providers/Microsoft.ContainerRegistry/registries/r"


def subnet(**properties: Any) -> dict[str, Any]:
    return {"id": f"{GROUP}/virtualNetworks/v/subnets/x", "properties": properties}


def test_a_registry_of_an_old_api_version_is_open_and_has_no_bypass() -> None:
    registry = read_registry({"id": REGISTRY_ID, "location": "West US 2", "sku": {"name": "Premium"}, "properties": {}})
    assert registry.location == "westus2"
    assert not registry.firewalled
    assert not registry.tasks_bypass
    assert not registry.abac
    assert registry.trusted_services_bypass


@pytest.mark.parametrize("properties", [None, {}, {"networkRuleSet": None, "privateEndpointConnections": None}])
def test_absent_properties_are_no_error(properties: Any) -> None:
    assert read_registry({"id": REGISTRY_ID, "properties": properties}).private_endpoints == 0


def test_both_spellings_of_prefixes_are_read() -> None:
    assert read_subnet(subnet(addressPrefix="10.0.0.0/24")).prefixes == ("10.0.0.0/24",)
    assert read_subnet(subnet(addressPrefixes=["10.0.0.0/24", "fd00::/64"])).prefixes == ("10.0.0.0/24", "fd00::/64")


def test_azure_keeps_five_addresses_of_each_ipv4_network() -> None:
    taken = [{"id": "a"}, {"id": "b"}]
    assert free_addresses(read_subnet(subnet(addressPrefix="10.0.0.0/24", ipConfigurations=taken))) == 256 - 5 - 2
    two = ["10.0.0.0/29", "10.0.0.8/29", "fd00::/64"]
    assert free_addresses(read_subnet(subnet(addressPrefixes=two))) == 16 - 10


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
    (read,) = read_nsg({"id": f"{GROUP}/networkSecurityGroups/n", "properties": {"securityRules": [rule]}}).rules
    assert read.sources == ()
    assert read.source_groups == ("asg",)
    assert read.destinations == ("Storage", "10.0.0.0/8", "11.0.0.0/8")
    assert read.destination_ports == ("443", "12000")


def test_gateways_are_a_networks_own_or_borrowed() -> None:
    vnet = {"id": f"{GROUP}/virtualNetworks/v", "location": "westus2", "properties": {"addressSpace": {}}}
    assert not read_vnet(vnet).gateway
    borrowed = {**vnet, "properties": {"virtualNetworkPeerings": [{"properties": {"useRemoteGateways": True}}]}}
    assert read_vnet(borrowed).gateway


def test_a_route_table_tells_whether_it_takes_learned_routes() -> None:
    table = {"id": f"{GROUP}/routeTables/t", "properties": {"disableBgpRoutePropagation": True}}
    assert not read_route_table(table).gateway_routes


def test_a_pool_without_a_state_exists() -> None:
    assert read_pool({"name": "p", "properties": {"tier": "S1"}}, "myregistry").state == "Succeeded"


def test_resource_ids_are_read_in_any_case_and_others_refused() -> None:
    assert ResourceId.parse(REGISTRY_ID.upper()) == ResourceId("S", "G", "R")
    with pytest.raises(ValueError, match="not the ID"):
        ResourceId.parse("/subscriptions/s/resourceGroups/g")


def test_arguments_are_quoted_only_where_a_shell_needs_it() -> None:
    command = az_command("acr update", "--name", "reg", "--resource-group", "my group (old)", "--x", "[caller]", "a=b")
    assert command == 'az acr update --name reg --resource-group "my group (old)" --x "[caller]" a=b'
