"""Network rules that let a pool through an Azure Firewall, as commands of az's extension azure-firewall."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from ...wording import az_command
from ..facts import Facts, FirewallCollection, FirewallFacts, SubnetFacts
from ..fixes import free_name, place
from .nsg import Decision
from .service_tags import RequiredService

__all__ = ["Hindrance", "RulePlan", "plan_firewall_rules"]

# The priorities that collections, and groups of them, may have; the one that is taken where any would do.
_FIRST, _LAST, _USUAL = 100, 65000, 1000
_NAME = "AcrPool"

_Blocked = Mapping[RequiredService, Sequence[Decision]]


class Hindrance(str, Enum):
    """Why no rule of the firewall's own can let traffic through: what is in the way."""

    PARENT = "a rule of a parent policy, which is asked first"
    NO_ROOM = "a rule before which no priority is free"


@dataclass(frozen=True)
class RulePlan:
    """The commands that let services through, and why there are none for others of them."""

    commands: tuple[str, ...]
    hindered: Mapping[RequiredService, Hindrance]


def plan_firewall_rules(
    facts: Facts, subnet: SubnetFacts, firewall: FirewallFacts, blocked: Sequence[_Blocked]
) -> list[RulePlan]:
    """What there is to do for each of `blocked`, one after the other: all rules go into one new collection.

    It comes before every rule that is in the way of those. A service for which that cannot be has no rule there.
    """
    hindered = {
        service: hindrance
        for services in blocked
        for service, decisions in services.items()
        if (hindrance := _find_hindrance(firewall, _obstacles(firewall, decisions)))
    }
    possible = [{one: found for one, found in services.items() if one not in hindered} for services in blocked]
    decisions = [decision for services in possible for found in services.values() for decision in found]
    slot = _find_slot(firewall, _obstacles(firewall, decisions))
    # As there is room before each of the obstacles, there is before the first.
    writer = _Writer(facts, subnet, firewall, slot) if slot else None
    return [
        RulePlan(
            commands=tuple(writer.write(services)) if writer else (),
            hindered={service: hindered[service] for service in whole if service in hindered},
        )
        for services, whole in zip(possible, blocked, strict=True)
    ]


@dataclass(frozen=True)
class _Slot:
    """Where the new collection goes: into a new group if that has a `group_priority`."""

    group: str
    priority: int
    name: str
    group_priority: int | None = None


def _obstacles(firewall: FirewallFacts, decisions: Iterable[Decision]) -> list[FirewallCollection]:
    """The collections with rules that deny, or may, as they are asked; that none matches is in nobody's way."""
    collections = [collection for collection in firewall.collections for _ in collection.rules]
    numbers = {rule.priority for decision in decisions for rule in decision.obstacles}
    return [collections[number] for number in sorted(numbers) if number < len(collections)]


def _find_hindrance(firewall: FirewallFacts, obstacles: Sequence[FirewallCollection]) -> Hindrance | None:
    if any(collection.inherited for collection in obstacles):
        return Hindrance.PARENT
    return None if _find_slot(firewall, obstacles) else Hindrance.NO_ROOM


def _find_slot(firewall: FirewallFacts, obstacles: Sequence[FirewallCollection]) -> _Slot | None:
    """In the group of the first of the obstacles if there is room before it, else in a new group before that one."""
    if firewall.policy is not None and not firewall.groups:
        return _Slot(_NAME, _USUAL, _NAME, group_priority=_USUAL)
    group = obstacles[0].group if obstacles else next((name for name, _ in firewall.groups), "")
    taken = {priority for name, _, priority in firewall.taken if name == group}
    priority = _free_before(obstacles[0].priority, taken) if obstacles else _free_from(_USUAL, taken)
    if priority is not None:
        names = [name for holder, name, _ in firewall.taken if holder == group]
        return _Slot(group, priority, free_name(_NAME, names))
    before = next((number for name, number in firewall.groups if name == group), None)
    new = None if before is None else _free_before(before, {number for _, number in firewall.groups})
    if new is None:
        return None
    return _Slot(free_name(_NAME, [name for name, _ in firewall.groups]), _USUAL, _NAME, group_priority=new)


def _free_before(limit: int, taken: Container[int]) -> int | None:
    return next((number for number in range(limit - 1, _FIRST - 1, -1) if number not in taken), None)


def _free_from(first: int, taken: Container[int]) -> int | None:
    return next((number for number in range(first, _LAST + 1) if number not in taken), None)


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
        if self.slot.group_priority is not None and not self.begun:
            number = str(self.slot.group_priority)
            yield az_command(f"{groups} create", *where, "-n", self.slot.group, "--priority", number)
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
