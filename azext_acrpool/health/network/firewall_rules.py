"""Network rules that let a pool through an Azure Firewall, as commands of az's extension azure-firewall."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...wording import az_command
from ..facts import Facts, FirewallCollection, FirewallFacts, SubnetFacts
from ..fixes import free_name, place
from .nsg import Decision
from .service_tags import RequiredService

__all__ = ["plan_firewall_rules"]

# The priorities that collections, and groups of them, may have; the one that is taken where any would do.
_FIRST, _LAST, _USUAL = 100, 65000, 1000
_NAME = "AcrPool"

_Blocked = Mapping[RequiredService, Sequence[Decision]]


def plan_firewall_rules(
    facts: Facts, subnet: SubnetFacts, firewall: FirewallFacts, blocked: Sequence[_Blocked]
) -> list[tuple[str, ...]]:
    """The commands for each of `blocked`, one after the other: all rules go into one new collection.

    It comes before every rule that is in the way. Where that cannot be, as a parent policy's rules come first or no
    priority is left, there are no commands.
    """
    slot = _find_slot(firewall, _obstacles(firewall, blocked))
    if slot is None:
        return [()] * len(blocked)
    writer = _Writer(facts, subnet, firewall, slot)
    return [tuple(writer.write(services)) for services in blocked]


@dataclass(frozen=True)
class _Slot:
    """Where the new collection goes: `new_group` if the policy has no group yet."""

    group: str
    priority: int
    name: str
    new_group: bool = False


def _obstacles(firewall: FirewallFacts, blocked: Iterable[_Blocked]) -> list[FirewallCollection]:
    """The collections with rules that deny, or may, as they are asked; that none matches is in nobody's way."""
    collections = [collection for collection in firewall.collections for _ in collection.rules]
    numbers = {
        rule.priority
        for services in blocked
        for decisions in services.values()
        for decision in decisions
        for rule in decision.obstacles
    }
    return [collections[number] for number in sorted(numbers) if number < len(collections)]


def _find_slot(firewall: FirewallFacts, obstacles: Sequence[FirewallCollection]) -> _Slot | None:
    if any(collection.inherited for collection in obstacles):
        return None
    group = obstacles[0].group if obstacles else next(iter(firewall.groups), "")
    new_group = firewall.policy is not None and not group
    group = _NAME if new_group else group
    taken = {priority for name, _, priority in firewall.taken if name == group}
    wanted = range(obstacles[0].priority - 1, _FIRST - 1, -1) if obstacles else range(_USUAL, _LAST + 1)
    priority = next((number for number in wanted if number not in taken), None)
    name = free_name(_NAME, [name for holder, name, _ in firewall.taken if holder == group])
    return None if priority is None else _Slot(group, priority, name, new_group)


@dataclass
class _Writer:
    """Writes the commands for one collection: the first rule makes it."""

    facts: Facts
    subnet: SubnetFacts
    firewall: FirewallFacts
    slot: _Slot
    begun: bool = False

    def write(self, services: Iterable[RequiredService]) -> Iterator[str]:
        """Commands for rules that let these through: services with the same ports are in one."""
        by_ports: dict[tuple[int, ...], list[str]] = {}
        for service in services:
            by_ports.setdefault(service.ports, []).append(service.tag)
        for ports, tags in by_ports.items():
            yield from self._rule(tags, ports)
            self.begun = True

    def _rule(self, tags: Sequence[str], ports: Sequence[int]) -> Iterator[str]:
        name = f"Allow{tags[0]}" if len(tags) == 1 else f"AllowServices{'And'.join(map(str, ports))}"
        traffic = (
            *("--source-addresses", *self.subnet.prefixes),
            *("--destination-addresses", *tags),
            *("--destination-ports", *map(str, ports)),
        )
        if self.firewall.policy is None:
            yield self._classic(name, traffic)
            return
        where = (*place(self.facts, self.firewall.policy), "--policy-name", self.firewall.policy.name)
        groups = "network firewall policy rule-collection-group"
        if self.slot.new_group and not self.begun:
            yield az_command(f"{groups} create", *where, "-n", self.slot.group, "--priority", str(_USUAL))
        where = (*where, "--rule-collection-group-name", self.slot.group)
        kind = ("--rule-type", "NetworkRule", "--ip-protocols", "TCP")
        if self.begun:
            names = ("--collection-name", self.slot.name, "-n", name)
            yield az_command(f"{groups} collection rule add", *where, *names, *kind, *traffic)
            return
        collection = ("-n", self.slot.name, "--collection-priority", str(self.slot.priority), "--action", "Allow")
        rule = ("--rule-name", name)
        yield az_command(f"{groups} collection add-filter-collection", *where, *collection, *rule, *kind, *traffic)

    def _classic(self, name: str, traffic: tuple[str, ...]) -> str:
        where = (*place(self.facts, self.firewall.id), "-f", self.firewall.id.name)
        new = () if self.begun else ("--priority", str(self.slot.priority), "--action", "Allow")
        names = ("--collection-name", self.slot.name, "-n", name)
        return az_command("network firewall network-rule create", *where, *names, *new, "--protocols", "TCP", *traffic)
