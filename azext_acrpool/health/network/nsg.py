"""What a network security group does with traffic that leaves a subnet.

Rules are asked in the order of their priority, smallest first; the first that matches decides. Azure's default rules
come last. Source: Azure's "Network security groups overview" page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from ..facts import SecurityRule
from .intervals import NOTHING, PUBLIC_ADDRESSES, IntervalSet, parse_addresses, parse_ports
from .service_tags import Coverage, Destination, tag_coverage

__all__ = ["DEFAULT_OUTBOUND_RULES", "Decision", "Traffic", "Verdict", "evaluate"]

DEFAULT_OUTBOUND_RULES = (
    SecurityRule("AllowVnetOutBound", 65000, "Allow", sources=("VirtualNetwork",), destinations=("VirtualNetwork",)),
    SecurityRule("AllowInternetOutBound", 65001, "Allow", destinations=("Internet",)),
    SecurityRule("DenyAllOutBound", 65500, "Deny"),
)

# From where programs open connections; a rule for a single source port never matches all of them.
_CLIENT_PORTS = IntervalSet(((1024, 65535),))
_ANY_ADDRESS = ("*", "any")


class Verdict(str, Enum):
    """UNKNOWN: a part of the traffic is allowed and a part denied, or it cannot be told."""

    ALLOW = "allow"
    DENY = "deny"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Traffic:
    """Connections from `source` (the subnet's addresses) to one port of `destination`.

    `vnet` is the address space of the virtual network; `routed` are the destinations of user-defined routes, which
    Azure counts as part of its VirtualNetwork tag.
    """

    source: IntervalSet
    destination: Destination
    port: int
    protocol: str = "Tcp"
    vnet: IntervalSet = NOTHING
    routed: IntervalSet = NOTHING


@dataclass(frozen=True)
class Decision:
    """The verdict and the rules behind it, each in the order of priority.

    `allowing` and `denying` rules decide over a part of the traffic; whether `uncertain` ones match cannot be told.
    """

    verdict: Verdict
    allowing: tuple[SecurityRule, ...] = ()
    denying: tuple[SecurityRule, ...] = ()
    uncertain: tuple[SecurityRule, ...] = ()

    @property
    def obstacles(self) -> tuple[SecurityRule, ...]:
        """The rules that deny, or may."""
        return _by_priority([*self.denying, *(rule for rule in self.uncertain if not rule.allows)])


def evaluate(
    rules: Iterable[SecurityRule], traffic: Traffic, defaults: Sequence[SecurityRule] = DEFAULT_OUTBOUND_RULES
) -> Decision:
    """Decide over all of `traffic`: ALLOW and DENY only if that is what happens to every connection of it.

    The `defaults`, of which the last matches everything, are added where `rules` lack them.
    """
    matches = [match for rule in _in_order(rules, defaults) if (match := _match(rule, traffic))]
    pieces: list[_Piece] = []
    for source in _cells([traffic.source], [match.sources for match in matches]):
        for ports in _cells([_CLIENT_PORTS], [match.source_ports for match in matches]):
            applying = [m for m in matches if not source - m.sources and not ports - m.source_ports]
            pieces += _walk(applying, traffic.destination.addresses)
    return _conclude(pieces)


@dataclass(frozen=True)
class _Match:
    """Which traffic a rule matches: `certain` destinations, and those that it `may` match besides."""

    rule: SecurityRule
    sources: IntervalSet
    source_ports: IntervalSet
    certain: IntervalSet
    may: IntervalSet


@dataclass(frozen=True)
class _Piece:
    """A part of the traffic, the rule that decides over it, and the rules that may have done so before."""

    decider: SecurityRule
    doubts: tuple[SecurityRule, ...]

    @property
    def outcomes(self) -> set[bool]:
        return {rule.allows for rule in (self.decider, *self.doubts)}


def _in_order(rules: Iterable[SecurityRule], defaults: Sequence[SecurityRule]) -> list[SecurityRule]:
    outbound = [rule for rule in rules if rule.direction.lower() == "outbound"]
    present = {rule.priority for rule in outbound}
    outbound += [rule for rule in defaults if rule.priority not in present]
    return sorted(outbound, key=lambda rule: rule.priority)


def _match(rule: SecurityRule, traffic: Traffic) -> _Match | None:
    if rule.protocol.lower() not in ("*", "any", traffic.protocol.lower()):
        return None
    if traffic.port not in parse_ports(rule.destination_ports):
        return None
    certain, may = _destinations(rule, traffic)
    if rule.source_groups:
        # Which machines are members is not known here.
        sources, certain, may = traffic.source, NOTHING, certain | may
    else:
        sources = _sources(rule.sources, traffic.source)
    source_ports = parse_ports(rule.source_ports) & _CLIENT_PORTS
    if not sources or not source_ports or not certain | may:
        return None
    return _Match(rule, sources, source_ports, certain, may - certain)


def _sources(texts: Sequence[str], subnet: IntervalSet) -> IntervalSet:
    """A subnet's addresses are in VirtualNetwork and in no other service tag."""
    if any(text.lower() in (*_ANY_ADDRESS, "virtualnetwork") for text in texts):
        return subnet
    return parse_addresses(texts) & subnet


def _destinations(rule: SecurityRule, traffic: Traffic) -> tuple[IntervalSet, IntervalSet]:
    """Which addresses of the destination the rule matches, and which it may match.

    Members of an application security group are machines in the virtual network: which is not known here, but no
    public service is among them.
    """
    everywhere = traffic.destination.addresses
    certain = parse_addresses(rule.destinations) & everywhere
    may = everywhere - PUBLIC_ADDRESSES if rule.destination_groups else NOTHING
    may = may | (everywhere & PUBLIC_ADDRESSES) if rule.hosts else may
    for text in rule.destinations:
        if text.lower() in _ANY_ADDRESS:
            certain = everywhere
        elif text.lower() == "virtualnetwork":
            # Private addresses are reached, if at all, in this network or one connected to it, and those belong to it.
            certain = certain | (everywhere & traffic.vnet) | (everywhere - PUBLIC_ADDRESSES)
            may = may | (everywhere & traffic.routed)
        elif text[:1].isalpha():
            coverage = tag_coverage(text, traffic.destination)
            reached = everywhere & PUBLIC_ADDRESSES
            if coverage is Coverage.ALL:
                certain = certain | reached
            elif coverage is Coverage.SOME:
                may = may | reached
    return certain, may


def _cells(cells: list[IntervalSet], sets: Iterable[IntervalSet]) -> list[IntervalSet]:
    """`cells` cut up so that each is either inside or outside every one of `sets`."""
    for cutter in set(sets):
        cells = [part for cell in cells for part in cell.split(cutter)]
    return cells


def _walk(matches: Sequence[_Match], destination: IntervalSet) -> list[_Piece]:
    """Let rule after rule take its part of the destination's addresses. The last default rule takes all."""
    pieces: list[_Piece] = []
    waiting: list[tuple[IntervalSet, tuple[SecurityRule, ...]]] = [(destination, ())]
    for match in matches:
        still_waiting: list[tuple[IntervalSet, tuple[SecurityRule, ...]]] = []
        for addresses, doubts in waiting:
            if addresses & match.certain:
                pieces.append(_Piece(match.rule, doubts))
            rest = addresses - match.certain
            if doubtful := rest & match.may:
                still_waiting.append((doubtful, (*doubts, match.rule)))
            if untouched := rest - match.may:
                still_waiting.append((untouched, doubts))
        waiting = still_waiting
    return pieces


def _conclude(pieces: Sequence[_Piece]) -> Decision:
    outcomes = {outcome for piece in pieces for outcome in piece.outcomes}
    verdict = Verdict.UNKNOWN
    if len(outcomes) == 1:
        verdict = Verdict.ALLOW if True in outcomes else Verdict.DENY
    deciders = {piece.decider for piece in pieces}
    doubts = {doubt for piece in pieces for doubt in piece.doubts if len(piece.outcomes) > 1}
    return Decision(
        verdict,
        allowing=_by_priority(rule for rule in deciders if rule.allows),
        denying=_by_priority(rule for rule in deciders if not rule.allows),
        uncertain=_by_priority(doubts),
    )


def _by_priority(rules: Iterable[SecurityRule]) -> tuple[SecurityRule, ...]:
    return tuple(sorted(set(rules), key=lambda rule: rule.priority))
