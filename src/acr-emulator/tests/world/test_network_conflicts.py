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


def test_the_other_direction_is_in_nobodys_way() -> None:
    rules = {"securityRules": [rule("a"), rule("b", 100, "Outbound")]}
    world = parse_world({"resources": [{"id": NSG, "properties": rules}]})
    assert [resource.id for resource in world.resources] == [NSG]
