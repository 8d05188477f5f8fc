"""The world file: YAML, read strictly, so that a slip is named with file and key instead of being ignored.

What ARM would not create (two registries of one name, a pool in a Basic registry) cannot be there from the start.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..executor.run_faults import RUN_FAULT_KINDS, RunFault
from ..sections import Section, check_plain, shown
from ..wire.faults import parse_rules
from .consistency import check_registry, check_together
from .network_conflicts import check_networks
from .regions import AGENT_POOL_REGIONS, REGISTRY_REGIONS
from .rules import GROUP_NAME, GUID, POOL_NAME, REGISTRY_NAME, RESOURCE_ID, SUBNET_ID, is_network, tag_error
from .specs import TIERS, PoolSpec, PrincipalSpec, RegistrySpec, ResourceSpec, SubnetSpec, SubscriptionSpec, World
from .yaml_file import read_yaml

__all__ = ["WorldFileError", "load_world", "parse_world"]

SKUS = ("Basic", "Standard", "Premium")
ROLE_MODES = ("LegacyRegistryPermissions", "AbacRepositoryPermissions")
PRINCIPAL_KINDS = ("User", "Group", "ServicePrincipal")
POOL_STATES = ("Succeeded", "Failed", "Canceled")
SWITCH = ("Enabled", "Disabled")
BYPASSES = ("AzureServices", "None")
MOST_IP_RULES = 200
MOST_TAGS = 50


class WorldFileError(Exception):
    """A world file that cannot be used; the message names file and key, on one line of plain characters."""

    def __init__(self, message: str) -> None:
        super().__init__("".join(one if one.isprintable() else ascii(one)[1:-1] for one in message))


def load_world(path: Path) -> World:
    """Read a world file. Raises WorldFileError."""
    document = read_yaml(path, lambda message: WorldFileError(f"{path}: {message}"))
    return parse_world(document if document is not None else {}, str(path))


def parse_world(document: Any, source: str = "world") -> World:
    """The world that a parsed document describes; `source` is named in errors. Raises WorldFileError."""

    def error(message: str) -> WorldFileError:
        return WorldFileError(f"{source}: {message}")

    check_plain(document, error)
    root = Section(document, "", error)
    subscriptions = root.items("subscriptions", _subscription, [SubscriptionSpec()], least=1)
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
    check_together(root, world)
    check_networks(root, world)
    return world


def _subscription(item: Section) -> SubscriptionSpec:
    default = SubscriptionSpec()
    return SubscriptionSpec(
        id=item.formed("id", GUID, default.id),
        name=item.text("name", default.name),
        tenant_id=item.formed("tenant", GUID, default.tenant_id),
    )


def _registry(item: Section, subscription_id: str) -> RegistrySpec:
    default = RegistrySpec()
    quota = item.section("vcpuQuota")
    registry = RegistrySpec(
        name=item.formed("name", REGISTRY_NAME),
        resource_group=item.formed("resourceGroup", GROUP_NAME, default.resource_group),
        subscription_id=item.formed("subscription", GUID, subscription_id),
        location=item.text("location", default.location),
        sku=item.choice("sku", SKUS, default.sku),
        role_assignment_mode=item.choice("roleAssignmentMode", ROLE_MODES, default.role_assignment_mode),
        public_network_access=item.choice("publicNetworkAccess", SWITCH, default.public_network_access),
        network_rule_set=_network_rules(item, default.network_rule_set),
        network_rule_bypass_options=item.choice(
            "networkRuleBypassOptions", BYPASSES, default.network_rule_bypass_options
        ),
        network_rule_bypass_allowed_for_tasks=item.flag("networkRuleBypassAllowedForTasks", default=False),
        tags=_tags(item),
        pools=tuple(item.items("agentPools", _pool, [])),
        standard_vcpu_quota=quota.number("standard", default.standard_vcpu_quota),
        isolated_vcpu_quota=quota.number("isolated", default.isolated_vcpu_quota),
        tasks_allowed=item.flag("tasksAllowed", default=True),
        allow_cpu_with_pool=item.flag("allowCpuWithPool", default=False),
        allow_pool_in_task_run=item.flag("allowPoolInTaskRun", default=False),
        customer_managed_key=item.flag("customerManagedKey", default=False),
        scale_in_interrupts=item.flag("scaleInInterrupts", default=False),
        run_faults=tuple(item.items("runFaults", _run_fault, [])),
    )
    check_registry(item, registry)
    return registry


def _network_rules(item: Section, default: Mapping[str, Any]) -> Mapping[str, Any]:
    if item.get("networkRuleSet") is None:
        return default
    rules = item.section("networkRuleSet")
    action = rules.choice("defaultAction", ("Allow", "Deny"), "Allow")
    addresses = rules.items("ipRules", _ip_rule, [])
    if len(addresses) > MOST_IP_RULES:
        raise rules.error("ipRules", f"at most {MOST_IP_RULES} rules, not {len(addresses)}")
    return {"defaultAction": action, "ipRules": addresses}


def _ip_rule(item: Section) -> dict[str, str]:
    address = item.text("value")
    if not is_network(address if "/" in address else f"{address}/32") or ":" in address:
        raise item.error("value", f"{shown(address)} is not an IPv4 address or range such as 203.0.113.0/24")
    return {"action": item.choice("action", ("Allow",), "Allow"), "value": address}


def _tags(item: Section) -> Mapping[str, str]:
    tags = item.text_mapping("tags")
    if len(tags) > MOST_TAGS:
        raise item.error("tags", f"at most {MOST_TAGS} tags, not {len(tags)}")
    for name, value in tags.items():
        if problem := tag_error(name, value):
            raise item.error("tags", problem)
    return tags


def _pool(item: Section) -> PoolSpec:
    return PoolSpec(
        name=item.formed("name", POOL_NAME),
        tier=item.choice("tier", tuple(TIERS), "S1"),
        count=item.number("count", 1),
        state=item.choice("provisioningState", POOL_STATES, "Succeeded"),
        subnet_id=None if item.get("subnetId") is None else item.formed("subnetId", SUBNET_ID),
        tags=_tags(item),
    )


def _run_fault(item: Section) -> RunFault:
    return RunFault(
        kind=item.choice("fault", RUN_FAULT_KINDS, item.text("fault")),
        says=item.text("says"),
        skip=item.number("skip", 0),
        times=None if item.is_null("times") else item.number("times", 1),
    )


def _subnet(item: Section) -> SubnetSpec:
    properties = item.section("properties")
    for key in ("addressPrefix", "addressPrefixes"):
        ranges = properties.get(key, [])
        for text in ranges if isinstance(ranges, list) else [ranges]:
            if not is_network(text):
                raise properties.error(key, f"{shown(text)} is not an address range such as 10.0.0.0/24")
    return SubnetSpec(
        id=item.formed("id", SUBNET_ID),
        egress_blocked=item.flag("egressBlocked", default=False),
        fails_after=item.optional_seconds("failsAfterSeconds"),
        create_error=item.optional_text("createError"),
        properties=properties.everything(),
    )


def _resource(item: Section) -> ResourceSpec:
    resource_id = item.formed("id", RESOURCE_ID)
    if "/providers/microsoft.containerregistry/" in resource_id.lower():
        raise item.error("id", "registries and what is in them stand under 'registries'")
    item.mapping("properties", {})
    item.optional_text("location")
    _tags(item)
    return ResourceSpec(id=resource_id, body={key: value for key, value in item.everything().items() if key != "id"})


def _permission(item: Section) -> Mapping[str, Any]:
    return {"actions": list(item.texts("actions", ())), "notActions": list(item.texts("notActions", ()))}


def _principal(item: Section) -> PrincipalSpec:
    return PrincipalSpec(
        id=item.formed("id", GUID).lower(),
        name=item.text("name"),
        kind=item.choice("type", PRINCIPAL_KINDS, "User"),
        app_id=item.formed("appId", GUID).lower() if item.get("appId") is not None else None,
    )
