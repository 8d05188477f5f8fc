"""Finding a registry: by name in the subscription, or by resource group and name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypedDict
from urllib.parse import quote

from .arm import REGISTRIES_API_VERSION, RESOURCES_API_VERSION, ArmClient, with_query
from .errors import InvalidReplyError, NotFoundError, RegistryNotFoundError
from .replies import read_json

__all__ = [
    "REGISTRY_TYPE",
    "PoolId",
    "Registry",
    "RegistryId",
    "find_registry",
    "has_agent_pools",
    "list_registries",
    "locate_registry",
    "missing_above",
    "normalize_region",
    "parse_pool_id",
    "parse_registry_id",
    "registry_not_found",
    "split_login_server",
]

REGISTRY_TYPE = "Microsoft.ContainerRegistry/registries"
_MANAGED_SKUS = ("basic", "standard", "premium")


class _Sku(TypedDict, total=False):
    name: str


class _RegistryProperties(TypedDict, total=False):
    loginServer: str
    roleAssignmentMode: str


class _RegistryReply(TypedDict, total=False):
    """Of a registry, in its own reply or in a list of resources, what is read here."""

    id: str
    name: str
    location: str
    sku: _Sku
    properties: _RegistryProperties


@dataclass(frozen=True)
class RegistryId:
    """Where a registry is. ARM ignores case in all three parts."""

    subscription_id: str
    resource_group: str
    name: str

    @property
    def resource_id(self) -> str:
        """The ARM resource ID, as bodies name it."""
        return _resource_id(self.subscription_id, self.resource_group, self.name)

    @property
    def path(self) -> str:
        """The ARM resource ID, quoted for use in a URL."""
        parts = (self.subscription_id, self.resource_group, self.name)
        return _resource_id(*(quote(part, safe="") for part in parts))


@dataclass(frozen=True)
class Registry(RegistryId):
    """A registry as ARM describes it.

    `location` is a region's name (`westus2`), `sku` Basic, Standard or Premium, `role_assignment_mode`
    LegacyRegistryPermissions or AbacRepositoryPermissions, `login_server` its host ("" if the service does not say),
    `raw` ARM's own JSON.
    """

    location: str = ""
    sku: str = ""
    role_assignment_mode: str = ""
    login_server: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def is_managed(self) -> bool:
        """Whether it is of a tier that has builds, runs and tasks."""
        return self.sku.lower() in _MANAGED_SKUS

    @property
    def uses_abac(self) -> bool:
        """Whether its permissions are per repository."""
        return self.role_assignment_mode == "AbacRepositoryPermissions"


def has_agent_pools(sku: str) -> bool:
    """Whether a registry of that tier can have agent pools; one whose tier is not known may."""
    return sku.lower() in ("premium", "")


def normalize_region(region: str) -> str:
    """A region's name from its display name, or from the name itself."""
    return "".join(region.split()).lower()


def split_login_server(text: str) -> tuple[str, str]:
    """A registry's name and the suffix of its login server, from either its name or its login server.

    A login server may hold a hash after the name (domain name label); that is not part of the name. It may be a URL.

    >>> split_login_server("myregistry")
    ('myregistry', '')
    >>> split_login_server("https://MyRegistry.azurecr.io/")
    ('MyRegistry', '.azurecr.io')
    >>> split_login_server("myregistry-b2c3d4.azurecr.io")
    ('myregistry', '.azurecr.io')
    """
    server = re.sub(r"^https?://", "", text.strip(), flags=re.IGNORECASE).removesuffix("/")
    name, dot, suffix = server.partition(".")
    return (name.partition("-")[0], dot + suffix) if dot else (text.strip(), "")


def locate_registry(arm: ArmClient, name: str, resource_group: str | None = None) -> RegistryId:
    """Where the registry `name` (or login server) is: no request with a resource group, one without.

    Raises RegistryNotFoundError. With a resource group nothing is asked, so the registry may not exist.
    """
    name, _ = split_login_server(name)
    if resource_group:
        return RegistryId(arm.subscription_id, resource_group, name)
    # Registry names are alphanumeric; whatever else was typed must not end up in the filter's syntax.
    try:
        found = list(_list_resources(arm, name)) if re.fullmatch(r"[a-zA-Z0-9-]+", name) else []
    except NotFoundError as error:
        raise registry_not_found(error, RegistryId(arm.subscription_id, "", name)) from error
    for registry in found:
        if registry.name.lower() == name.lower():
            return RegistryId(registry.subscription_id, registry.resource_group, registry.name)
    raise RegistryNotFoundError(name, arm.subscription_id)


