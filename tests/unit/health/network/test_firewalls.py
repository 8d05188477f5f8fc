"""The rules that findings propose for an Azure Firewall, and what is said where there can be none."""

from __future__ import annotations

from pathlib import Path

import pytest
from health_worlds import load_worlds, read_facts

from azext_acrpool.health.checks import check_health, why_waiting
from azext_acrpool.health.findings import Finding

WORLDS = {world.name: world for world in load_worlds(Path(__file__).parents[1] / "worlds")}
GROUPS = "az network firewall policy rule-collection-group"
POLICY = "-g network --policy-name mypolicy"
SERVICES = "AzureKeyVault Storage EventHub AzureActiveDirectory"
NETWORK_RULE = "--rule-type NetworkRule --ip-protocols TCP --source-addresses 10.0.1.0/24 --destination-addresses"


def find(name: str) -> dict[str, Finding]:
    """What is found of the firewall in a world, by code."""
    found = check_health(read_facts(WORLDS[f"firewall: {name}"].documents))
    return {finding.code: finding for finding in found if finding.code.startswith("Firewall")}


@pytest.mark.parametrize(
    ("name", "plan"),
    [
        (
            "no rule at all, with the commands for one",
            [
                f"{GROUPS} create {POLICY} -n AcrPool --priority 1000",
                (
                    f"{GROUPS} collection add-filter-collection {POLICY} --rule-collection-group-name AcrPool"
                    " -n AcrPool --collection-priority 1000 --action Allow --rule-name AllowServices443"
                    f" {NETWORK_RULE} {SERVICES} --destination-ports 443"
                ),
                (
                    f"{GROUPS} collection rule add {POLICY} --rule-collection-group-name AcrPool --collection-name"
                    f" AcrPool -n AllowAzureContainerRegistry {NETWORK_RULE} AzureContainerRegistry"
                    " --destination-ports 443"
                ),
                (
                    f"{GROUPS} collection rule add {POLICY} --rule-collection-group-name AcrPool --collection-name"
                    f" AcrPool -n AllowAzureMonitor {NETWORK_RULE} AzureMonitor --destination-ports 443 12000"
                ),
            ],
        ),
        (
            "a deny before the how-to's rules",
            [
                (
                    f"{GROUPS} collection add-filter-collection {POLICY} --rule-collection-group-name Guards -n AcrPool"
                    f" --collection-priority 498 --action Allow --rule-name AllowStorage {NETWORK_RULE} Storage"
                    " --destination-ports 443"
                ),
            ],
        ),
        (
            "rules of its own, without logs",
            [
                (
                    "az network firewall network-rule create -g network -f myfirewall --collection-name AcrPool2"
                    " -n AllowAzureMonitor --priority 1001 --action Allow --protocols TCP"
                    " --source-addresses 10.0.1.0/24 --destination-addresses AzureMonitor --destination-ports 443 12000"
                ),
            ],
        ),
        ("a deny of the parent policy", []),
        (
            "a deny of the parent policy, and no rule for the others",
            [
                f"{GROUPS} create {POLICY} -n AcrPool --priority 1000",
                (
                    f"{GROUPS} collection add-filter-collection {POLICY} --rule-collection-group-name AcrPool"
                    " -n AcrPool --collection-priority 1000 --action Allow --rule-name AllowServices443"
                    f" {NETWORK_RULE} AzureKeyVault Storage EventHub --destination-ports 443"
                ),
                (
                    f"{GROUPS} collection rule add {POLICY} --rule-collection-group-name AcrPool --collection-name"
                    f" AcrPool -n AllowAzureContainerRegistry {NETWORK_RULE} AzureContainerRegistry"
                    " --destination-ports 443"
                ),
                (
                    f"{GROUPS} collection rule add {POLICY} --rule-collection-group-name AcrPool --collection-name"
                    f" AcrPool -n AllowAzureMonitor {NETWORK_RULE} AzureMonitor --destination-ports 443 12000"
                ),
            ],
        ),
        (
            "a deny in the first collection of a group that is not the first",
            [
                f"{GROUPS} create {POLICY} -n AcrPool --priority 199",
                (
                    f"{GROUPS} collection add-filter-collection {POLICY} --rule-collection-group-name AcrPool"
                    f" -n AcrPool --collection-priority 1000 --action Allow --rule-name AllowStorage {NETWORK_RULE}"
                    " Storage --destination-ports 443"
                ),
            ],
        ),
        (
            "a deny in the first collection of the first group",
            [
                (
                    f"{GROUPS} collection add-filter-collection {POLICY} --rule-collection-group-name Guards -n AcrPool"
                    " --collection-priority 1000 --action Allow --rule-name AllowServices443"
                    f" {NETWORK_RULE} AzureKeyVault EventHub AzureActiveDirectory --destination-ports 443"
                ),
                (
                    f"{GROUPS} collection rule add {POLICY} --rule-collection-group-name Guards --collection-name"
                    f" AcrPool -n AllowAzureContainerRegistry {NETWORK_RULE} AzureContainerRegistry"
                    " --destination-ports 443"
                ),
                (
                    f"{GROUPS} collection rule add {POLICY} --rule-collection-group-name Guards --collection-name"
                    f" AcrPool -n AllowAzureMonitor {NETWORK_RULE} AzureMonitor --destination-ports 443 12000"
                ),
            ],
        ),
    ],
)
def test_rules_go_before_what_denies_and_take_no_priority_that_is_taken(name: str, plan: list[str]) -> None:
    assert [command for finding in find(name).values() for command in finding.fix] == plan


def test_without_the_commands_they_are_advice() -> None:
    with_them, without = find("no rule at all, with the commands for one"), find("no rule at all")
    for code, finding in without.items():
        assert finding.fix == ()
        assert finding.recommendation == (
            "Allow it by network rules with service tags, before any rule that denies it. With az's extension"
            f" azure-firewall (az extension add -n azure-firewall): {'; then: '.join(with_them[code].fix)}"
        )


def test_what_is_blocked_is_said_with_what_it_means() -> None:
    assert find("application rules only")["FirewallBlocks"].message == (
        "Azure Firewall 'myfirewall' blocks TCP 443 to AzureKeyVault, TCP 443 to Storage, TCP 443 to EventHub, TCP 443"
        " to AzureActiveDirectory. Without them the pool says Succeeded while its runs stay Queued for ever. The"
        " firewall's application rules, which are for host names, are not enough."
    )


@pytest.mark.parametrize(
    ("world", "code"),
    [
        ("firewall: rules of its own, without logs", "FirewallBlocksLogs"),
        ("firewall: the how-to's rules, and none for the registry", "FirewallBlocksRegistry"),
        ("routes: only the registry dropped", "RouteDropsTraffic"),
        ("routes: dropped but for service endpoints", "RouteDropsTraffic"),
    ],
)
def test_neither_lost_logs_nor_the_registry_out_of_reach_keep_a_run_waiting(world: str, code: str) -> None:
    facts = read_facts(WORLDS[world].documents)
    assert code in {finding.code for finding in check_health(facts)}
    assert code not in {finding.code for finding in why_waiting(facts)}
