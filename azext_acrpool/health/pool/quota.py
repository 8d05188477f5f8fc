"""Do the pools of a registry fit into its vCPU quota?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ...pool import DEFAULT_VCPU_QUOTA, Pool, Tier, find_tier
from ..findings import Finding, Severity

__all__ = ["SUPPORT_REQUEST_URL", "QuotaUse", "check_quota", "other_pools", "use_of_quota"]

SUPPORT_REQUEST_URL = "https://aka.ms/acr/support/create-ticket"


@dataclass(frozen=True)
class QuotaUse:
    """vCPUs of a registry's pools of one kind, standard or isolated.

    `used` by the other pools, `wanted` by the pool in question, `quota` the default for them together. `fitting` is the
    largest count of the pool's tier that fits beside the others.
    """

    tier: Tier
    used: int
    wanted: int
    quota: int

    @property
    def kind(self) -> str:
        """What the quota is for."""
        return "isolated" if self.tier.isolated else "standard"

    @property
    def fitting(self) -> int:
        """The largest count that fits."""
        return max(0, self.quota - self.used) // self.tier.vcpus

    @property
    def exceeded(self) -> bool:
        """Whether the pool, if it has instances at all, goes over the quota."""
        return self.wanted > 0 and self.used + self.wanted > self.quota


def use_of_quota(tier: Tier, count: int, others: Iterable[Pool]) -> QuotaUse:
    """What `count` instances of `tier` and the other pools need of the registry's default quota."""
    used = 0
    for pool in others:
        other = find_tier(pool.tier)
        if other and other.isolated == tier.isolated:
            used += other.vcpus * pool.count
    return QuotaUse(tier, used, tier.vcpus * count, DEFAULT_VCPU_QUOTA[tier.isolated])


def other_pools(name: str, pools: Iterable[Pool]) -> list[Pool]:
    """All of `pools` but the one called `name`."""
    return [pool for pool in pools if pool.name.lower() != name.lower()]


def check_quota(tier: Tier, count: int, others: Sequence[Pool]) -> list[Finding]:
    """Going over the default vCPU quota, of which no call tells whether it was raised."""
    use = use_of_quota(tier, count, others)
    if not use.exceeded:
        return []
    with_others = f"; with the {use.used} of other pools that makes {use.used + use.wanted} vCPUs" if use.used else ""
    fits = f"At most --count {use.fitting} fits." if use.fitting else "Not even one instance fits."
    return [
        Finding(
            "VcpuQuotaExceeded",
            Severity.WARNING,
            f"{count} x {tier.name} are {use.wanted} vCPUs{with_others}, and the default quota of a registry's"
            f" {use.kind} agent pools is {use.quota}. {fits}",
            f"If the registry's quota was not raised, ask for more at {SUPPORT_REQUEST_URL}",
        )
    ]
