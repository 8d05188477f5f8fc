"""The rules that findings propose: run as they are, they open what was closed."""

from __future__ import annotations

import shlex
from dataclasses import replace
from datetime import datetime, timezone

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from azext_acrpool.client.registries import RegistryId
from azext_acrpool.health.checks import check_health
from azext_acrpool.health.facts import Facts, NsgFacts, ResourceId, SecurityRule, SubnetFacts, Unreadable
from azext_acrpool.health.findings import Finding

SUBNET_ID = ResourceId("s", "network", "agents", "myvnet")
NSG_ID = ResourceId("s", "network", "mynsg")


def world(rules: tuple[SecurityRule, ...]) -> Facts:
    return Facts(
        now=datetime(2026, 1, 15, tzinfo=timezone.utc),
        registry_id=RegistryId("s", "mygroup", "myregistry"),
        registry=Unreadable(),
        pool=Unreadable(),
        subnet=SubnetFacts(SUBNET_ID, ("10.0.1.0/24",)),
        nsg=NsgFacts(NSG_ID, rules),
    )


def check(facts: Facts) -> list[Finding]:
    return [finding for finding in check_health(facts) if finding.code.startswith("Nsg")]


def run(command: str, rules: tuple[SecurityRule, ...]) -> tuple[SecurityRule, ...]:
    """What `az network nsg rule create|update` does: names and, for a direction, priorities are unique."""
    words = shlex.split(command)
    options: dict[str, list[str]] = {}
    for word in words:
        if word.startswith("-"):
            options[word] = []
        elif options:
            options[list(options)[-1]].append(word)
    assert options["-g"] == ["network"]
    assert options["--nsg-name"] == ["mynsg"]
    name, priority = options["-n"][0], int(options["--priority"][0])
    others = tuple(rule for rule in rules if rule.name != name)
    assert priority not in {rule.priority for rule in others if rule.direction == "Outbound"}
    assert 100 <= priority <= 4096
    if words[4] == "update":
        moved = next(rule for rule in rules if rule.name == name)
        return (*others, replace(moved, priority=priority))
    assert len(others) == len(rules), "must not overwrite another rule"
    new = SecurityRule(
        name,
        priority,
        options["--access"][0],
        options["--direction"][0],
        options["--protocol"][0],
        tuple(options["--source-address-prefixes"]),
        destinations=tuple(options["--destination-address-prefixes"]),
        destination_ports=tuple(options["--destination-port-ranges"]),
    )
    return (*others, new)


RULES = st.builds(
    SecurityRule,
    name=st.just(""),
    priority=st.one_of(st.integers(100, 106), st.integers(4090, 4096)),
    access=st.sampled_from(["Allow", "Deny", "Deny"]),
    direction=st.sampled_from(["Outbound", "Outbound", "Inbound"]),
    sources=st.sampled_from([("*",), ("10.0.1.0/25",)]),
    destinations=st.sampled_from(
        [("*",), ("Internet",), ("Storage",), ("AzureCloud",), ("AzureMonitor",), ("20.0.0.0/8",)]
    ),
    destination_ports=st.sampled_from([("*",), ("443",), ("12000",)]),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(RULES, min_size=1, max_size=8, unique_by=lambda rule: (rule.direction, rule.priority)))
def test_all_commands_together_open_every_service(given_rules: list[SecurityRule]) -> None:
    rules = tuple(replace(rule, name=f"AllowAcrPoolStorage{number or ''}") for number, rule in enumerate(given_rules))
    before = [finding for finding in check(world(rules)) if finding.fix]
    assume(before)

    for command in (command for finding in before for command in finding.fix):
        rules = run(command, rules)

    after = {finding.code for finding in check(world(rules)) if finding.severity.value != "ok"}
    assert after.isdisjoint(finding.code for finding in before)


def test_a_single_command_mends_its_own_finding_only() -> None:
    deny = SecurityRule("DenyInternet", 200, "Deny", destinations=("Internet",))
    found = {finding.code: finding for finding in check(world((deny,)))}

    mended = {finding.code for finding in check(world(run(found["NsgBlocksStorage"].fix[0], (deny,))))}

    assert "NsgAllowsStorage" in mended
    assert "NsgBlocksEventHub" in mended


def test_a_network_in_another_subscription_is_named_in_the_command() -> None:
    facts = world((SecurityRule("DenyInternet", 200, "Deny", destinations=("Internet",)),))
    nsg = NsgFacts(replace(NSG_ID, subscription_id="other"), facts.nsg.rules if isinstance(facts.nsg, NsgFacts) else ())

    found = list(check(replace(facts, nsg=nsg)))

    assert "-g network --subscription other --nsg-name mynsg" in found[0].fix[0]


def test_of_a_subnet_without_ipv4_addresses_nothing_can_be_told() -> None:
    facts = world((SecurityRule("DenyInternet", 200, "Deny", destinations=("Internet",)),))
    found = list(check(replace(facts, subnet=SubnetFacts(SUBNET_ID, ("fd00::/64",)))))

    assert [(finding.code, finding.fix) for finding in found] == [
        (f"NsgMayBlock{service}", ())
        for service in ("AzureKeyVault", "Storage", "EventHub", "AzureActiveDirectory", "AzureMonitor")
    ]
