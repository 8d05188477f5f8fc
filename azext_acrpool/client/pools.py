"""Agent pools of a registry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict
from urllib.parse import quote

from ..pool import Pool
from .arm import (
    DEFAULT_OPTIONS,
    LOOK_OPTIONS,
    RESOURCES_API_VERSION,
    ArmClient,
    ArmResponse,
    RequestOptions,
    with_query,
)
from .errors import (
    ConflictError,
    InvalidReplyError,
    NotFoundError,
    OperationFailedError,
    PoolNotFoundError,
    RegistryNotFoundError,
)
from .operations.operation import NotDoneYetError, Operation, OperationKind
from .operations.state import spell_state
from .registries import REGISTRY_TYPE, RegistryId, missing_above, normalize_region, registry_not_found
from .replies import known_moment, read_json, read_model, text_of

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import AgentPool, AgentPoolQueueStatus

__all__ = [
    "USUAL_DURATIONS",
    "AgentPoolChanges",
    "AgentPoolSpec",
    "AgentPools",
    "as_pool_model",
    "pick_pool",
    "read_pool",
]

# ARM caches, and one of its replies may be older than the other.
_LOOKS_AT_CONTRADICTION = 2


class _ResourceType(TypedDict, total=False):
    resourceType: str
    locations: list[str]


class _Provider(TypedDict, total=False):
    resourceTypes: list[_ResourceType]


class _PoolProperties(TypedDict):
    count: int
    provisioningState: str


class _PoolReply(TypedDict):
    """What no pool lacks (recorded), and no count or state is made up for."""

    name: str
    properties: _PoolProperties


class _QueueStatus(TypedDict):
    count: int


# Recorded by azure-cli and Azure PowerShell.
USUAL_DURATIONS = {
    OperationKind.CREATE: "usually takes 5 to 13 minutes",
    OperationKind.UPDATE: "usually takes about 6 minutes",
    OperationKind.DELETE: "usually takes 1 to 3 minutes",
}


@dataclass(frozen=True)
class AgentPoolSpec:
    """What a new pool shall be. `subnet_id` None: no virtual network of the user's; `tags` None: none are sent."""

    location: str
    count: int
    tier: str
    os: str
    subnet_id: str | None = None
    tags: Mapping[str, str] | None = None

    def as_body(self) -> dict[str, Any]:
        """The body of the PUT."""
        properties: dict[str, Any] = {"count": self.count, "tier": self.tier, "os": self.os}
        if self.subnet_id:
            properties["virtualNetworkSubnetResourceId"] = self.subnet_id
        body: dict[str, Any] = {"location": self.location, "properties": properties}
        if self.tags is not None:
            body["tags"] = dict(self.tags)
        return body


@dataclass(frozen=True)
class AgentPoolChanges:
    """What shall change; None leaves it as it is. `tags` replaces all tags, so an empty mapping removes them."""

    count: int | None = None
    tags: Mapping[str, str] | None = None

    def as_body(self) -> dict[str, Any]:
        """The body of the PATCH."""
        body: dict[str, Any] = {}
        if self.count is not None:
            body["properties"] = {"count": self.count}
        if self.tags is not None:
            body["tags"] = dict(self.tags)
        return body

    def are_in(self, pool: Pool) -> bool:
        """Whether the pool is as asked already, or will be once what is under way is done."""
        return self.count in (None, pool.count) and self.tags in (None, pool.tags or {})

    def are_shown_by(self, pool: Pool) -> bool:
        """Whether the pool is what was asked for, or on its way to it; not if its last change has failed."""
        is_or_will_be = pool.is_ready or (pool.is_changing and not pool.is_being_deleted)
        return is_or_will_be and self.are_in(pool)


