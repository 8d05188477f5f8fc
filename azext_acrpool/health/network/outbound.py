"""Does the subnet's network security group let the pool reach what it needs?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..facts import Facts, Missing, NsgFacts, RegistryFacts, SubnetFacts, Unreadable, VnetFacts
from ..findings import Finding, Severity
from .intervals import parse_addresses
from .nsg import Decision, Verdict
from .outbound_rules import Opening, plan_rules
from .pool_network import PoolNetwork, find_network
from .service_tags import REQUIRED_SERVICES, Destination

__all__ = ["check_outbound", "describe_decisions"]

# The host's own address; Azure's documentation of network security groups, "Azure platform considerations".
AZURE_DNS = "168.63.129.16"


@dataclass(frozen=True)
class _Need:
    """Something that the pool must reach. `name` goes into codes, `consequence` says what happens without it."""

    name: str
    destination: Destination
    ports: tuple[int, ...]
    consequence: str
    severity: Severity = Severity.ERROR
    protocol: str = "Tcp"
    targets: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        ports = ",".join(map(str, self.ports))
        return f"{self.destination.name} {ports}"


def check_outbound(facts: Facts) -> list[Finding]:
    """One finding for each service of the how-to's table, for the registry and for custom DNS servers."""
    network = find_network(facts)
    if network is None:
        return []
    if facts.nsg is None:
        return [
            Finding(
                "NsgNone",
                Severity.OK,
                "The subnet has no network security group: nothing is filtered there.",
                check="NSG",
                evidence=f"subnet {network.subnet.id.name}",
            )
        ]
    if isinstance(facts.nsg, Unreadable):
        return [Finding("NsgNotChecked", Severity.NOT_CHECKED, f"Not checked: {facts.nsg}.", check="NSG")]
    if isinstance(facts.nsg, Missing):
        message = "Not checked: the network security group that the subnet names does not exist."
        return [Finding("NsgNotChecked", Severity.NOT_CHECKED, message, check="NSG", evidence=facts.nsg.resource_id)]
    return _check_needs(facts, facts.nsg, network, _needs(facts, network))


def describe_decisions(nsg: NsgFacts, decisions: Sequence[Decision]) -> str:
    """The rules that decide, by name and priority."""
    parts: list[str] = []
    for decision in decisions:
        rules = (
            *((rule, "allows") for rule in decision.allowing),
            *((rule, "denies") for rule in decision.denying),
            *((rule, f"may {'allow' if rule.allows else 'deny'}") for rule in decision.uncertain),
        )
        parts += [f"{rule.name} ({rule.priority}) {does}" for rule, does in rules]
    return f"{nsg.id.name}: " + ", ".join(dict.fromkeys(parts))


def _needs(facts: Facts, network: PoolNetwork) -> list[_Need]:
    region = facts.registry.location if isinstance(facts.registry, RegistryFacts) else ""
    needs = []
    for service in REQUIRED_SERVICES:
        consequence = (
            "Without it the pool says Succeeded while its runs stay Queued for ever, and turns Failed later."
            if service.essential
            else "The pool may seem to work, but its diagnostic logs are lost, and support can't help."
        )
        severity = Severity.ERROR if service.essential else Severity.WARNING
        needs.append(_Need(service.tag, service.destination(region), service.ports, consequence, severity))
    return [*needs, *_registry_need(facts, network), *_dns_needs(facts)]


def _registry_need(facts: Facts, network: PoolNetwork) -> list[_Need]:
    """The how-to's table leaves the registry out, but runs pull from it and push to it.

    Where its private endpoint is isn't known: assumed in the pool's virtual network.
    """
    if not isinstance(facts.registry, RegistryFacts):
        return []
    consequence = "Runs start, but can neither pull from this registry nor push to it."
    if facts.registry.private_endpoints:
        endpoint = Destination("the registry's private endpoint", addresses=network.vnet_addresses)
        need = _Need("PrivateEndpoint", endpoint, (443,), consequence, Severity.WARNING, targets=("VirtualNetwork",))
    else:
        registry = Destination("AzureContainerRegistry", "AzureContainerRegistry", facts.registry.location)
        need = _Need("AzureContainerRegistry", registry, (443,), consequence, Severity.WARNING)
    return [need]


def _dns_needs(facts: Facts) -> list[_Need]:
    """Azure's own DNS is not subject to network security groups; other servers are."""
    servers = facts.vnet.dns_servers if isinstance(facts.vnet, VnetFacts) else ()
    servers = tuple(server for server in servers if server != AZURE_DNS)
    if not servers:
        return []
    destination = Destination("CustomDns", addresses=parse_addresses(servers))
    consequence = "Without name resolution the pool reaches nothing: its runs stay Queued."
    return [_Need("CustomDns", destination, (53,), consequence, protocol="Udp", targets=servers)]


def _check_needs(facts: Facts, nsg: NsgFacts, network: PoolNetwork, needs: Sequence[_Need]) -> list[Finding]:
    decided = {need: [network.decide(need.destination, port, need.protocol) for port in need.ports] for need in needs}
    openings = {
        need: Opening(
            need.name,
            need.targets or (need.destination.tag,),
            need.ports,
            min((rule for decision in decisions for rule in decision.obstacles), key=lambda rule: rule.priority),
            need.protocol,
        )
        for need, decisions in decided.items()
        if any(decision.verdict is not Verdict.ALLOW for decision in decisions)
    }
    plans = plan_rules(facts, nsg, list(openings.values()))
    return [
        _finding(nsg, network.subnet, need, decisions, plans.get(openings[need], ()) if need in openings else ())
        for need, decisions in decided.items()
    ]


def _finding(
    nsg: NsgFacts, subnet: SubnetFacts, need: _Need, decisions: Sequence[Decision], fix: tuple[str, ...]
) -> Finding:
    evidence = describe_decisions(nsg, decisions)
    check = f"NSG: {need.label}"
    traffic = f"{need.protocol.upper()} {','.join(map(str, need.ports))} to {need.destination.name}"
    verdicts = {decision.verdict for decision in decisions}
    if verdicts == {Verdict.ALLOW}:
        message = f"Network security group '{nsg.id.name}' allows {traffic}."
        return Finding(f"NsgAllows{need.name}", Severity.OK, message, check=check, evidence=evidence)
    advice = "Allow it before the rule that denies it."
    if not fix:
        advice = "No priority is free before the rule that denies it: give that rule a larger number, then allow it."
    if Verdict.DENY in verdicts:
        message = f"Network security group '{nsg.id.name}' blocks {traffic}. {need.consequence}"
        return Finding(f"NsgBlocks{need.name}", need.severity, message, advice, check, evidence, fix)
    message = (
        f"Network security group '{nsg.id.name}' may block {traffic} for a part of subnet '{subnet.id.name}' or of the"
        f" service's addresses; which can't be told from here. {need.consequence}"
    )
    return Finding(f"NsgMayBlock{need.name}", Severity.WARNING, message, advice, check, evidence, fix)
