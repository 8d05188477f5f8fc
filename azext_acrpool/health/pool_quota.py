"""The quota check of a pool's health. An existing pool that goes over the default shows that the quota was raised."""

from __future__ import annotations

from dataclasses import replace

from ..pool import Pool, find_tier
from .facts import Facts, Unreadable
from .findings import Finding, Severity
from .fixes import create_command
from .pool.quota import check_quota, other_pools, use_of_quota

__all__ = ["check_pool_quota"]


def check_pool_quota(facts: Facts) -> list[Finding]:
    """vCPUs of all pools of the registry, the wanted one included, against the default quota."""
    pool = facts.pool
    tier = find_tier(pool.tier) if isinstance(pool, Pool) else None
    if tier is None or not isinstance(pool, Pool):
        return []
    check = "vCPU quota"
    if isinstance(facts.pools, Unreadable):
        return [Finding("QuotaNotChecked", Severity.NOT_CHECKED, f"Not checked: {facts.pools}.", check=check)]
    others = other_pools(pool.name, facts.pools)
    use = use_of_quota(tier, pool.count, others)
    evidence = f"{use.used} + {use.wanted} of {use.quota} {use.kind} vCPUs; --count {use.fitting} of {tier.name} fits"
    if pool.state or not use.exceeded:
        message = "The pools fit into the registry's default vCPU quota."
        if use.exceeded:
            message = "The pools need more than the default vCPU quota: the registry's must have been raised."
        return [Finding("VcpuQuota", Severity.OK, message, check=check, evidence=evidence)]
    fix: tuple[str, ...] = ()
    if use.fitting:
        fix = (create_command(facts, pool, count=use.fitting),)
    elif tier.isolated:
        fix = (create_command(facts, pool, tier="S1", count=1),)
    found = check_quota(tier, pool.count, others)
    return [replace(finding, check=check, evidence=evidence, fix=fix) for finding in found]
