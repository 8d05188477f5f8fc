"""World files with networks that Azure would not have let come about."""

from __future__ import annotations

from typing import Any

import pytest
from acr_emulator.world.file import WorldFileError, parse_world

NETWORK = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/g/providers/Microsoft.Network"
NSG = f"{NETWORK}/networkSecurityGroups/nsg"


def rule(name: str, priority: Any = 100, direction: str = "Inbound") -> dict[str, Any]:
    return {"name": name, "properties": {"priority": priority, "direction": direction}}


def route(name: str, prefix: str) -> dict[str, Any]:
    return {"name": name, "properties": {"addressPrefix": prefix}}


@pytest.mark.parametrize(
    ("resource", "properties", "told"),
    [
        (NSG, {"securityRules": [rule("a"), rule("b", 100, "inbound")]}, "Security rule b conflicts with rule a."),
        (NSG, {"securityRules": [rule("a", 99)]}, "Value provided: 99 Allowed range 100-4096."),
        (NSG, {"securityRules": [rule("a", "100")]}, "Security rule has invalid Priority."),
        (NSG, {"securityRules": [rule("a"), rule("A", 101)]}, "has two child resources with the same name (a)."),
        (NSG, {"securityRules": ["a"]}, "'properties.securityRules' must be a list of objects, each with a 'name'."),
        (f"{NETWORK}/routeTables/t", {"routes": [route("a", "0.0.0.0/0"), route("b", "0.0.0.0/0")]}, "same AddressPre"),
        (f"{NETWORK}/virtualNetworks/v", {"subnets": [{"name": "s"}, {"name": "S"}]}, "with the same name (s)."),
    ],
)
def test_what_contradicts_itself_is_named(resource: str, properties: dict[str, Any], told: str) -> None:
    with pytest.raises(WorldFileError) as error:
        parse_world({"resources": [{"id": resource, "properties": properties}]})
    assert "resources[0]" in str(error.value)
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("resource", "properties", "told"),
    [
        (
            NSG,
            {"securityRules": [{"name": "a", "properties": True}]},
            "'properties.securityRules[0].properties' must be an object.",
        ),
        (
            f"{NSG}/securityRules/a",
            {"priority": 100, "destinationPortRange": "https"},
            "'properties.destinationPortRange' must be a port, a range of ports such as 80-443, or *.",
        ),
        (
            f"{NSG}/securityRules/a",
            {"priority": 100, "destinationPortRanges": ["443", 80]},
            "'properties.destinationPortRanges[1]' must be a port, a range of ports such as 80-443, or *.",
        ),
        (
            f"{NSG}/securityRules/a",
            {"priority": 100, "destinationAddressPrefixes": "*"},
            "'properties.destinationAddressPrefixes' must be a list.",
        ),
        (
            f"{NETWORK}/routeTables/t",
            {"routes": [{"name": "a", "properties": [1]}]},
            "'properties.routes[0].properties' must be an object.",
        ),
        (
            f"{NETWORK}/virtualNetworks/v",
            {"dhcpOptions": {"dnsServers": ["dns"]}},
            "'properties.dhcpOptions.dnsServers[0]' must be an IP address.",
        ),
        (f"{NETWORK}/virtualNetworks/v/subnets/s", {"routeTable": "/x"}, "'properties.routeTable' must be an object."),
        (
            f"{NETWORK}/virtualNetworks/v/subnets/s",
            {"networkSecurityGroup": {"id": 1}},
            "'properties.networkSecurityGroup.id' must be a text.",
        ),
        (
            f"{NETWORK}/virtualNetworks/v/subnets/s",
            {"serviceEndpoints": ["Microsoft.Storage"]},
            "'properties.serviceEndpoints[0]' must be an object.",
        ),
        (
            f"{NETWORK}/privateEndpoints/e",
            {"privateLinkServiceConnections": [{"properties": ""}]},
            "'properties.privateLinkServiceConnections[0].properties' must be an object.",
        ),
    ],
)
def test_what_has_another_form_is_named(resource: str, properties: dict[str, Any], told: str) -> None:
    with pytest.raises(WorldFileError) as error:
        parse_world({"resources": [{"id": resource, "properties": properties}]}, "world.yaml")
    assert str(error.value) == f"world.yaml: resources[0]: {told}"


def test_the_form_of_a_subnet_is_read_where_it_stands() -> None:
    subnet = {"id": f"{NETWORK}/virtualNetworks/v/subnets/s", "properties": {"routeTable": "/x"}}
    with pytest.raises(WorldFileError) as error:
        parse_world({"subnets": [subnet]}, "world.yaml")
    assert str(error.value) == "world.yaml: subnets[0]: 'properties.routeTable' must be an object."


def test_the_other_direction_is_in_nobodys_way() -> None:
    rules = {"securityRules": [rule("a"), rule("b", 100, "Outbound")]}
    world = parse_world({"resources": [{"id": NSG, "properties": rules}]})
    assert [resource.id for resource in world.resources] == [NSG]
