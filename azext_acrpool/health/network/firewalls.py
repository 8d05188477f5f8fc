"""Do the Azure Firewalls that routes lead to let the pool reach what it needs?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from ..facts import Facts, FirewallFacts, RegistryFacts, SecurityRule, Unreadable
from ..findings import Finding, Severity, not_checked
from .firewall_rules import Hindrance, RulePlan, plan_firewall_rules
from .intervals import parse_addresses, parse_ports
from .nsg import Decision, Verdict
from .pool_network import NO_FIREWALL_RULE, PoolNetwork, find_needed, find_network
from .service_tags import NO_REGISTRY, ONLY_LOGS, Need, RequiredService

__all__ = ["check_firewalls"]

_OUT_OF_REACH = "Without {} the pool says Succeeded while its runs stay Queued for ever."
_MEANINGS = {Need.AGENTS: _OUT_OF_REACH, Need.REGISTRY: NO_REGISTRY, Need.LOGS: ONLY_LOGS}
_NOT_BY_NAME = " The firewall's application rules, which are for host names, are not enough."
_MAYBE_BY_NAME = " No network rule matches all of it; whether its application rules let {hosts} through cannot be told."
_WITH_EXTENSION = "With az's extension azure-firewall (az extension add -n azure-firewall):"

_INSTEAD = {
    Hindrance.PARENT: "allow it in that policy",
    Hindrance.NO_ROOM: "give that rule's collection a larger number",
}

_Decisions = Mapping[RequiredService, Sequence[Decision]]


def check_firewalls(facts: Facts) -> Iterator[Finding]:
    """What each does with what the pool sends through it to services of the how-to's table and to the registry.

    For the former only network rules count (how-to: application rules have failed). What cannot be read is not checked.
    """
    network = find_network(facts)
    if network is None or network.routes is None:
        return
    for address, services in _find_sent(facts, network).items():
        firewall = facts.firewalls.get(address)
        if isinstance(firewall, Unreadable):
            yield not_checked(code="FirewallNotChecked", check="Azure Firewall", why=firewall, evidence=address)
        elif firewall is not None:
            yield from _judge(facts, network, firewall, services)


def _find_sent(facts: Facts, network: PoolNetwork) -> dict[str, list[RequiredService]]:
    """Which services are sent to which address of a virtual appliance."""
    sent: dict[str, list[RequiredService]] = {}
    for service in find_needed(facts):
        ways = network.ways(service.destination(facts.region), service.endpoint)
        for address in dict.fromkeys(way.route.next_hop_address for way in ways if way.route):
            sent.setdefault(address, []).append(service)
    return sent


def _judge(
    facts: Facts, network: PoolNetwork, firewall: FirewallFacts, services: Sequence[RequiredService]
) -> Iterator[Finding]:
    """A finding for all services that are as badly off, the worst first, and one for those that are let through."""
    decided: _Decisions = {service: _decide(facts, network, firewall, service) for service in services}
    bad = [(kind, affected) for kind in _KINDS if (affected := kind.of(decided))]
    plans = plan_firewall_rules(facts, network.subnet, firewall, [affected for _, affected in bad])
    for (kind, affected), plan in zip(bad, plans, strict=True):
        yield _obstructed(facts, firewall, kind, affected, plan)
    allowed = {service: found for service, found in decided.items() if _worst(found) is Verdict.ALLOW}
    if allowed:
        yield Finding(
            code="FirewallAllows",
            severity=Severity.OK,
            check="Azure Firewall",
            message=f"Azure Firewall '{firewall.id.name}' lets {_list_traffic(allowed)} through.",
            evidence=_describe(firewall, allowed),
        )


def _decide(
    facts: Facts, network: PoolNetwork, firewall: FirewallFacts, service: RequiredService
) -> Sequence[Decision]:
    """What becomes of traffic to each port. Where no network rule matches, application rules may know the registry."""
    decisions = [network.decide_at(firewall, service.destination(facts.region), port) for port in service.ports]
    if service.need is not Need.REGISTRY or not firewall.lets_hosts_through:
        return decisions
    by_name = _rules_for_registry(facts, network, firewall)
    return [_decide_by_name(one, by_name) if _is_unmatched(one) else one for one in decisions]


def _decide_by_name(decision: Decision, by_name: Sequence[SecurityRule]) -> Decision:
    """What application rules make of what no network rule matches: those that let the registry through, if known."""
    if by_name and len(decision.obstacles) == 1:
        return Decision(Verdict.ALLOW, allowing=(*decision.allowing, *by_name))
    return replace(decision, verdict=Verdict.UNKNOWN)


def _rules_for_registry(facts: Facts, network: PoolNetwork, firewall: FirewallFacts) -> list[SecurityRule]:
    """The application rules that let all of the subnet reach all hosts of the registry, none where one may deny it."""
    if not all(rule.allows for rule in firewall.application_rules):
        return []
    subnet = parse_addresses(network.subnet.prefixes)
    applying = [
        rule
        for rule in firewall.application_rules
        if 443 in parse_ports(rule.destination_ports)
        and ("*" in rule.sources or not subnet - parse_addresses(rule.sources))
    ]
    found = [
        next((rule for rule in applying if any(fnmatchcase(host, named.lower()) for named in rule.hosts)), None)
        for host in _registry_hosts(facts)
    ]
    return [rule for rule in dict.fromkeys(found) if rule] if all(found) else []


def _registry_hosts(facts: Facts) -> list[str]:
    registry = facts.registry
    hosts = (registry.login_server, *registry.data_hosts) if isinstance(registry, RegistryFacts) else ()
    return [host.lower() for host in hosts if host]


def _is_unmatched(decision: Decision) -> bool:
    return any(rule.name == NO_FIREWALL_RULE for rule in decision.denying)


@dataclass(frozen=True, kw_only=True)
class _Kind:
    """How badly off services are, and what the pool needs them for."""

    code: str
    verdict: Verdict
    does: str
    need: Need
    severity: Severity

    def of(self, decided: _Decisions) -> _Decisions:
        """Those that are so."""
        return {
            service: decisions
            for service, decisions in decided.items()
            if service.need is self.need and _worst(decisions) is self.verdict
        }


_KINDS = (
    _Kind(code="FirewallBlocks", verdict=Verdict.DENY, does="blocks", need=Need.AGENTS, severity=Severity.ERROR),
    _Kind(
        code="FirewallBlocksRegistry", verdict=Verdict.DENY, does="blocks", need=Need.REGISTRY, severity=Severity.ERROR
    ),
    _Kind(
        code="FirewallMayBlock", verdict=Verdict.UNKNOWN, does="may block", need=Need.AGENTS, severity=Severity.WARNING
    ),
    _Kind(
        code="FirewallMayBlockRegistry",
        verdict=Verdict.UNKNOWN,
        does="may block",
        need=Need.REGISTRY,
        severity=Severity.WARNING,
    ),
    _Kind(code="FirewallBlocksLogs", verdict=Verdict.DENY, does="blocks", need=Need.LOGS, severity=Severity.WARNING),
    _Kind(
        code="FirewallMayBlockLogs",
        verdict=Verdict.UNKNOWN,
        does="may block",
        need=Need.LOGS,
        severity=Severity.WARNING,
    ),
)


def _worst(decisions: Sequence[Decision]) -> Verdict:
    verdicts = {decision.verdict for decision in decisions}
    return next(verdict for verdict in (Verdict.DENY, Verdict.UNKNOWN, Verdict.ALLOW) if verdict in verdicts)


def _obstructed(facts: Facts, firewall: FirewallFacts, kind: _Kind, affected: _Decisions, plan: RulePlan) -> Finding:
    name = firewall.id.name
    traffic, by_name = _list_traffic(affected), ""
    meaning = _MEANINGS[kind.need].format("it" if len(affected) == 1 else "them")
    if firewall.lets_hosts_through and kind.need is not Need.REGISTRY:
        by_name = _NOT_BY_NAME
    elif any(_is_unmatched(one) for decisions in affected.values() for one in decisions):
        maybe = _MAYBE_BY_NAME.format(hosts=" and ".join(_registry_hosts(facts)) or "the registry")
        by_name = maybe if firewall.lets_hosts_through else ""
    advice = " ".join(("Allow it by network rules with service tags, before any rule that denies it.", *_hinder(plan)))
    if plan.commands and not facts.firewall_commands:
        advice = f"{advice} {_WITH_EXTENSION} {'; then: '.join(plan.commands)}"
    return Finding(
        code=kind.code,
        severity=kind.severity,
        check="Azure Firewall",
        message=f"Azure Firewall '{name}' {kind.does} {traffic}. {meaning}{by_name}",
        evidence=_describe(firewall, affected),
        recommendation=advice,
        fix=plan.commands if facts.firewall_commands else (),
        brief=f"'{name}' {kind.does} ",
        subjects=tuple(service.tag for service in affected),
    )


def _hinder(plan: RulePlan) -> Iterator[str]:
    """For which services there are no commands, and why."""
    for hindrance, todo in _INSTEAD.items():
        services = [service.tag for service, found in plan.hindered.items() if found is hindrance]
        if services:
            yield f"In the way of {', '.join(services)} is {hindrance.value}: {todo}."


def _list_traffic(services: Iterable[RequiredService]) -> str:
    return ", ".join(f"TCP {','.join(map(str, service.ports))} to {service.tag}" for service in services)


def _describe(firewall: FirewallFacts, decided: _Decisions) -> str:
    """The rules that decide, in the order in which they are asked."""
    parts: list[str] = []
    for decision in (decision for decisions in decided.values() for decision in decisions):
        parts += [f"{rule.name} allows" for rule in decision.allowing]
        parts += [
            "no network rule matches" if rule.name == NO_FIREWALL_RULE else f"{rule.name} denies"
            for rule in decision.denying
        ]
        parts += [f"{rule.name} may {'allow' if rule.allows else 'deny'}" for rule in decision.uncertain]
    return f"{firewall.id.name}: {', '.join(dict.fromkeys(parts))}"
