"""What an ARM operation gets and gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..world.directory import CALLER
from ..world.regions import normalize_location
from ..world.state import AgentPool, Registry, ResourceGroup, find
from .access import require_action
from .errors import (
    ArmError,
    invalid_content,
    location_conflict,
    location_required,
    parent_not_found,
    precondition_failed,
    resource_not_found,
)
from .resource_types import REGISTRY_TYPE
from .services import Services
from .shapes import Shape, Value, shaped

__all__ = [
    "NO_BODY",
    "ArmCall",
    "Reply",
    "keep_location",
    "named_items",
    "new_location",
    "required",
    "section",
    "string_map",
]


class _NoBody:
    """Marks a reply without a body, since None is the body `null`."""


NO_BODY = _NoBody()


@dataclass(frozen=True)
class Reply:
    """Status, JSON body and headers."""

    status: int = 200
    body: Any = NO_BODY
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ArmCall:
    """One request, authenticated and parsed. `params` are the path's names; `query` has its keys in lower case.

    `conditions` are the headers If-Match and If-None-Match, as far as they were sent, names in lower case. `sender` is
    the object ID of whoever sends it.
    """

    services: Services
    method: str
    path: str
    params: Mapping[str, str]
    query: Mapping[str, str]
    body: Any = None
    conditions: Mapping[str, str] = field(default_factory=dict)
    sender: str = CALLER.id

    @property
    def api_version(self) -> str:
        return self.query.get("api-version", "")

    def url(self, path: str) -> str:
        """An absolute URL with this call's api-version."""
        return f"{self.services.base_url}{path}?api-version={self.api_version}"

    def signed_url(self, path: str) -> str:
        """The same with a signature, as Azure gives out the URLs of operations. `verify_signature` checks it."""
        return f"{self.url(path)}&{self.services.signer.query(path, self.services.clock.now())}"

    def verify_signature(self) -> None:
        """Refuse a request whose URL was not given out with a signature. Raises ArmError."""
        self.services.signer.verify(self.path, self.query)

    def json_object(self, shape: Shape = Value.ANY) -> dict[str, Any]:
        """The body, which must be a JSON object, with the members that `shape` knows. Raises ArmError."""
        if not isinstance(self.body, dict):
            raise invalid_content("a JSON object is expected.")
        shown: dict[str, Any] = shaped(self.body, shape, "body")
        return shown

    def require_action(self, action: str, scope: str) -> None:
        """Refuse what the sender may not do at a scope. Raises ArmError."""
        require_action(self.services.state, action, scope, self.sender)

    def check_conditions(self, exists: bool) -> None:
        """Refuse a write that was to happen only if the resource is there, or only if it is not. Raises ArmError."""
        if exists and self.conditions.get("if-none-match") == "*":
            raise precondition_failed("If-None-Match")
        if not exists and self.conditions.get("if-match") == "*":
            raise precondition_failed("If-Match")

    def subscription(self) -> str:
        """The ID in the path, if such a subscription exists. Raises ArmError."""
        wanted = self.params["subscription"]
        for subscription in self.services.state.world.subscriptions:
            if subscription.id.lower() == wanted.lower():
                return subscription.id
        raise ArmError(404, "SubscriptionNotFound", f"The subscription '{wanted}' could not be found.")

    def group(self) -> str:
        """The name of the resource group in the path, if it exists. Raises ArmError."""
        return self.resource_group().name

    def resource_group(self) -> ResourceGroup:
        """The resource group in the path. Raises ArmError."""
        group = self.services.state.group(self.subscription(), self.params["group"])
        if group is None:
            message = f"Resource group '{self.params['group']}' could not be found."
            raise ArmError(404, "ResourceGroupNotFound", message, headers={"x-ms-failure-cause": "gateway"})
        return group

    def registry(self) -> Registry:
        """The registry in the path. Raises ArmError."""
        registry = find(self.services.state.registries_in(self.subscription(), self.group()), self.params["registry"])
        if registry is None:
            resource = f"{REGISTRY_TYPE}/{self.params['registry']}"
            raise resource_not_found(resource, self.params["group"])
        return registry

    def parent_registry(self) -> Registry:
        """The registry in the path, in which something is put or listed. Raises ArmError."""
        registry = find(self.services.state.registries_in(self.subscription(), self.group()), self.params["registry"])
        if registry is None:
            raise parent_not_found(self.params["registry"])
        return registry

    def child_not_found(self, kind: str, name: str) -> ArmError:
        """ARM's 404 for something in the registry of the path."""
        resource = f"{REGISTRY_TYPE}/{self.params['registry']}/{kind}/{name}"
        return resource_not_found(resource, self.params["group"])

    def pool(self) -> AgentPool:
        """The agent pool in the path. Raises ArmError."""
        pool = self.registry().pools.get(self.params["pool"].lower())
        if pool is None:
            raise self.child_not_found("agentPools", self.params["pool"])
        return pool


def section(body: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The object under `key`; absent and null are empty. Raises ArmError for anything else."""
    value = body.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise invalid_content(f"'{key}' must be an object.")
    return value


def required(body: Mapping[str, Any], key: str, where: str) -> str:
    """The non-empty string under `key`. Raises ArmError."""
    value = body.get(key)
    if not isinstance(value, str) or not value:
        raise invalid_content(f"'{key}' of '{where}' must be a non-empty string.")
    return value


def named_items(body: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """The list of objects under `key`, each with a name: triggers, arguments, values. Raises ArmError."""
    items = body.get(key) or []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise invalid_content(f"'{key}' must be a list of objects.")
    for item in items:
        required(item, "name", key)
    return items


def string_map(body: Mapping[str, Any], key: str) -> dict[str, str] | None:
    """The object of strings under `key` (tags), or None when absent. Raises ArmError."""
    value = body.get(key)
    if value is None:
        return None
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise invalid_content(f"'{key}' must be an object whose values are strings.")
    return dict(value)


def new_location(body: Mapping[str, Any]) -> str:
    """The region of a new resource. Raises ArmError when there is none."""
    location = body.get("location")
    if not isinstance(location, str) or not location.strip():
        raise location_required()
    return location


def keep_location(body: Mapping[str, Any], resource_id: str, location: str | None) -> None:
    """Refuse to move a resource that is in `location`; whoever names no region means the same. Raises ArmError."""
    wanted = body.get("location")
    if wanted is None or location is None:
        return
    if normalize_location(str(wanted)) != normalize_location(location):
        raise location_conflict(resource_id, location, str(wanted))
