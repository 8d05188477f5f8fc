"""What in a world has to fit together for ARM to have created it."""

from __future__ import annotations

from collections.abc import Iterable

from ..sections import Section, shown
from .regions import REGISTRY_REGIONS, normalize_location
from .rules import GROUP_NAME
from .specs import RegistrySpec, World

__all__ = ["check_registry", "check_together"]


def check_registry(item: Section, registry: RegistrySpec) -> None:
    """Refuse what the registry's SKU lacks, and two pools of one name. Raises the error of `item`."""
    if registry.sku != "Premium":
        rules = registry.network_rule_set
        needing = {
            "agentPools": bool(registry.pools),
            "networkRuleSet": rules["defaultAction"] == "Deny" or bool(rules["ipRules"]),
            "publicNetworkAccess": registry.public_network_access == "Disabled",
        }
        for key in filter(needing.get, needing):
            raise item.error(key, f"needs the SKU Premium, not {registry.sku}")
    if name := _repeated(pool.name for pool in registry.pools):
        raise item.error("agentPools", f"the name '{name}' is there twice, and case does not count")


def check_together(root: Section, world: World) -> None:
    """Refuse what contradicts something elsewhere in the file. Raises `root`'s error."""
    if key := _repeated(subscription.id for subscription in world.subscriptions):
        raise root.error("subscriptions", f"the ID '{key}' is there twice")
    if key := _repeated(world.resource_groups):
        raise root.error("resourceGroups", f"the name '{key}' is there twice, and case does not count")
    for name in world.resource_groups:
        if not GROUP_NAME.pattern.fullmatch(name):
            raise root.error("resourceGroups", f"{shown(name)} is not {GROUP_NAME.told}")
    if key := _repeated(registry.name for registry in world.registries):
        raise root.error("registries", f"the name '{key}' is there twice, and registry names are global")
    for kind, ids in (
        ("subnets", [one.id for one in world.subnets]),
        ("resources", [one.id for one in world.resources]),
    ):
        if key := _repeated(ids):
            raise root.error(kind, f"the ID '{key}' is there twice, and case does not count")
    for index, registry in enumerate(world.registries):
        _check_place(root, f"registries[{index}]", registry, world)


def _check_place(root: Section, path: str, registry: RegistrySpec, world: World) -> None:
    if registry.subscription_id.lower() not in {subscription.id.lower() for subscription in world.subscriptions}:
        raise root.error(f"{path}.subscription", f"'{registry.subscription_id}' is not listed under 'subscriptions'")
    if normalize_location(registry.location) not in map(
        normalize_location, (*REGISTRY_REGIONS, *world.registry_regions)
    ):
        message = f"{shown(registry.location)} is no region of Azure; a new one can be listed under 'registryRegions'"
        raise root.error(f"{path}.location", message)
    for number, pool in enumerate(registry.pools):
        if pool.subnet_id and world.subnets and world.subnet(pool.subnet_id) is None:
            key = f"{path}.agentPools[{number}].subnetId"
            raise root.error(key, f"'{pool.subnet_id}' is not listed under 'subnets'")


def _repeated(names: Iterable[str]) -> str | None:
    """The first name that has been there before, in any case."""
    seen: set[str] = set()
    for name in names:
        if name.lower() in seen:
            return name
        seen.add(name.lower())
    return None
