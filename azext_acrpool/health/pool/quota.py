"""Do the pools of a registry fit into its vCPU quota?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ...pool import DEFAULT_VCPU_QUOTA, Pool, Tier, find_tier
from ..facts import Facts, Unreadable
from ..findings import Finding, Severity, not_checked
from .state import once_mended

__all__ = ["QuotaUse", "check_quota", "fitting_count", "quota_exceeded", "use_of_quota"]

_SUPPORT_REQUEST_URL = "https://aka.ms/acr/support/create-ticket"
_CHECK = "vCPU quota"


@dataclass(frozen=True)
class QuotaUse:
    """What a pool of a known `tier` needs of its registry's vCPU quota, beside the `used` vCPUs of the others.

    Pools of standard and of isolated tiers have a quota each. `given` is that of the pool's kind, None for the default.
    """

    pool: Pool
    tier: Tier
    used: int
    given: int | None = None

    @property
    def wanted(self) -> int:
        """The pool's own vCPUs."""
        return self.pool.vcpus or 0

    @property
    def quota(self) -> int:
        """For all pools of its kind together."""
        return DEFAULT_VCPU_QUOTA[self.tier.isolated] if self.given is None else self.given

    @property
    def kind(self) -> str:
        """What the quota is for."""
        return "isolated" if self.tier.isolated else "standard"

    @property
    def fitting(self) -> int:
        """The largest count of the pool's tier that fits beside the others."""
        return max(0, self.quota - self.used) // self.tier.vcpus

    @property
    def exceeded(self) -> bool:
        """Whether the pool, if it has instances at all, goes over the quota."""
        return self.wanted > 0 and self.used + self.wanted > self.quota

    @property
    def raised(self) -> bool:
        """Whether the other pools alone show that the registry has more than that."""
        return self.used > self.quota

    def __str__(self) -> str:
        parts = f"{self.used} + {self.wanted} of {self.quota} {self.kind} vCPUs"
        return f"{parts}; --count {self.fitting} of {self.tier.name} fits"


def use_of_quota(pool: Pool, pools: Iterable[Pool], quota: int | None = None) -> QuotaUse | None:
    """What `pool` needs of the quota beside the other `pools` of its registry; None if its tier is not known.

    `pool` may be among them, with another count. `quota` is the registry's, None for the default.
    """
    tier = find_tier(pool.tier)
    if tier is None:
        return None
    used = 0
    for other in pools:
        others = find_tier(other.tier)
        if others and others.isolated == tier.isolated and other.name.lower() != pool.name.lower():
            used += other.vcpus or 0
    return QuotaUse(pool, tier, used, quota)


def fitting_count(pool: Pool, pools: Iterable[Pool], quota: int | None = None) -> int | None:
    """How many instances of `pool`, as it is now, the quota has room for beside the other `pools`; None for any.

    That is where nothing tells what the quota is: the tier is not known, the pools need more already than it is said
    to be, or it is the default of isolated pools, of which whoever has one has more.
    """
    use = use_of_quota(pool, pools, quota)
    if use is None or use.exceeded or use.raised or not use.quota:
        return None
    return use.fitting


def check_quota(facts: Facts) -> Finding | None:
    """vCPUs of all pools of the registry, the wanted one included, against the default quota.

    An existing pool that goes over it shows that the quota was raised; one that waits for instances is judged as what
    would mend it makes it.
    """
    pool = facts.pool
    if not isinstance(pool, Pool):
        return None
    if isinstance(facts.pools, Unreadable):
        return not_checked(code="QuotaNotChecked", check=_CHECK, why=facts.pools)
    mended = once_mended(facts)
    use = use_of_quota(mended or pool, facts.pools)
    if use is None:
        return None
    if use.exceeded and (facts.wanted or (mended and not use.raised)):
        return quota_exceeded(use)
    message = "The pools fit into the registry's default vCPU quota."
    if use.exceeded:
        message = "The pools need more than the default vCPU quota: the registry's must have been raised."
    return Finding(code="VcpuQuota", severity=Severity.OK, check=_CHECK, message=message, evidence=str(use))


def quota_exceeded(use: QuotaUse) -> Finding:
    """The pool goes over the default quota, of which no call tells whether it was raised."""
    total = use.used + use.wanted
    with_others = f"; with the {use.used} of other pools that makes {total} vCPUs" if use.used else ""
    fits = f"At most --count {use.fitting} fits." if use.fitting else "Not even one instance fits."
    return Finding(
        code="VcpuQuotaExceeded",
        severity=Severity.WARNING,
        check=_CHECK,
        message=f"{use.pool.count} x {use.tier.name} are {use.wanted} vCPUs{with_others}, and the default quota of a"
        f" registry's {use.kind} agent pools is {use.quota}. {fits}",
        evidence=str(use),
        recommendation=f"If the registry's quota was not raised, ask for more at {_SUPPORT_REQUEST_URL}",
        brief=f"{use.pool.count} x {use.tier.name} are {use.wanted} of {use.quota} vCPUs"
        + (f", {use.used} are taken" if use.used else ""),
        hinders=True,
    )
