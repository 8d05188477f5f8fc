"""The world file: YAML, read strictly, so that a slip is named with file and key instead of being ignored."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml

from ..sections import Section
from ..wire.faults import parse_rules
from .network_conflicts import check_networks
from .specs import (
    AGENT_POOL_REGIONS,
    REGISTRY_REGIONS,
    TIERS,
    PoolSpec,
    PrincipalSpec,
    RegistrySpec,
    ResourceSpec,
    SubnetSpec,
    SubscriptionSpec,
    World,
)

__all__ = ["WorldFileError", "load_world", "parse_world"]

SKUS = ("Basic", "Standard", "Premium")
ROLE_MODES = ("LegacyRegistryPermissions", "AbacRepositoryPermissions")
PRINCIPAL_KINDS = ("User", "Group", "ServicePrincipal")
POOL_STATES = ("Succeeded", "Failed", "Canceled")


class WorldFileError(Exception):
    """A world file that can't be used; the message names file and key."""


def load_world(path: Path) -> World:
    """Read a world file. Raises WorldFileError."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise WorldFileError(f"{path}: {error.strerror}") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise WorldFileError(f"{path}: not valid YAML: {error}") from error
    return parse_world(document if document is not None else {}, str(path))


def parse_world(document: Any, source: str = "world") -> World:
    """The world that a parsed document describes; `source` is named in errors. Raises WorldFileError."""

    def error(message: str) -> WorldFileError:
        return WorldFileError(f"{source}: {message}")

    root = Section(document, "", error)
    subscriptions = root.items("subscriptions", _subscription, [SubscriptionSpec()])
    default_subscription = subscriptions[0].id
    registries = root.items("registries", lambda item: _registry(item, default_subscription), [RegistrySpec()])
    world = World(
        subscriptions=tuple(subscriptions),
        registries=tuple(registries),
        resource_groups=root.texts("resourceGroups", ()),
        subnets=tuple(root.items("subnets", _subnet, [])),
        resources=tuple(root.items("resources", _resource, [])),
        permissions=tuple(root.items("permissions", _permission, [])),
        agent_pool_regions=root.texts("agentPoolRegions", AGENT_POOL_REGIONS),
        registry_regions=root.texts("registryRegions", REGISTRY_REGIONS),
        page_size=root.number("pageSize", 1000, least=1),
        faults=tuple(parse_rules(root.get("faults", []), error)),
        principals=tuple(root.items("principals", _principal, [])),
    )
    root.refuse_unknown()
    _check_together(root, world)
    check_networks(root, world)
    return world


def _check_together(root: Section, world: World) -> None:
    names = [registry.name.lower() for registry in world.registries]
    for name in names:
        if names.count(name) > 1:
            raise root.error("registries", f"the name '{name}' is there twice, and registry names are global")
    known = {subscription.id.lower() for subscription in world.subscriptions}
    for index, registry in enumerate(world.registries):
        if registry.subscription_id.lower() not in known:
            raise root.error(f"registries[{index}].subscription", f"'{registry.subscription_id}' is not listed above")
        for number, pool in enumerate(registry.pools):
            if pool.subnet_id and world.subnets and world.subnet(pool.subnet_id) is None:
                key = f"registries[{index}].agentPools[{number}].subnetId"
                raise root.error(key, f"'{pool.subnet_id}' is not listed under 'subnets'")


def _subscription(item: Section) -> SubscriptionSpec:
    default = SubscriptionSpec()
    return SubscriptionSpec(
        id=item.text("id", default.id),
        name=item.text("name", default.name),
        tenant_id=item.text("tenant", default.tenant_id),
    )


def _registry(item: Section, subscription_id: str) -> RegistrySpec:
    default = RegistrySpec()
    quota = item.section("vcpuQuota")
    return RegistrySpec(
        name=item.text("name"),
        resource_group=item.text("resourceGroup", default.resource_group),
        subscription_id=item.text("subscription", subscription_id),
        location=item.text("location", default.location),
        sku=item.choice("sku", SKUS, default.sku),
        role_assignment_mode=item.choice("roleAssignmentMode", ROLE_MODES, default.role_assignment_mode),
        public_network_access=item.choice(
            "publicNetworkAccess", ("Enabled", "Disabled"), default.public_network_access
        ),
        network_rule_set=item.mapping("networkRuleSet", default.network_rule_set),
        network_rule_bypass_options=item.text("networkRuleBypassOptions", default.network_rule_bypass_options),
        network_rule_bypass_allowed_for_tasks=item.flag("networkRuleBypassAllowedForTasks", default=False),
        tags=item.text_mapping("tags"),
        pools=tuple(item.items("agentPools", _pool, [])),
        standard_vcpu_quota=quota.number("standard", default.standard_vcpu_quota),
        isolated_vcpu_quota=quota.number("isolated", default.isolated_vcpu_quota),
        tasks_allowed=item.flag("tasksAllowed", default=True),
        allow_cpu_with_pool=item.flag("allowCpuWithPool", default=False),
        allow_pool_in_task_run=item.flag("allowPoolInTaskRun", default=False),
        customer_managed_key=item.flag("customerManagedKey", default=False),
    )


def _pool(item: Section) -> PoolSpec:
    return PoolSpec(
        name=item.text("name"),
        tier=item.choice("tier", tuple(TIERS), "S1"),
        count=item.number("count", 1),
        state=item.choice("provisioningState", POOL_STATES, "Succeeded"),
        subnet_id=item.optional_text("subnetId"),
        tags=item.text_mapping("tags"),
    )


def _subnet(item: Section) -> SubnetSpec:
    return SubnetSpec(
        id=item.text("id"),
        egress_blocked=item.flag("egressBlocked", default=False),
        fails_after=item.optional_seconds("failsAfterSeconds"),
        create_error=item.optional_text("createError"),
        properties=item.mapping("properties", {}),
    )


def _resource(item: Section) -> ResourceSpec:
    return ResourceSpec(id=item.text("id"), body=item.take_rest())


def _permission(item: Section) -> Mapping[str, Any]:
    return {"actions": list(item.texts("actions", ())), "notActions": list(item.texts("notActions", ()))}


def _principal(item: Section) -> PrincipalSpec:
    return PrincipalSpec(
        id=_guid(item, "id"),
        name=item.text("name"),
        kind=item.choice("type", PRINCIPAL_KINDS, "User"),
        app_id=_guid(item, "appId") if item.get("appId") is not None else None,
    )


def _guid(item: Section, key: str) -> str:
    text = item.text(key)
    try:
        return str(UUID(text))
    except ValueError as error:
        raise item.error(key, f"'{text}' is not a GUID") from error