class AgentPools:
    """Reading and changing agent pools. Results are the SDK's models, so az shows them as it shows its own.

    Every method raises RegistryNotFoundError if ARM says that the registry is what is missing.
    """

    def __init__(self, arm: ArmClient) -> None:
        self._arm = arm

    def get(self, registry: RegistryId, name: str, *, retry: bool = True) -> AgentPool:
        """The pool `name`; raises PoolNotFoundError. `retry`: whether transient errors are waited out here."""
        url, options = with_query(self._path(registry, name)), DEFAULT_OPTIONS if retry else LOOK_OPTIONS
        try:
            return self._arm.ask("GET", url, lambda reply: as_pool_model(reply.body, name), options=options)
        except NotFoundError as error:
            raise _pool_not_found(error, registry, name) from error

    def find(self, registry: RegistryId, name: str, *, retry: bool = True) -> AgentPool | None:
        """The pool `name`, None if there is none."""
        try:
            return self.get(registry, name, retry=retry)
        except PoolNotFoundError:
            return None

    def list(self, registry: RegistryId) -> list[AgentPool]:
        """All pools of the registry."""
        try:
            return [as_pool_model(item) for item in self._arm.list_json(f"{registry.path}/agentPools")]
        except NotFoundError as error:
            raise registry_not_found(error, registry) from error

    def regions(self) -> dict[str, str]:
        """The regions that offer agent pools, by ARM's metadata of the resource provider: display names by name."""
        namespace, _, kind = f"{REGISTRY_TYPE}/agentPools".partition("/")
        path = f"/subscriptions/{self._arm.subscription_id}/providers/{namespace}"
        body = self._arm.get_json(path, api_version=RESOURCES_API_VERSION)
        metadata = read_json(_Provider, body, "the resource provider")
        for described in metadata.get("resourceTypes") or ():
            if (described.get("resourceType") or "").lower() == kind.lower():
                return {normalize_region(location): location for location in described.get("locations") or ()}
        return {}

    def queue_count(self, registry: RegistryId, name: str, *, retry: bool = True) -> AgentPoolQueueStatus:
        """How many runs wait for the pool. `retry`: whether transient errors are waited out here."""
        url = with_query(f"{self._path(registry, name)}/listQueueStatus")
        try:
            return self._arm.ask("POST", url, _read_queue, options=DEFAULT_OPTIONS if retry else LOOK_OPTIONS)
        except NotFoundError as error:
            raise _pool_not_found(error, registry, name) from error

    def create(self, registry: RegistryId, name: str, spec: AgentPoolSpec) -> Operation[AgentPool]:
        """Begin to create the pool, or to make an existing one what `spec` says as far as the service allows."""
        reply = self._arm.send("PUT", with_query(self._path(registry, name)), body=spec.as_body())
        return self._operation(OperationKind.CREATE, registry, name, first_reply=reply)

    def update(
        self, registry: RegistryId, name: str, changes: AgentPoolChanges, *, retry: bool = True
    ) -> Operation[AgentPool]:
        """Begin to scale or tag the pool; raises PoolNotFoundError. `retry`: whether transient errors are waited out
        here.
        """
        try:
            path, options = with_query(self._path(registry, name)), RequestOptions(retry=retry)
            reply = self._arm.send("PATCH", path, body=changes.as_body(), options=options)
        except NotFoundError as error:
            raise _pool_not_found(error, registry, name) from error
        return self._operation(OperationKind.UPDATE, registry, name, first_reply=reply)

    def follow(self, kind: OperationKind, registry: RegistryId, name: str) -> Operation[AgentPool]:
        """The create or update of the pool that is under way already, whoever began it."""
        return self._operation(kind, registry, name, first_reply=None)

    def delete(self, registry: RegistryId, name: str) -> Operation[None] | None:
        """Begin to delete the pool; None if there is none any more.

        A DELETE is sent again after a lost reply; that the second finds nothing is the success of the first. Raises
        ConflictError if ARM says both that there is no such pool and that there is.
        """
        for _ in range(_LOOKS_AT_CONTRADICTION):
            try:
                reply = self._arm.send("DELETE", with_query(self._path(registry, name)))
            except NotFoundError as error:
                missing = _pool_not_found(error, registry, name)
                if isinstance(missing, RegistryNotFoundError):
                    raise missing from error
            else:
                if reply.status != 204:
                    pool = _Pool(self, registry, name)
                    return Operation(self._arm, OperationKind.DELETE, pool, lambda: None, first_reply=reply)
            if self.find(registry, name) is None:
                return None
        raise ConflictError(f"The service says that there is no agent pool '{name}' to delete, and yet shows it.")

    def follow_deletion(self, registry: RegistryId, name: str) -> Operation[None]:
        """The deletion of the pool that is under way already, whoever began it."""
        return Operation(self._arm, OperationKind.DELETE, _Pool(self, registry, name), lambda: None)

    def _operation(
        self, kind: OperationKind, registry: RegistryId, name: str, *, first_reply: Any
    ) -> Operation[AgentPool]:
        pool = _Pool(self, registry, name)

        def finish() -> AgentPool:
            # Whoever follows the operation waits out transient errors, on its own clock.
            result = self.get(registry, name, retry=False)
            now = read_pool(result, registry.name)
            if now.is_failed:
                raise OperationFailedError(f"The {pool.name} is there, but its state is Failed.", code="Failed")
            if now.is_changing:
                raise NotDoneYetError
            return result

        return Operation(self._arm, kind, pool, finish, first_reply=first_reply)

    @staticmethod
    def _path(registry: RegistryId, name: str) -> str:
        return f"{registry.path}/agentPools/{quote(name, safe='')}"


