"""The Azure Firewalls that routes lead to: found by address and network, read with their policies and IP groups."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from scripted_arm import REGISTRY, RoutedTransport, arm_error, arm_over
from scripted_transport import Reply

from azext_acrpool.health.facts import (
    FirewallCollection,
    FirewallFacts,
    ResourceId,
    RouteFacts,
    RouteTableFacts,
    SecurityRule,
    Unreadable,
    VnetFacts,
)
from azext_acrpool.health.reading.firewalls import next_hops, read_firewalls

NETWORK = f"/subscriptions/{REGISTRY.subscription_id}/resourceGroups/network/providers/Microsoft.Network"
ELSEWHERE = "/subscriptions/hub/resourceGroups/hub/providers/Microsoft.Network"
VNET, HUB = f"{NETWORK}/virtualNetworks/myvnet", f"{ELSEWHERE}/virtualNetworks/hub"
POLICY, PARENT = f"{ELSEWHERE}/firewallPolicies/mypolicy", f"{ELSEWHERE}/firewallPolicies/parent"
AGENTS = f"{ELSEWHERE}/ipGroups/agents"
CONNECTED = VnetFacts(ResourceId.parse(VNET), "westus2", peered=(HUB,))
MINE = f"GET /subscriptions/{REGISTRY.subscription_id}/providers/Microsoft.Network/azureFirewalls"
THEIRS = "GET /subscriptions/hub/providers/Microsoft.Network/azureFirewalls"


def firewall(name: str = "fw", address: str = "10.0.0.4", network: str = HUB, **properties: Any) -> dict[str, Any]:
    subnet = {"id": f"{network}/subnets/AzureFirewallSubnet"}
    configuration = {"properties": {"privateIPAddress": address, "subnet": subnet}}
    body = {"ipConfigurations": [configuration], "firewallPolicy": {"id": POLICY}, **properties}
    return {"id": f"{ELSEWHERE}/azureFirewalls/{name}", "properties": body}


def group(name: str, priority: int, action: str, **rule: Any) -> dict[str, Any]:
    rules = [{"ruleType": "NetworkRule", "name": "rule", "ipProtocols": ["TCP"], "destinationPorts": ["443"], **rule}]
    kind = "FirewallPolicyFilterRuleCollection"
    collection = {
        "name": f"{name}Rules",
        "priority": 700,
        "ruleCollectionType": kind,
        "action": {"type": action},
        "rules": rules,
    }
    return {"name": name, "properties": {"priority": priority, "ruleCollections": [collection]}}


def azure(**changes: Any) -> RoutedTransport:
    """A firewall in a network that is peered, in another subscription, with a policy that has a parent."""
    allowing = group("Late", 500, "Allow", sourceIpGroups=[AGENTS], destinationAddresses=["Storage"])
    denying = group("Early", 100, "Deny", sourceAddresses=["*"], destinationAddresses=["EventHub"])
    inherited = group("Parents", 900, "Deny", sourceAddresses=["*"], destinationFqdns=["x.example"])
    return RoutedTransport(
        {
            MINE: Reply(200, {"value": []}),
            THEIRS: Reply(200, {"value": [firewall("other", network=f"{HUB}2"), firewall()]}),
            f"GET {POLICY}/ruleCollectionGroups": Reply(200, {"value": [allowing, denying]}),
            f"GET {POLICY}": Reply(200, {"id": POLICY, "properties": {"basePolicy": {"id": PARENT}}}),
            f"GET {PARENT}/ruleCollectionGroups": Reply(200, {"value": [inherited]}),
            f"GET {PARENT}": Reply(200, {"id": PARENT, "properties": {}}),
            f"GET {AGENTS}": Reply(200, {"id": AGENTS, "properties": {"ipAddresses": ["10.0.1.0/24"]}}),
            **changes,
        }
    )


def read(transport: RoutedTransport, address: str = "10.0.0.4", vnet: Any = CONNECTED) -> Any:
    return read_firewalls(arm_over(transport), [address], VNET, vnet).get(address)


def test_rules_come_in_the_order_in_which_they_are_asked() -> None:
    def rule(name: str, access: str, **what: Any) -> SecurityRule:
        return SecurityRule(name, 700, access, protocol="TCP", destination_ports=("443",), **what)

    parents = rule("ParentsRules/rule", "Deny", destinations=(), hosts=("x.example",))
    early = rule("EarlyRules/rule", "Deny", destinations=("EventHub",))
    late = rule("LateRules/rule", "Allow", sources=("10.0.1.0/24",), destinations=("Storage",))
    assert read(azure()) == FirewallFacts(
        id=ResourceId("hub", "hub", "fw"),
        collections=(
            FirewallCollection("ParentsRules", 700, (parents,), "Parents", inherited=True),
            FirewallCollection("EarlyRules", 700, (early,), "Early"),
            FirewallCollection("LateRules", 700, (late,), "Late"),
        ),
        policy=ResourceId("hub", "hub", "mypolicy"),
        groups=(("Early", 100), ("Late", 500)),
        taken=(("Late", "LateRules", 700), ("Early", "EarlyRules", 700)),
    )


@pytest.mark.parametrize(
    ("address", "vnet"),
    [("10.0.0.9", CONNECTED), ("10.0.0.4", VnetFacts(ResourceId.parse(VNET), "westus2", peered=(f"{HUB}3",)))],
    ids=["another address", "the same address in a network that is not connected"],
)
def test_another_appliance_is_none_of_azures(address: str, vnet: VnetFacts) -> None:
    assert read(azure(), address, vnet) is None


HUB_NETWORK = f"{ELSEWHERE}/virtualNetworks/HV_myhub_1234"


def in_hub(name: str, address: str = "10.9.0.4") -> dict[str, Any]:
    where = {"id": f"{ELSEWHERE}/virtualHubs/h"}
    return firewall(name, ipConfigurations=None, virtualHub=where, hubIPAddresses={"privateIPAddress": address})


def read_among(*bodies: dict[str, Any], address: str = "10.9.0.4", vnet: Any = CONNECTED) -> Any:
    return read(azure(**{THEIRS: Reply(200, {"value": list(bodies)})}), address, vnet)


def test_one_in_a_hub_of_virtual_wan_is_known_by_its_address() -> None:
    assert read_among(in_hub("inhub")).id.name == "inhub"


def test_one_in_a_hub_is_known_where_the_network_is_connected_to_the_hub() -> None:
    connected = replace(CONNECTED, peered=(HUB, HUB_NETWORK), prefixes=("10.0.0.0/16",))
    assert read_among(in_hub("inhub"), vnet=connected).id.name == "inhub"


@pytest.mark.parametrize("order", [1, -1])
def test_one_in_a_network_that_is_connected_beats_one_in_a_hub_with_its_address(order: int) -> None:
    bodies = [firewall("near", address="10.0.0.4"), in_hub("inhub", "10.0.0.4")]
    assert read_among(*bodies[::order], address="10.0.0.4").id.name == "near"


@pytest.mark.parametrize(
    "vnet",
    [replace(CONNECTED, prefixes=("10.9.0.0/16",)), replace(CONNECTED, peered_prefixes=("10.9.0.0/16",))],
    ids=["its own addresses", "those of a peered network"],
)
def test_an_appliance_in_these_networks_is_not_the_firewall_of_a_hub_elsewhere(vnet: VnetFacts) -> None:
    assert read_among(in_hub("inhub"), vnet=vnet) is None


@pytest.mark.parametrize(
    "bodies",
    [[in_hub("one"), in_hub("other")], [firewall("one", "10.9.0.4"), firewall("other", "10.9.0.4")]],
    ids=["hubs", "connected networks"],
)
def test_of_several_with_the_address_none_is_taken(bodies: list[dict[str, Any]]) -> None:
    assert str(read_among(*bodies)) == "several firewalls have this address"


def test_no_firewall_of_a_hub_is_taken_where_the_addresses_of_the_network_are_not_known() -> None:
    unread = Unreadable("Microsoft.Network/virtualNetworks/read")
    mine = {MINE: Reply(200, {"value": [in_hub("inhub")]})}
    assert read(azure(**mine), "10.9.0.4", unread) == unread


LACKING = arm_error(
    403,
    "AuthorizationFailed",
    "The client 'x' with object id 'y' does not have authorization to perform action"
    " 'Microsoft.Network/ipGroups/read' over scope 'z' or the scope is invalid.",
)


@pytest.mark.parametrize(
    ("changes", "permission"),
    [
        ({MINE: arm_error(403, "Forbidden", "No.")}, None),
        ({THEIRS: arm_error(403, "Forbidden", "No.")}, "Microsoft.Network/azureFirewalls/read"),
        ({f"GET {POLICY}": arm_error(403, "Forbidden", "No.")}, "Microsoft.Network/firewallPolicies/read"),
        ({f"GET {AGENTS}": LACKING}, "Microsoft.Network/ipGroups/read"),
    ],
    ids=["firewalls beside the one", "the firewalls there", "policy", "IP group"],
)
def test_what_may_not_be_read_names_the_permission(changes: dict[str, Reply], permission: str | None) -> None:
    found = read(azure(**changes))
    assert (found.permission if isinstance(found, Unreadable) else None) == permission


def test_a_policy_that_is_gone_is_not_a_firewall_that_lets_nothing_through() -> None:
    found = read(azure(**{f"GET {POLICY}": arm_error(404, "ResourceNotFound", "It was not found.")}))
    assert isinstance(found, Unreadable)


def test_nothing_is_asked_where_no_route_leads_to_an_appliance() -> None:
    table = RouteTableFacts(
        ResourceId.parse(f"{NETWORK}/routeTables/t"),
        (RouteFacts("a", "0.0.0.0/0", "Internet"), RouteFacts("b", "10.0.0.0/8", "VirtualAppliance", "10.0.0.4")),
    )
    transport = azure()
    assert next_hops(table) == {"10.0.0.4"}
    assert next_hops(None) == set()
    assert read_firewalls(arm_over(transport), next_hops(None), VNET, CONNECTED) == {}
    assert not transport.requests
