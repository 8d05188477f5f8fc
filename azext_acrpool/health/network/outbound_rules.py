"""Rules that let a pool through the network security group of its subnet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ...wording import az_command
from ..facts import Facts, NsgFacts, SecurityRule
from ..findings import Opening
from ..fixes import free_name, place

__all__ = ["plan_rules"]

# The priorities that a user's rules may have.
_FIRST, _LAST = 100, 4096


def plan_rules(facts: Facts, nsg: NsgFacts, openings: Iterable[Opening]) -> dict[Opening, tuple[str, ...]]:
    """The commands for each opening: no two claim the same priority or name, and the same traffic is let through once.

    They may be run one opening after another, or all. New rules go right before the first one in their way. Where no
    number is left there, that rule moves down, unless it would overtake another by that: then the opening is left out.
    """
    wanted = list(dict.fromkeys(openings))
    needs = _merge(wanted)
    taken = {rule.priority for rule in nsg.rules if rule.direction.lower() == "outbound"}
    names = {rule.name for rule in nsg.rules}
    plans: dict[_Traffic, tuple[str, ...]] = {}
    for obstacle in dict.fromkeys(need.obstacle for need in needs):
        group = [need for need in needs if need.obstacle == obstacle]
        numbers, moved_to = _find_numbers(obstacle.priority, len(group), taken)
        taken.update(numbers, [] if moved_to is None else [moved_to])
        move = () if moved_to is None else (_move(facts, nsg, obstacle, moved_to),)
        for need, number in zip(group, numbers, strict=False):
            name = free_name(f"AllowAcrPool{need.name}", names)
            names.add(name)
            plans[_Traffic.of(need)] = (*move, _create(facts, nsg, need, name, number))
    return {opening: plan for opening in wanted if (plan := plans.get(_Traffic.of(opening)))}


@dataclass(frozen=True)
class _Traffic:
    """What a rule lets through."""

    targets: tuple[str, ...]
    ports: tuple[int, ...]
    protocol: str

    @classmethod
    def of(cls, opening: Opening) -> _Traffic:
        return cls(opening.targets, opening.ports, opening.protocol)


def _merge(openings: Sequence[Opening]) -> list[Opening]:
    """One opening for the same traffic, by the name of the first of them and before the first rule in any one's way."""
    merged: dict[_Traffic, Opening] = {}
    for opening in openings:
        known = merged.setdefault(_Traffic.of(opening), opening)
        if opening.obstacle.priority < known.obstacle.priority:
            merged[_Traffic.of(opening)] = replace(known, obstacle=opening.obstacle)
    return list(merged.values())


def _find_numbers(limit: int, count: int, taken: set[int]) -> tuple[list[int], int | None]:
    """`count` free priorities before `limit`, and where the rule that has `limit` must move for that, if it must."""
    free = [number for number in range(min(limit, _LAST + 1) - 1, _FIRST - 1, -1) if number not in taken]
    if len(free) >= count:
        return free[:count], None
    following = min((number for number in taken if limit < number <= _LAST), default=_LAST + 1)
    if limit + count < following:
        return list(range(limit, limit + count)), limit + count
    return free, None


def _move(facts: Facts, nsg: NsgFacts, rule: SecurityRule, priority: int) -> str:
    names = ("--nsg-name", nsg.id.name, "-n", rule.name)
    return az_command("network nsg rule update", *place(facts, nsg.id), *names, "--priority", str(priority))


def _create(facts: Facts, nsg: NsgFacts, opening: Opening, name: str, priority: int) -> str:
    return az_command(
        "network nsg rule create",
        *place(facts, nsg.id),
        *("--nsg-name", nsg.id.name, "-n", name),
        *("--priority", str(priority)),
        *("--direction", "Outbound", "--access", "Allow", "--protocol", opening.protocol),
        *("--source-address-prefixes", "VirtualNetwork"),
        *("--destination-address-prefixes", *opening.targets),
        *("--destination-port-ranges", *map(str, opening.ports)),
    )
