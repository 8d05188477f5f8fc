"""What is asked before a pool is created or changed, which takes minutes: about the request, and about what is there.

What is asked about the registry and the network around a wanted pool is `checks.check_before_create`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from ..client.arm import GREATEST_INTEGER
from ..pool import TIERS, Pool, find_tier
from ..wording import printable
from .findings import Finding, Severity
from .fixes import create_command, update_command
from .network.subnet import invalid_subnet_id
from .pool.quota import quota_exceeded, use_of_quota
from .pool.state import pool_busy, pool_failed

__all__ = [
    "USAGE_CODES",
    "check_count",
    "check_existing",
    "check_immutable",
    "check_pool_name",
    "check_request",
    "check_tier",
    "check_update",
]

# What the user typed is wrong in itself, whatever Azure looks like.
USAGE_CODES = frozenset({"InvalidPoolName", "InvalidTier", "InvalidCount", "InvalidSubnetId"})


def check_request(wanted: Pool) -> list[Finding]:
    """What is wrong with a wanted pool in itself."""
    found = (
        check_pool_name(wanted.name),
        check_tier(wanted.tier),
        check_count(wanted.count),
        invalid_subnet_id(wanted.subnet_id),
    )
    return [finding for finding in found if finding]


def check_pool_name(name: str) -> Finding | None:
    """3 to 20 letters, digits and hyphens (service's specification, AgentPoolName)."""
    if re.fullmatch(r"[a-zA-Z0-9-]{3,20}", name):
        return None
    return Finding(
        code="InvalidPoolName",
        severity=Severity.ERROR,
        check="Pool name",
        message=f"'{printable(name)}' cannot be the name of an agent pool: it must be 3 to 20 letters, digits and"
        " hyphens.",
        evidence=name,
        recommendation="Choose another --name.",
    )


def check_tier(tier: str) -> Finding | None:
    """One of the tiers, in any case."""
    if find_tier(tier):
        return None
    sizes = ", ".join(f"{known.name} {known.vcpus} vCPUs and {known.memory_gib} GiB" for known in TIERS.values())
    return Finding(
        code="InvalidTier",
        severity=Severity.ERROR,
        check="Tier",
        message=f"There is no tier '{printable(tier)}'. There are {', '.join(TIERS)}.",
        evidence=tier,
        recommendation=f"For each instance, choose --tier by its size: {sizes}.",
    )


def check_count(count: int) -> Finding | None:
    """Zero or more instances, as many as the service's numbers can say (specification: int32)."""
    if 0 <= count <= GREATEST_INTEGER:
        return None
    return Finding(
        code="InvalidCount",
        severity=Severity.ERROR,
        check="Count",
        message=f"An agent pool cannot have a count of {count}.",
        evidence=str(count),
        recommendation="Use --count 0 for none, or a positive number.",
    )


def check_update(pool: Pool, count: int | None, pools: Sequence[Pool]) -> Finding | None:
    """What speaks against changing `pool`, to `count` instances unless None. `pools` are all of the registry's."""
    if pool.is_failed:
        return pool_failed(pool)
    if pool.is_changing:
        return pool_busy(pool, Severity.ERROR)
    if count is None or count <= pool.count:
        return None
    use = use_of_quota(replace(pool, count=count), pools)
    return quota_exceeded(use) if use and use.exceeded else None


def check_existing(existing: Pool, wanted: Pool, defaults: Collection[str] = ()) -> Finding | None:
    """Why creating `wanted` cannot end with it although there is a pool of its name; None if it can.

    A pool that is still being created or updated may become what is wanted; its count and tags already show it.
    `defaults` as in `check_immutable`.
    """
    if existing.is_failed:
        return pool_failed(existing)
    if existing.is_being_deleted:
        return pool_busy(existing, Severity.ERROR)
    return check_immutable(existing, wanted, defaults)


def check_immutable(existing: Pool, wanted: Pool, defaults: Collection[str] = ()) -> Finding | None:
    """What the two differ in that a pool keeps for its life (service's specification: PATCH takes count and tags).

    `defaults` are those of tier, os and subnet that nobody asked for.
    """
    compared = (
        ("tier", existing.tier, wanted.tier),
        ("os", existing.os, wanted.os),
        ("subnet", (existing.subnet_id or "").rstrip("/"), (wanted.subnet_id or "").rstrip("/")),
    )
    differing = [
        f"{what} {has or '(none)'} instead of {wants or '(none)'}{' (the default)' if what in defaults else ''}"
        for what, has, wants in compared
        if has.lower() != wants.lower()
    ]
    if not differing:
        return None
    again = wanted if wanted.tags is not None else replace(wanted, tags=existing.tags)
    scale = f"scale this one as it is (`{update_command(existing, wanted.count)}`), "
    return Finding(
        code="ImmutableDiffers",
        severity=Severity.ERROR,
        check="Existing pool",
        message=f"Agent pool '{existing.name}' exists already, with {' and '.join(differing)}. A pool's tier, os and"
        " subnet cannot be changed.",
        evidence=f"{existing.name}: {existing.tier}, {existing.os}",
        recommendation=f"Create a pool of another name, {scale if wanted.count != existing.count else ''}or delete this"
        " one and create it again:",
        fix=(existing.az_command("delete"), create_command(again)),
    )