class _Pool:
    """A pool as the resource of an operation."""

    def __init__(self, pools: AgentPools, registry: RegistryId, name: str) -> None:
        self._pools = pools
        self._registry = registry
        self._name = name

    @property
    def name(self) -> str:
        return f"agent pool '{self._name}'"

    def read_state(self) -> str | None:
        pool = self._pools.find(self._registry, self._name, retry=False)
        return None if pool is None else read_pool(pool, self._registry.name).state


def _read_queue(reply: ArmResponse) -> AgentPoolQueueStatus:
    from azure.mgmt.containerregistrytasks.models import AgentPoolQueueStatus

    body = reply.body
    # An older service answered with the bare number (recorded by Azure PowerShell).
    if not isinstance(body, int) or isinstance(body, bool):
        body = read_json(_QueueStatus, body, "a pool's queue")["count"]
    return AgentPoolQueueStatus(count=body)


def as_pool_model(body: Any, name: str = "") -> AgentPool:
    """The SDK's model of a pool, whose members have the types that it says, and which has all that a pool must have.

    `name` is that of the pool that was asked for, "" for any. Raises InvalidReplyError.
    """
    from azure.mgmt.containerregistrytasks.models import AgentPool

    read_json(_PoolReply, body, "an agent pool")
    pool = read_model(AgentPool, body, "an agent pool")
    if name and str(pool.name).lower() != name.lower():
        raise InvalidReplyError(f"The reply to a request for agent pool '{name}' is about another: '{pool.name}'.")
    if (pool.count or 0) < 0:
        raise InvalidReplyError(f"The reply to a request for an agent pool says that it has {pool.count} instances.")
    return pool


def pick_pool(pools: Iterable[Pool], registry: RegistryId, name: str) -> Pool:
    """The pool `name`, in any case, of all that the registry has; raises PoolNotFoundError."""
    for pool in pools:
        if pool.name.lower() == name.lower():
            return pool
    raise PoolNotFoundError(name, registry.name)


def read_pool(model: AgentPool, registry: str) -> Pool:
    """The pool that a reply shows; `registry` is the name of its registry."""
    return Pool(
        name=str(model.name),
        registry=registry,
        tier=model.tier or "",
        count=model.count or 0,
        state=spell_state(text_of(model.provisioning_state)),
        os=text_of(model.os) or "Linux",
        subnet_id=model.virtual_network_subnet_resource_id or None,
        tags=model.tags,
        modified=known_moment(model.system_data.last_modified_at) if model.system_data else None,
    )


def _pool_not_found(error: NotFoundError, registry: RegistryId, pool: str) -> NotFoundError:
    if missing_above(error):
        return registry_not_found(error, registry)
    missing = PoolNotFoundError(pool, registry.name, correlation_id=error.correlation_id)
    missing.after_doubt = error.after_doubt
    return missing