def find_registry(arm: ArmClient, name: str, resource_group: str | None = None) -> Registry:
    """The registry `name` (or login server): one request with a resource group, two without.

    Raises RegistryNotFoundError.
    """
    where = locate_registry(arm, name, resource_group)
    url = with_query(where.path, api_version=REGISTRIES_API_VERSION)
    try:
        return arm.ask("GET", url, lambda reply: _read(reply.body, where))
    except NotFoundError as error:
        raise registry_not_found(error, where) from error


# What ARM calls it when something above a resource in its path is missing (assumed but for the first two, which are
# ARM's documented common errors), and what that is.
_MISSING: Final = {
    "ParentResourceNotFound": "registry",
    "ResourceGroupNotFound": "group",
    "SubscriptionNotFound": "subscription",
    "InvalidSubscriptionId": "subscription",
    "RegistryNotFound": "registry",
}
# ARM's own 404 names what is missing (recorded): here a registry, and nothing below one.
_NAMES_REGISTRY: Final = re.compile(rf"'{re.escape(REGISTRY_TYPE)}/[^/']+'", re.IGNORECASE)


def missing_above(error: NotFoundError) -> str:
    """Which of "registry", "group", "subscription" a 404 about something in a registry says is missing; "" for none."""
    if error.code == "ResourceNotFound" and _NAMES_REGISTRY.search(error.message):
        return "registry"
    return _MISSING.get(error.code, "")


def registry_not_found(error: NotFoundError, registry: RegistryId) -> RegistryNotFoundError:
    """The error for a 404 that is about the registry, or about what it is in."""
    missing = RegistryNotFoundError(
        registry.name,
        registry.subscription_id,
        registry.resource_group,
        missing=missing_above(error) or "registry",
        correlation_id=error.correlation_id,
    )
    missing.after_doubt = error.after_doubt
    return missing


def list_registries(arm: ArmClient) -> list[Registry]:
    """All registries of the subscription, with what a resource list tells: id, name, location, sku."""
    return list(_list_resources(arm))


def _list_resources(arm: ArmClient, name: str | None = None) -> list[Registry]:
    criteria = f"resourceType eq '{REGISTRY_TYPE}'" + (f" and name eq '{name}'" if name else "")
    resources = arm.list_json(
        f"/subscriptions/{arm.subscription_id}/resources", {"$filter": criteria}, api_version=RESOURCES_API_VERSION
    )
    return [_read(resource, _parse_id(resource)) for resource in resources]


def _resource_id(subscription: str, group: str, name: str) -> str:
    return f"/subscriptions/{subscription}/resourceGroups/{group}/providers/{REGISTRY_TYPE}/{name}"


_REGISTRY_ID = re.compile(
    rf"/subscriptions/([^/]+)/resourceGroups/([^/]+)/providers/{re.escape(REGISTRY_TYPE)}/([^/]+)/?", re.IGNORECASE
)


def parse_registry_id(resource_id: str) -> RegistryId | None:
    """Where a resource ID says that a registry is; None if it is none of a registry."""
    match = _REGISTRY_ID.fullmatch(resource_id)
    return RegistryId(*match.groups()) if match else None


class PoolId(NamedTuple):
    """Where an agent pool is."""

    registry: RegistryId
    name: str


def parse_pool_id(resource_id: str) -> PoolId | None:
    """Where a resource ID says that an agent pool is; None if it is none of an agent pool."""
    above, _, name = resource_id.removesuffix("/").rpartition("/")
    above, _, kind = above.rpartition("/")
    registry = parse_registry_id(above)
    return PoolId(registry, name) if registry and name and kind.lower() == "agentpools" else None


_ID = re.compile(r"^/subscriptions/([^/]+)/resourceGroups/([^/]+)/providers/[^/]+/registries/([^/]+)", re.IGNORECASE)


def _parse_id(resource: Mapping[str, Any]) -> RegistryId:
    match = _ID.match(str(resource.get("id")))
    if not match:
        raise InvalidReplyError(f"The list of registries holds one whose ID is none: {resource.get('id')}")
    return RegistryId(*match.groups())


def _read(body: Mapping[str, Any], where: RegistryId) -> Registry:
    found = read_json(_RegistryReply, body, "a registry")
    properties, sku = found.get("properties") or {}, found.get("sku") or {}
    name = found.get("name") or where.name
    if name.lower() != where.name.lower():
        raise InvalidReplyError(f"The reply to a request for registry '{where.name}' is about another: '{name}'.")
    return Registry(
        subscription_id=where.subscription_id,
        resource_group=where.resource_group,
        name=name,
        location=found.get("location") or "",
        sku=sku.get("name") or "",
        role_assignment_mode=properties.get("roleAssignmentMode") or "",
        login_server=properties.get("loginServer") or "",
        raw=body,
    )
