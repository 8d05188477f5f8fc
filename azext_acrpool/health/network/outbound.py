"""Does the subnet's network security group let the pool reach what it needs?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..facts import Facts, Missing, NsgFacts, RegistryFacts, Unreadable, VnetFacts
from ..findings import Finding, Opening, Severity, not_checked
from .intervals import parse_addresses
from .nsg import Decision, Verdict
from .pool_network import PoolNetwork, find_needed, find_network, is_registry_private
from .service_tags import NO_REGISTRY, ONLY_LOGS, Destination, Need
from .vnet import usable_dns_servers

__all__ = ["ALLOW_BEFORE", "AZURE_DNS", "NO_ROOM_BEFORE", "check_nsg", "check_outbound", "describe_decisions"]

# What to do about a rule that is in the way, and where there is no number for another before it.
ALLOW_BEFORE = "Allow it before the rule that denies it."
NO_ROOM_BEFORE = "No priority is free before the rule that denies it: give that rule a larger number, then allow it."

# The host's own address; Azure's documentation of network security groups, "Azure platform considerations".
AZURE_DNS = "168.63.129.16"


@dataclass(frozen=True, kw_only=True)
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
    def port_list(self) -> str:
        return ",".join(map(str, self.ports))


def check_nsg(facts: Facts) -> Finding | None:
    """The subnet's network security group, if it names one, is there and may be read."""
    nsg, network = facts.nsg, find_network(facts)
    if network is None:
        return None
    if isinstance(nsg, Unreadable):
        return not_checked(code="NsgNotChecked", check="NSG", why=nsg)
    if isinstance(nsg, Missing):
        why = "the network security group that the subnet names does not exist"
        return not_checked(code="NsgNotChecked", check="NSG", why=why, evidence=nsg.resource_id)
    if nsg is not None:
        return None
    return Finding(
        code="NsgNone",
        severity=Severity.OK,
        check="NSG",
        message="The subnet has no network security group: nothing is filtered there.",
        evidence=f"subnet {network.subnet.id.name}",
    )


def check_outbound(facts: Facts) -> Iterator[Finding]:
    """One finding for each service of the how-to's table, for the registry and for custom DNS servers."""
    nsg, network = facts.nsg, find_network(facts)
    if network is None or not isinstance(nsg, NsgFacts):
        return
    for need in _needs(facts, network):
        decisions = [network.decide(need.destination, port, need.protocol) for port in need.ports]
        yield _judge(nsg, network, need, decisions)


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


# What it means that a service is blocked.
_CONSEQUENCES = {
    Need.AGENTS: "Without it the pool says Succeeded while its runs stay Queued for ever, and turns Failed later.",
    Need.REGISTRY: NO_REGISTRY,
    Need.LOGS: ONLY_LOGS,
}


def _needs(facts: Facts, network: PoolNetwork) -> Iterator[_Need]:
    for service in find_needed(facts):
        yield _Need(
            name=service.tag,
            destination=service.destination(facts.region),
            ports=service.ports,
            consequence=_CONSEQUENCES[service.need],
            severity=Severity.ERROR if service.essential else Severity.WARNING,
        )
    if isinstance(facts.registry, RegistryFacts) and is_registry_private(facts, facts.registry):
        yield _Need(
            name="PrivateEndpoint",
            destination=Destination("the registry's private endpoint", addresses=network.vnet_addresses),
            ports=(443,),
            consequence=NO_REGISTRY,
            targets=("VirtualNetwork",),
        )
    # Azure's own DNS is not subject to network security groups; other servers are.
    servers = usable_dns_servers(facts.vnet) if isinstance(facts.vnet, VnetFacts) else ()
    if servers := tuple(server for server in servers if server != AZURE_DNS):
        yield _Need(
            name="CustomDns",
            destination=Destination("the custom DNS servers", addresses=parse_addresses(servers)),
            ports=(53,),
            consequence="Without name resolution the pool reaches nothing: its runs stay Queued.",
            protocol="Udp",
            targets=servers,
        )


def _open(need: _Need, decisions: Sequence[Decision]) -> tuple[Opening, ...]:
    """What would have to be let through, nothing if no rule is in the way, so far as can be told."""
    obstacles = [rule for decision in decisions for rule in decision.obstacles]
    if not obstacles:
        return ()
    return (
        Opening(
            name=need.name,
            targets=need.targets or (need.destination.tag,),
            ports=need.ports,
            obstacle=min(obstacles, key=lambda rule: rule.priority),
            protocol=need.protocol,
        ),
    )


def _judge(nsg: NsgFacts, network: PoolNetwork, need: _Need, decisions: Sequence[Decision]) -> Finding:
    verdicts = {decision.verdict for decision in decisions}
    group, traffic = nsg.id.name, f"{need.protocol.upper()} {need.port_list} to {need.destination.name}"
    check, evidence = f"NSG: {need.destination.name} {need.port_list}", describe_decisions(nsg, decisions)
    if verdicts == {Verdict.ALLOW}:
        return Finding(
            code=f"NsgAllows{need.name}",
            severity=Severity.OK,
            check=check,
            message=f"Network security group '{group}' allows {traffic}.",
            evidence=evidence,
        )
    openings = _open(need, decisions)
    advice = ALLOW_BEFORE if openings else NO_ROOM_BEFORE
    if Verdict.DENY in verdicts:
        return Finding(
            code=f"NsgBlocks{need.name}",
            severity=need.severity,
            check=check,
            message=f"Network security group '{group}' blocks {traffic}. {need.consequence}",
            evidence=evidence,
            recommendation=advice,
            brief=f"'{group}' blocks ",
            subjects=(need.destination.name,),
            openings=openings,
            otherwise=NO_ROOM_BEFORE,
        )
    return Finding(
        code=f"NsgMayBlock{need.name}",
        severity=Severity.WARNING,
        check=check,
        message=f"Network security group '{group}' may block {traffic} for a part of subnet"
        f" '{network.subnet.id.name}' or of the service's addresses; which cannot be told from here."
        f" {need.consequence}",
        evidence=evidence,
        recommendation=advice,
        brief=f"'{group}' may block ",
        subjects=(need.destination.name,),
        openings=openings,
        otherwise=NO_ROOM_BEFORE,
    )
