"""Readable cases of Azure's rules: service tags, default rules, and which rule is named."""

from __future__ import annotations

import pytest

from azext_acrpool.health.facts import SecurityRule
from azext_acrpool.health.network.intervals import parse_addresses
from azext_acrpool.health.network.nsg import Decision, Traffic, Verdict, evaluate
from azext_acrpool.health.network.service_tags import Coverage, Destination, tag_coverage

STORAGE = Destination("Storage", "Storage", "westus2")
ENTRA_ID = Destination("AzureActiveDirectory", "AzureActiveDirectory")
SWISS = Destination("Storage", "Storage", "switzerlandnorth")
FRONT_DOOR = Destination("AzureFrontDoor.FirstParty", "AzureFrontDoor.FirstParty")
HUB = Destination("registry-1.docker.io")


@pytest.mark.parametrize(
    ("tag", "there", "coverage"),
    [
        ("Storage", STORAGE, Coverage.ALL),
        ("storage.WESTUS2", STORAGE, Coverage.ALL),
        ("Storage.EastUS", STORAGE, Coverage.NONE),
        ("Storage.WestUS2", Destination("Storage", "Storage"), Coverage.SOME),
        ("AzureCloud", STORAGE, Coverage.ALL),
        ("AzureCloud.WestUS2", STORAGE, Coverage.ALL),
        ("AzureCloud.eastus", STORAGE, Coverage.NONE),
        ("AzureCloud.switzerlandn", SWISS, Coverage.ALL),
        ("AzureCloud.switzerlandw", SWISS, Coverage.NONE),
        ("Internet", STORAGE, Coverage.ALL),
        ("Sql", STORAGE, Coverage.NONE),
        ("AzureCloud", ENTRA_ID, Coverage.ALL),
        ("AzureCloud.westus2", ENTRA_ID, Coverage.SOME),
        ("AzureActiveDirectoryDomainServices", ENTRA_ID, Coverage.NONE),
        ("AzureFrontDoor.FirstParty", FRONT_DOOR, Coverage.ALL),
        ("AzureFrontDoor.Frontend", FRONT_DOOR, Coverage.NONE),
        ("AzureCloud", FRONT_DOOR, Coverage.SOME),
        ("AzureCloud", HUB, Coverage.SOME),
        ("Storage", HUB, Coverage.NONE),
        ("Internet", HUB, Coverage.ALL),
    ],
)
def test_what_a_service_tag_covers(tag: str, there: Destination, coverage: Coverage) -> None:
    assert tag_coverage(tag, there) is coverage


def decide(*rules: SecurityRule, there: Destination = STORAGE, port: int = 443) -> Decision:
    return evaluate(
        rules, Traffic(parse_addresses(["10.0.1.0/24"]), there, port, vnet=parse_addresses(["10.0.0.0/16"]))
    )


def test_without_rules_of_its_own_a_group_lets_traffic_out_to_the_internet() -> None:
    decision = decide()
    assert decision.verdict is Verdict.ALLOW
    assert [rule.name for rule in decision.allowing] == ["AllowInternetOutBound"]


def test_the_smallest_priority_decides_in_whatever_order_rules_come() -> None:
    deny = SecurityRule("deny", 300, "Deny")
    allow = SecurityRule("allow", 299, "Allow", destinations=("Storage",))
    assert decide(deny, allow).allowing == (allow,)
    assert decide(allow, deny, there=ENTRA_ID).denying == (deny,)


def test_networks_that_together_are_all_public_addresses_deny_all_of_them() -> None:
    """A usual way to write "the internet" without the tag."""
    everything_public = ("0.0.0.0/5", "8.0.0.0/7", "11.0.0.0/8", "12.0.0.0/6", "16.0.0.0/4", "32.0.0.0/3", "64.0.0.0/2")
    upper = ("128.0.0.0/2", "192.0.0.0/3")
    deny = SecurityRule("deny", 300, "Deny", destinations=(*everything_public, *upper))
    assert decide(deny).verdict is Verdict.DENY


def test_two_rules_may_deny_the_subnet_together() -> None:
    halves = [
        SecurityRule("low", 300, "Deny", sources=("10.0.1.0/25",)),
        SecurityRule("high", 301, "Deny", sources=("10.0.1.128/25",)),
    ]
    decision = decide(*halves)
    assert decision.verdict is Verdict.DENY
    assert [rule.name for rule in decision.denying] == ["low", "high"]


def test_an_allowed_network_before_the_same_network_denied_changes_nothing() -> None:
    allow = SecurityRule("allow", 300, "Allow", destinations=("20.0.0.0/8",))
    deny = SecurityRule("deny", 301, "Deny", destinations=("20.0.0.0/8",))
    assert decide(allow, deny).verdict is Verdict.ALLOW


def test_private_addresses_belong_to_the_virtual_network_tag() -> None:
    dns = Destination("DNS", addresses=parse_addresses(["10.200.0.4"]))
    deny = SecurityRule("deny", 300, "Deny", destinations=("Internet",))
    assert decide(deny, there=dns, port=53).verdict is Verdict.ALLOW
    deny_vnet = SecurityRule("deny", 300, "Deny", destinations=("VirtualNetwork",))
    assert decide(deny_vnet, there=dns, port=53).verdict is Verdict.DENY


def test_members_of_a_destination_group_may_be_a_private_address_but_no_public_service() -> None:
    deny = SecurityRule("deny", 300, "Deny", destinations=(), destination_groups=("databases",))
    dns = Destination("DNS", addresses=parse_addresses(["10.0.5.4"]))
    assert decide(deny, there=dns, port=53).verdict is Verdict.UNKNOWN
    assert decide(deny).verdict is Verdict.ALLOW
