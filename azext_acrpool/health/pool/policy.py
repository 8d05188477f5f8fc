"""Can the pool's autoscale policy be followed?"""

from __future__ import annotations

from collections.abc import Iterator

from ...pool import Pool
from ...scaling.errors import PolicyError
from ...scaling.policy import POLICY_TAG, Policy
from ..facts import Facts, SubnetFacts, Unreadable
from ..findings import Finding, Severity
from ..network.subnet import free_addresses
from .quota import fitting_count, use_of_quota

__all__ = ["check_policy"]

_CHECK = "Autoscale"


def check_policy(facts: Facts) -> Iterator[Finding]:
    """The policy of an existing pool can be read, and the pool can become as large as it says."""
    pool = facts.existing
    if pool is None:
        return
    try:
        policy = Policy.of(pool)
    except PolicyError as error:
        yield _unreadable(pool, error)
        return
    if policy is None:
        return
    found = [finding for finding in (_check_quota(facts, pool, policy), _check_room(facts, pool, policy)) if finding]
    yield from found
    if not found:
        message = "The pool has an autoscale policy, and nothing is known that keeps it from being followed."
        yield Finding(
            code="PolicyFollowed", severity=Severity.OK, check=_CHECK, message=message, evidence=_describe(policy)
        )


def _unreadable(pool: Pool, error: PolicyError) -> Finding:
    again = pool.az_command("autoscale enable", "--max-count", str(max(pool.count, 1)))
    return Finding(
        code="PolicyUnreadable",
        severity=Severity.WARNING,
        check=_CHECK,
        message=f"The autoscale policy of agent pool '{pool.name}' cannot be read, so that nothing scales the pool.",
        evidence=str(error),
        recommendation=f"{error} To replace it, with the bounds that you want: {again}",
    )


def _check_quota(facts: Facts, pool: Pool, policy: Policy) -> Finding | None:
    """The largest count fits into the vCPU quota: the one that the policy says, or the default."""
    pools = () if isinstance(facts.pools, Unreadable) else facts.pools
    fitting = fitting_count(pool, pools, policy.vcpu_quota)
    use, wanted = use_of_quota(pool, pools, policy.vcpu_quota), policy.largest_count
    if use is None or fitting is None or wanted <= fitting:
        return None
    which = "quota that it names" if policy.vcpu_quota else f"default quota of a registry's {use.kind} agent pools"
    return Finding(
        code="PolicyExceedsQuota",
        severity=Severity.WARNING,
        check=_CHECK,
        message=f"The autoscale policy of agent pool '{pool.name}' allows {wanted} x {use.tier.name}, and the {which},"
        f" {use.quota} vCPUs, has room for {fitting}.",
        evidence=_describe(policy),
        recommendation="Enable it again with a lower --max-count, or with the --vcpu-quota that the registry has.",
    )


def _check_room(facts: Facts, pool: Pool, policy: Policy) -> Finding | None:
    """The subnet has addresses for the largest count; the pool's machines have theirs already."""
    if not isinstance(facts.subnet, SubnetFacts):
        return None
    fitting, wanted = pool.count + max(0, free_addresses(facts.subnet)), policy.largest_count
    if wanted <= fitting:
        return None
    return Finding(
        code="PolicyExceedsSubnet",
        severity=Severity.WARNING,
        check=_CHECK,
        message=f"The autoscale policy of agent pool '{pool.name}' allows {wanted} instances, and subnet"
        f" '{facts.subnet.id.name}' has room for {fitting}.",
        evidence=_describe(policy),
        recommendation="Enable it again with a lower --max-count, or move the pool to a larger subnet.",
    )


def _describe(policy: Policy) -> str:
    return f"{POLICY_TAG}: {policy}"
