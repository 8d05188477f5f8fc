"""Rules that let a pool through the network security group of its subnet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...wording import az_command
from ..facts import Facts, NsgFacts, SecurityRule
from ..fixes import place

__all__ = ["Opening", "plan_rules"]

# The priorities that a user's rules may have.
_FIRST, _LAST = 100, 4096


@dataclass(frozen=True)
class Opening:
    """Traffic that shall be let through.

    `targets` are service tags or addresses, `obstacle` the first rule in its way, `name` goes into the new rule's name.
    """

    name: str
    targets: tuple[str, ...]
    ports: tuple[int, ...]
    obstacle: SecurityRule
    protocol: str = "Tcp"


def plan_rules(facts: Facts, nsg: NsgFacts, openings: Sequence[Opening]) -> dict[Opening, tuple[str, ...]]:
    """The commands for each opening. No two of them claim the same priority, so they may be run one by one or all.

    New rules go right before the one in their way. Where no number is left there, that rule moves down, unless it would
    overtake another by that: then the opening is left out.
    """
    taken = {rule.priority for rule in nsg.rules if rule.direction.lower() == "outbound"}
    plans: dict[Opening, tuple[str, ...]] = {}
    for obstacle in dict.fromkeys(opening.obstacle for opening in openings):
        group = [opening for opening in openings if opening.obstacle == obstacle]
        numbers, moved_to = _find_numbers(obstacle.priority, len(group), taken)
        taken.update(numbers, [] if moved_to is None else [moved_to])
        move = () if moved_to is None else (_move(facts, nsg, obstacle, moved_to),)
        for opening, number in zip(group, numbers, strict=False):
            plans[opening] = (*move, _create(facts, nsg, opening, number))
    return plans


def _find_numbers(limit: int, count: int, taken: set[int]) -> tuple[list[int], int | None]:
    """`count` free priorities before `limit`, and where the rule that has `limit` must move for that, if it must."""
    free = [number for number in range(min(limit, _LAST + 1) - 1, _FIRST - 1, -1) if number not in taken]
    if len(free) >= count:
        return free[:count], None
    following = min((number for number in taken if limit < number <= _LAST), default=_LAST + 1)
    if limit + count < following:
        return list(range(limit, limit + count)), limit + count
    return [], None


def _move(facts: Facts, nsg: NsgFacts, rule: SecurityRule, priority: int) -> str:
    names = ("--nsg-name", nsg.id.name, "-n", rule.name)
    return az_command("network nsg rule update", *place(facts, nsg.id), *names, "--priority", str(priority))


def _create(facts: Facts, nsg: NsgFacts, opening: Opening, priority: int) -> str:
    return az_command(
        "network nsg rule create",
        *place(facts, nsg.id),
        *("--nsg-name", nsg.id.name),
        *("-n", _free_name(nsg, f"AllowAcrPool{opening.name}")),
        *("--priority", str(priority)),
        *("--direction", "Outbound", "--access", "Allow", "--protocol", opening.protocol),
        *("--source-address-prefixes", "VirtualNetwork"),
        *("--destination-address-prefixes", *opening.targets),
        *("--destination-port-ranges", *map(str, opening.ports)),
    )


def _free_name(nsg: NsgFacts, wanted: str) -> str:
    names = {rule.name.lower() for rule in nsg.rules}
    candidates = [wanted, *(f"{wanted}{number}" for number in range(2, len(names) + 3))]
    return next(name for name in candidates if name.lower() not in names)
