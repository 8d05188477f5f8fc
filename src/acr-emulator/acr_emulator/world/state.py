"""What exists now: the mutable side of the world, and how each resource looks on the wire."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from ..clock import format_time
from ..executor.run_faults import RunFaults
from .documents import DocumentStore
from .network import network_of_world
from .roles import RoleAssignment
from .specs import PoolSpec, RegistrySpec, World

__all__ = [
    "USER",
    "AgentPool",
    "AzureState",
    "PoolOperation",
    "Registry",
    "RegistryOperation",
    "ResourceGroup",
    "Run",
    "SystemData",
    "Task",
    "TaskRun",
    "find",
    "new_password",
]

PROVIDER = "Microsoft.ContainerRegistry"
USER = "user@example.com"
FINAL_RUN_STATUSES = frozenset({"Succeeded", "Failed", "Canceled", "Error", "Timeout"})


@dataclass
class SystemData:
    """Who made a resource and who changed it last; a run has no creator until it is updated, as recorded."""

    created_at: datetime | None
    modified_at: datetime

    def to_wire(self) -> dict[str, str]:
        created = {} if self.created_at is None else _stamp("created", "createdAt", self.created_at)
        return {**created, **_stamp("lastModified", "lastModifiedAt", self.modified_at)}


def _stamp(prefix: str, at_key: str, at: datetime) -> dict[str, str]:
    return {f"{prefix}By": USER, f"{prefix}ByType": "User", at_key: format_time(at)}


@dataclass
class PoolOperation:
    """A create, update or delete of an agent pool. `status` is Creating, Updating, Deleting, Succeeded or Failed."""

    pool: AgentPool
    status: str
    id: str = field(default_factory=lambda: str(uuid4()))
    error: str | None = None

    @property
    def done(self) -> bool:
        return self.status in {"Succeeded", "Failed"}


@dataclass(eq=False)
class RegistryOperation:
    """The creation, change or deletion of a registry."""

    id: str
    registry: Registry
    done: bool = False


@dataclass
class AgentPool:
    """A pool.

    `agents` is how many instances are up and can take runs. `egress_blocked`: its network keeps them from their work,
    for the `blocked_times`th time.
    """

    name: str
    registry_id: str
    location: str
    tier: str
    os: str
    count: int
    system_data: SystemData
    subnet_id: str | None = None
    tags: dict[str, str] | None = None
    state: str = "Creating"
    agents: int = 0
    egress_blocked: bool = False
    blocked_times: int = 0
    operation: PoolOperation | None = None

    @property
    def id(self) -> str:
        return f"{self.registry_id}/agentPools/{self.name}"

    def to_wire(self, *, with_tags: bool = True) -> dict[str, Any]:
        properties: dict[str, Any] = {"count": self.count, "tier": self.tier, "os": self.os}
        if self.subnet_id:
            properties["virtualNetworkSubnetResourceId"] = self.subnet_id
        properties["provisioningState"] = self.state
        tags = {"tags": dict(self.tags)} if with_tags and self.tags else {}
        return {
            "type": f"{PROVIDER}/registries/agentPools",
            "properties": properties,
            "id": self.id,
            "name": self.name,
            "location": self.location,
            **tags,
            "systemData": self.system_data.to_wire(),
        }


@dataclass
class Task:
    """A task; `properties` holds what the client sent, merged, secrets included."""

    name: str
    registry_id: str
    location: str
    properties: dict[str, Any]
    system_data: SystemData
    creation_date: datetime
    tags: dict[str, str] | None = None
    identity: dict[str, Any] | None = None
    base_image_dependencies: list[dict[str, str]] | None = None

    @property
    def id(self) -> str:
        return f"{self.registry_id}/tasks/{self.name}"


@dataclass
class Run:
    """A run and the request that it carries out (with the task's step in it, when a task was run)."""

    id: str
    registry: Registry
    request: Mapping[str, Any]
    system_data: SystemData
    created: datetime
    updated: datetime
    run_type: str = "QuickRun"
    task: str | None = None
    pool: str | None = None
    timeout: float = 3600
    platform: dict[str, str] = field(default_factory=dict)
    cpu: int = 2
    status: str = "Queued"
    started: datetime | None = None
    finished: datetime | None = None
    output_images: list[dict[str, str]] | None = None
    error_message: str | None = None
    archived: bool = False
    cancel_requested: bool = False
    trigger: dict[str, Any] = field(default_factory=dict)
    custom_registries: list[str] | None = None
    source_registry_auth: str | None = None
    update_trigger_token: str | None = None

    @property
    def final(self) -> bool:
        return self.status in FINAL_RUN_STATUSES

    @property
    def resource_id(self) -> str:
        return f"{self.registry.id}/runs/{self.id}"

    @property
    def log_blob(self) -> str:
        """Container and name of the blob the log goes to."""
        return f"{self.registry.container}/logs/{self.id}/rawtext.log"


@dataclass
class TaskRun:
    """A run as a resource of its own: the request, and the run it led to."""

    name: str
    registry_id: str
    request: dict[str, Any]
    run: Run
    location: str | None = None
    force_update_tag: str | None = None
    identity: dict[str, Any] | None = None
    tags: dict[str, str] | None = None
    system_data: SystemData | None = None

    @property
    def id(self) -> str:
        return f"{self.registry_id}/taskRuns/{self.name}"


@dataclass(eq=False)
class Registry:
    """A registry with all that lives in it. Names are keys in lower case.

    `settings` are the properties that were set, beside those of `spec`, by their names on the wire. `domain_label` is
    what was put behind the name in its login server's, so that nobody else can take it over. The IDs of its runs begin
    with `run_prefix`, and `runs_before` were counted already. `passwords` are those of its admin user.
    `former_identity` is what it shows while it is Updating.
    """

    spec: RegistrySpec
    system_data: SystemData
    state: str = "Succeeded"
    settings: dict[str, Any] = field(default_factory=dict)
    identity: dict[str, Any] | None = None
    former_identity: dict[str, Any] | None = None
    domain_label: str = ""
    deletion: RegistryOperation | None = None
    run_prefix: str = "cf"
    runs_before: int = 0
    passwords: dict[str, str] = field(
        default_factory=lambda: {"password": new_password(), "password2": new_password()}, repr=False
    )
    container: str = field(default_factory=lambda: f"container-{uuid4().hex}")
    pools: dict[str, AgentPool] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    task_runs: dict[str, TaskRun] = field(default_factory=dict)
    runs: dict[str, Run] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.run_faults = RunFaults(self.spec.run_faults)

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def id(self) -> str:
        spec = self.spec
        group = f"/subscriptions/{spec.subscription_id}/resourceGroups/{spec.resource_group}"
        return f"{group}/providers/{PROVIDER}/registries/{spec.name}"

    @property
    def login_server(self) -> str:
        label = f"-{self.domain_label}" if self.domain_label else ""
        return f"{self.spec.name.lower()}{label}.azurecr.io"

    def next_run_id(self) -> str:
        """Run ids of one registry count up: cf1, cf2 ... (the letters differ by registry; these are recorded)."""
        return f"{self.run_prefix}{self.runs_before + len(self.runs) + 1}"


@dataclass
class ResourceGroup:
    """A resource group; its region only says where what Azure knows of it is kept."""

    subscription_id: str
    name: str
    location: str
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"/subscriptions/{self.subscription_id}/resourceGroups/{self.name}"


@dataclass
class AzureState:
    """Everything, over all subscriptions."""

    world: World
    registries: list[Registry] = field(default_factory=list)
    resource_groups: list[ResourceGroup] = field(default_factory=list)
    pool_operations: dict[str, PoolOperation] = field(default_factory=dict)
    registry_operations: dict[str, RegistryOperation] = field(default_factory=dict)
    documents: DocumentStore = field(default_factory=DocumentStore)
    role_assignments: dict[str, RoleAssignment] = field(default_factory=dict)

    @classmethod
    def from_world(cls, world: World, now: datetime) -> AzureState:
        """The state at `now`, when nothing has happened yet."""
        state = cls(world, documents=network_of_world(world))
        for name in world.resource_groups:
            state.add_group(world.subscriptions[0].id, name, "westus2")
        for resource_id in state.documents.ids():
            parts = resource_id.split("/")
            if parts[1].lower() == "subscriptions" and parts[3:4] and parts[3].lower() == "resourcegroups":
                state.add_group(parts[2], parts[4], "westus2")
        for spec in world.registries:
            registry = Registry(spec, SystemData(now, now))
            state.registries.append(registry)
            state.add_group(spec.subscription_id, spec.resource_group, spec.location)
            for pool in spec.pools:
                registry.pools[pool.name.lower()] = _existing_pool(registry, pool, now)
        return state

    def add_group(self, subscription_id: str, name: str, location: str) -> None:
        """Make sure that the resource group exists."""
        if self.group(subscription_id, name) is None:
            self.resource_groups.append(ResourceGroup(subscription_id, name, location))

    def group(self, subscription_id: str, name: str) -> ResourceGroup | None:
        """The resource group of that name, in any case, or None."""
        wanted = (subscription_id.lower(), name.lower())
        return next(
            (one for one in self.resource_groups if (one.subscription_id.lower(), one.name.lower()) == wanted), None
        )

    def registries_in(self, subscription_id: str, group: str | None = None) -> Iterator[Registry]:
        """The registries of a subscription, or of one of its resource groups."""
        for registry in self.registries:
            in_group = group is None or registry.spec.resource_group.lower() == group.lower()
            if in_group and registry.spec.subscription_id.lower() == subscription_id.lower():
                yield registry


def new_password() -> str:
    """A password such as an admin user of a registry has."""
    return secrets.token_urlsafe(36)


def find(registries: Iterator[Registry], name: str) -> Registry | None:
    """The registry of that name, in any case."""
    return next((registry for registry in registries if registry.name.lower() == name.lower()), None)


def _existing_pool(registry: Registry, spec: PoolSpec, now: datetime) -> AgentPool:
    return AgentPool(
        name=spec.name,
        registry_id=registry.id,
        location=registry.spec.location,
        tier=spec.tier,
        os="Linux",
        count=spec.count,
        system_data=SystemData(now, now),
        subnet_id=spec.subnet_id,
        tags=dict(spec.tags) or None,
        state=spec.state,
        agents=spec.count if spec.state == "Succeeded" else 0,
    )
