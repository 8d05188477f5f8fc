"""The world file: YAML, read strictly, so that a slip is named with file and key instead of being ignored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml

from ..wire.faults import FaultRuleError, parse_rules
from .specs import (
    AGENT_POOL_REGIONS,
    REGISTRY_REGIONS,
    TIERS,
    PoolSpec,
    RegistrySpec,
    ResourceSpec,
    SubnetSpec,
    SubscriptionSpec,
    World,
)

__all__ = ["WorldFileError", "load_world", "parse_world"]

Item = TypeVar("Item")

SKUS = ("Basic", "Standard", "Premium")
ROLE_MODES = ("LegacyRegistryPermissions", "AbacRepositoryPermissions")
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
    root = _Section(source, "", document)
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
        faults=tuple(_faults(root)),
    )
    root.refuse_unknown()
    _check_together(root, world)
    return world


def _faults(root: _Section) -> Any:
    try:
        return parse_rules(root.get("faults", []))
    except FaultRuleError as error:
        raise WorldFileError(f"{root.source}: {error}") from error


def _check_together(root: _Section, world: World) -> None:
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


def _subscription(item: _Section) -> SubscriptionSpec:
    default = SubscriptionSpec()
    return SubscriptionSpec(
        id=item.text("id", default.id),
        name=item.text("name", default.name),
        tenant_id=item.text("tenant", default.tenant_id),
    )


def _registry(item: _Section, subscription_id: str) -> RegistrySpec:
    default = RegistrySpec()
    quota = _Section(item.source, item.at("vcpuQuota"), item.get("vcpuQuota", {}))
    spec = RegistrySpec(
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
        customer_managed_key=item.flag("customerManagedKey", default=False),
    )
    quota.refuse_unknown()
    return spec


def _pool(item: _Section) -> PoolSpec:
    return PoolSpec(
        name=item.text("name"),
        tier=item.choice("tier", tuple(TIERS), "S1"),
        count=item.number("count", 1),
        state=item.choice("provisioningState", POOL_STATES, "Succeeded"),
        subnet_id=item.optional_text("subnetId"),
        tags=item.text_mapping("tags"),
    )


def _subnet(item: _Section) -> SubnetSpec:
    return SubnetSpec(
        id=item.text("id"),
        egress_blocked=item.flag("egressBlocked", default=False),
        fails_after=item.seconds("failsAfterSeconds"),
        create_error=item.optional_text("createError"),
        properties=item.mapping("properties", {}),
    )


def _resource(item: _Section) -> ResourceSpec:
    return ResourceSpec(id=item.text("id"), body=item.take_rest())


def _permission(item: _Section) -> Mapping[str, Any]:
    return {"actions": list(item.texts("actions", ())), "notActions": list(item.texts("notActions", ()))}


class _Section:
    """A mapping in the file; remembers which keys were asked for, so that the others can be refused."""

    def __init__(self, source: str, path: str, value: Any) -> None:
        self.source = source
        self._path = path
        if not isinstance(value, Mapping):
            raise WorldFileError(f"{source}: {path or 'the document'}: expected keys and values")
        self._value = value
        self._asked: set[str] = set()

    def at(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key

    def error(self, key: str, message: str) -> WorldFileError:
        return WorldFileError(f"{self.source}: {self.at(key)}: {message}")

    def get(self, key: str, default: Any = None) -> Any:
        self._asked.add(key)
        value = self._value.get(key)
        return default if value is None else value

    def text(self, key: str, default: str | None = None) -> str:
        value = self.get(key, default)
        if value is None:
            raise self.error(key, "is missing")
        if not isinstance(value, str) or not value:
            raise self.error(key, f"expected text, not {value!r}")
        return value

    def optional_text(self, key: str) -> str | None:
        return None if self.get(key) is None else self.text(key)

    def choice(self, key: str, allowed: tuple[str, ...], default: str) -> str:
        value = self.text(key, default)
        if value not in allowed:
            raise self.error(key, f"'{value}' is not one of {', '.join(allowed)}")
        return value

    def number(self, key: str, default: int, least: int = 0) -> int:
        value = self.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise self.error(key, f"expected a whole number from {least} up, not {value!r}")
        return value

    def seconds(self, key: str) -> float | None:
        value = self.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
            raise self.error(key, f"expected seconds from 0 up, not {value!r}")
        return float(value)

    def flag(self, key: str, *, default: bool) -> bool:
        value = self.get(key, default)
        if not isinstance(value, bool):
            raise self.error(key, f"expected true or false, not {value!r}")
        return value

    def mapping(self, key: str, default: Mapping[str, Any]) -> Mapping[str, Any]:
        value = self.get(key, default)
        if not isinstance(value, Mapping):
            raise self.error(key, "expected keys and values")
        return value

    def text_mapping(self, key: str) -> Mapping[str, str]:
        return {str(name): str(value) for name, value in self.mapping(key, {}).items()}

    def texts(self, key: str, default: Iterable[str]) -> tuple[str, ...]:
        value = self.get(key, list(default))
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.error(key, "expected a list of texts")
        return tuple(value)

    def items(self, key: str, read: Callable[[_Section], Item], default: list[Item]) -> list[Item]:
        value = self.get(key)
        if value is None:
            return default
        if not isinstance(value, list) or (not value and default):
            raise self.error(key, "expected a list" + (" with at least one entry" if default else ""))
        sections = [_Section(self.source, self.at(f"{key}[{index}]"), item) for index, item in enumerate(value)]
        result = [read(section) for section in sections]
        for section in sections:
            section.refuse_unknown()
        return result

    def take_rest(self) -> dict[str, Any]:
        """Everything that was not asked for; the keys of this section are free."""
        rest = {key: value for key, value in self._value.items() if key not in self._asked}
        self._asked.update(rest)
        return rest

    def refuse_unknown(self) -> None:
        for key in self._value:
            if key not in self._asked:
                known = ", ".join(sorted(self._asked))
                raise self.error(str(key), f"unknown key (known: {known})")
