"""What an agent pool may be. Texts nobody has recorded are assumed; those that are known say so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..world.regions import normalize_location
from ..world.specs import TIERS, World
from ..world.state import AgentPool, AzureState, Registry
from .errors import ArmError, invalid_content, invalid_input, status_conflict
from .messages import new_location, section
from .resource_types import REGISTRY_TYPE

__all__ = ["check_new_pool", "check_quota", "check_unchanged", "read_count", "refuse_while_busy"]

POOL_NAME = re.compile(r"[a-zA-Z0-9-]{3,20}")
"""SDK: length 3 to 20, ^[a-zA-Z0-9-]*$."""

SUBNET_ID = re.compile(
    r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.Network/virtualNetworks/[^/]+/subnets/[^/]+", re.I
)


def check_new_pool(state: AzureState, registry: Registry, name: str, body: Mapping[str, Any]) -> None:
    """Refuse what a new pool may not be. Raises ArmError."""
    if not POOL_NAME.fullmatch(name):
        raise invalid_input("agentPoolCreateParameters", f"Name:'{name}' must be 3 to 20 letters, digits or hyphens.")
    _check_location(state.world, new_location(body))
    if registry.spec.sku != "Premium":
        raise invalid_input("agentPoolCreateParameters", f"Sku:Agent pools need Premium, not {registry.spec.sku}.")
    properties = section(body, "properties")
    tier, os_name = properties.get("tier") or "S1", properties.get("os") or "Linux"
    if str(tier).upper() not in TIERS:
        known = ", ".join(TIERS)
        raise invalid_input("agentPoolCreateParameters", f"Tier:Invalid value '{tier}'. Supported values are ({known})")
    if str(os_name).lower() != "linux":
        raise invalid_input("agentPoolCreateParameters", f"OS:Invalid value '{os_name}'. Supported values are (Linux)")
    _check_subnet(state, properties.get("virtualNetworkSubnetResourceId"))
    check_quota(registry, name, str(tier).upper(), read_count(properties))


def _check_location(world: World, location: str) -> None:
    """The refusal of a region is as reported."""
    regions = [normalize_location(region) for region in world.agent_pool_regions]
    if normalize_location(location) not in regions:
        raise ArmError(
            400,
            "LocationNotAvailableForResourceType",
            f"The provided location '{location}' is not available for resource type "
            f"'{REGISTRY_TYPE}/agentPools'. "
            f"List of available regions for the resource type is '{','.join(regions)}'.",
        )


def _check_subnet(state: AzureState, subnet_id: Any) -> None:
    if subnet_id is None:
        return
    if not isinstance(subnet_id, str) or not SUBNET_ID.fullmatch(subnet_id):
        raise invalid_input(
            "agentPoolCreateParameters", f"VirtualNetworkSubnetResourceId:'{subnet_id}' is no subnet ID."
        )
    if state.world.subnets and subnet_id not in state.documents:
        raise invalid_input("agentPoolCreateParameters", f"VirtualNetworkSubnetResourceId:'{subnet_id}' was not found.")


def read_count(properties: Mapping[str, Any], default: int = 1) -> int:
    """The number of instances asked for. Raises ArmError unless it is a whole number from 0 up."""
    count = properties.get("count")
    if count is None:
        return default
    if isinstance(count, bool) or not isinstance(count, int):
        raise invalid_content("'count' must be a whole number.")
    if count < 0:
        raise invalid_input("agentPoolParameters", f"Count:Invalid value {count}. It must not be negative.")
    return count


def check_quota(registry: Registry, name: str, tier: str, count: int) -> None:
    """The registry's vCPU quota over all standard or all isolated pools (amounts: how-to; code and text: assumed)."""
    isolated = TIERS[tier].isolated
    quota = registry.spec.isolated_vcpu_quota if isolated else registry.spec.standard_vcpu_quota
    others = sum(
        TIERS[pool.tier].cpu * pool.count
        for pool in registry.pools.values()
        if TIERS[pool.tier].isolated == isolated and pool.name.lower() != name.lower()
    )
    wanted = TIERS[tier].cpu * count
    if others + wanted > quota:
        kind = "isolated" if isolated else "standard"
        raise ArmError(
            400,
            "QuotaExceeded",
            f"The vCPU quota of registry '{registry.name}' for {kind} agent pools is {quota}: {others} are in use by "
            f"other pools and {wanted} were requested for agent pool '{name}'.",
            target="request",
        )


def check_unchanged(pool: AgentPool, properties: Mapping[str, Any]) -> None:
    """Tier, OS and subnet can't change (SDK: PATCH takes count and tags only; the refusal of a PUT is assumed)."""
    now = {"tier": pool.tier, "os": pool.os, "virtualNetworkSubnetResourceId": pool.subnet_id or ""}
    for key, current in now.items():
        if properties.get(key) is not None and str(properties[key]).lower() != current.lower():
            raise invalid_input("agentPoolCreateParameters", f"'{key}' of agent pool '{pool.name}' can't be changed.")


def refuse_while_busy(pool: AgentPool) -> None:
    """One operation at a time. Raises ArmError (409)."""
    if pool.operation is not None:
        state = pool.operation.status
        raise status_conflict(f"Agent pool '{pool.name}' is {state}. Try again when the operation has finished.")
