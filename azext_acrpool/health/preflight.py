"""Whether an agent pool can be created or scaled, from facts that can be had before the minutes-long operation."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..pool import TIERS, Pool, find_tier
from .facts import ResourceId, is_subnet_id
from .findings import Finding, Severity
from .pool.quota import check_quota, other_pools
from .pool.state import check_state
from .registry import PREVIEW_REGIONS

__all__ = [
    "USAGE_CODES",
    "CreateFacts",
    "check_count",
    "check_create",
    "check_pool_name",
    "check_region",
    "check_request",
    "check_sku",
    "check_subnet_id",
    "check_subscription",
    "check_tier",
    "check_update",
]

# What the user typed is wrong in itself, whatever Azure looks like.
USAGE_CODES = frozenset({"InvalidPoolName", "InvalidTier", "InvalidCount", "InvalidSubnetId"})


@dataclass(frozen=True)
class CreateFacts:
    """What is wanted, and where.

    `registry` is its name; `subscription_id`, `sku` and `location` are the registry's. `offered_regions`: display
    names, by name, of the regions that offer agent pools, None if they could not be read. `pools`: the registry's,
    None if they could not be read.
    """

    wanted: Pool
    registry: str
    subscription_id: str
    sku: str
    location: str
    offered_regions: Mapping[str, str] | None
    pools: Sequence[Pool] | None


def check_request(wanted: Pool) -> list[Finding]:
    """What is wrong with a wanted pool in itself."""
    return [
        *check_pool_name(wanted.name),
        *check_tier(wanted.tier),
        *check_count(wanted.count),
        *check_subnet_id(wanted.subnet_id),
    ]


def check_create(facts: CreateFacts) -> list[Finding]:
    """What speaks against creating the pool in this registry; `check_request` is the rest."""
    wanted = facts.wanted
    found = [*check_sku(facts.registry, facts.sku), *check_region(facts.location, facts.offered_regions)]
    found += check_subscription(wanted.subnet_id, facts.subscription_id)
    tier = find_tier(wanted.tier)
    if tier and facts.pools is not None:
        found += check_quota(tier, wanted.count, other_pools(wanted.name, facts.pools))
    return found


def check_update(pool: Pool, count: int | None, pools: Sequence[Pool]) -> list[Finding]:
    """What speaks against changing `pool`, to `count` instances unless None. `pools` are all of the registry's."""
    found = check_state(pool)
    tier = find_tier(pool.tier)
    if not found and tier and count is not None and count > pool.count:
        found += check_quota(tier, count, other_pools(pool.name, pools))
    return found


def check_pool_name(name: str) -> list[Finding]:
    """3 to 20 letters, digits and hyphens (service's specification, AgentPoolName)."""
    if re.fullmatch(r"[a-zA-Z0-9-]{3,20}", name):
        return []
    return [
        Finding(
            "InvalidPoolName",
            Severity.ERROR,
            f"'{name}' cannot be the name of an agent pool: it must be 3 to 20 letters, digits and hyphens.",
            "Choose another --name.",
        )
    ]


def check_tier(tier: str) -> list[Finding]:
    """One of the tiers, in any case."""
    if find_tier(tier):
        return []
    sizes = ", ".join(f"{known.name} {known.vcpus} vCPUs and {known.memory_gib} GiB" for known in TIERS.values())
    return [
        Finding(
            "InvalidTier",
            Severity.ERROR,
            f"There is no tier '{tier}'. There are {', '.join(TIERS)}.",
            f"For each instance, choose --tier by its size: {sizes}.",
        )
    ]


def check_count(count: int) -> list[Finding]:
    """Zero or more instances."""
    if count >= 0:
        return []
    message = f"An agent pool cannot have a count of {count}."
    return [Finding("InvalidCount", Severity.ERROR, message, "Use --count 0 for none, or a positive number.")]


def check_subnet_id(subnet_id: str | None) -> list[Finding]:
    """The ARM ID of a subnet, of a classic network too."""
    if not subnet_id or is_subnet_id(subnet_id):
        return []
    return [
        Finding(
            "InvalidSubnetId",
            Severity.ERROR,
            f"'{subnet_id}' is not the resource ID of a subnet, which looks like"
            " /subscriptions/../resourceGroups/../providers/Microsoft.Network/virtualNetworks/../subnets/..",
            "Get it with: az network vnet subnet show -g RESOURCE_GROUP --vnet-name VNET -n SUBNET --query id -o tsv",
        )
    ]


def check_sku(registry: str, sku: str) -> list[Finding]:
    """Premium, the only tier of registries that has agent pools."""
    if not sku or sku.lower() == "premium":
        return []
    return [
        Finding(
            "RegistryNotPremium",
            Severity.ERROR,
            f"Agent pools need a Premium registry; '{registry}' is {sku}.",
            f"Upgrade it with: az acr update --name {registry} --sku Premium",
        )
    ]


def check_region(location: str, offered_regions: Mapping[str, str] | None) -> list[Finding]:
    """One of the regions that offer agent pools; the documented ones count if they could not be read (None)."""
    # Metadata that lists no region at all says nothing about this one.
    known = bool(offered_regions)
    regions = offered_regions or PREVIEW_REGIONS
    if not location or location in regions:
        return []
    source = "" if known else " as far as is documented (which regions do could not be read)"
    return [
        Finding(
            "RegionWithoutAgentPools",
            Severity.ERROR if known else Severity.WARNING,
            f"The registry's region {location} does not offer agent pools{source}.",
            f"Use a registry in one of: {', '.join(sorted(regions.values()))}.",
        )
    ]


def check_subscription(subnet_id: str | None, subscription_id: str) -> list[Finding]:
    """The registry's subscription."""
    if not subnet_id or not is_subnet_id(subnet_id):
        return []
    elsewhere = ResourceId.parse(subnet_id).subscription_id
    if elsewhere.lower() == subscription_id.lower():
        return []
    return [
        Finding(
            "SubnetInOtherSubscription",
            Severity.WARNING,
            f"The subnet is in subscription {elsewhere}, the registry in {subscription_id}."
            " Whether the service accepts that is not documented.",
            "If the create fails, use a subnet in the registry's subscription.",
        )
    ]
