"""The sizes of agent pool instances, and how much of them a registry may have (how-to page, "Pool tiers")."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DEFAULT_VCPU_QUOTA", "TIERS", "Tier", "find_tier"]


@dataclass(frozen=True)
class Tier:
    """One size. `vcpus` and `memory_gib` are those of one instance; isolated tiers have a quota of their own."""

    name: str
    vcpus: int
    memory_gib: int
    isolated: bool = False


TIERS = {
    tier.name: tier
    for tier in (Tier("S1", 2, 3), Tier("S2", 4, 8), Tier("S3", 8, 16), Tier("I6", 64, 216, isolated=True))
}

# vCPUs of all pools of a registry together, by whether the tier is isolated. A support request raises them, and no
# service call tells what a registry's quota is: so going over is a warning, never a refusal.
DEFAULT_VCPU_QUOTA = {False: 16, True: 0}


def find_tier(name: str) -> Tier | None:
    """The tier `name` in any case, None if there is none."""
    return TIERS.get(name.upper())
