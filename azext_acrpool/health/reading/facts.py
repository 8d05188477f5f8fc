"""Getting the facts about a pool's health from Azure: each once, and as many as possible side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TypeVar
from urllib.parse import quote

from ...aside import start_aside
from ...client.active_runs import ActiveRun, list_active_runs
from ...client.arm import ArmClient, with_query
from ...client.pools import AgentPools, as_pool_model, read_pool
from ...client.registries import REGISTRY_TYPE, Registry, RegistryId
from ...client.tasks import Tasks
from ...clock import Clock
from ...pool import Pool
from ..facts import (
    TASKS_BYPASS_API_VERSION,
    DnsZoneFacts,
    Dockerfile,
    Facts,
    Missing,
    PermissionFacts,
    RegistryFacts,
    RunFacts,
    Unreadable,
    is_subnet_id,
)
from .attempt import read_fact
from .documents import read_dns_zone, read_endpoint_network, read_permissions, read_registry
from .network import NETWORK_API_VERSION, NO_NETWORK, NetworkFacts, read_network

__all__ = ["HealthSubject", "describe_registry", "describe_run", "fetch_facts"]

_PERMISSIONS_API_VERSION = "2022-04-01"
_ZONES_API_VERSION = "2024-06-01"
_ENDPOINTS = "Microsoft.Network/privateEndpoints"
_ZONES = "Microsoft.Network/privateDnsZones"

T = TypeVar("T")


@dataclass(frozen=True)
class HealthSubject:
    """Whose health is asked for: the existing pool `pool_name` or, if that is empty, the one that is `wanted`.

    `caller` is who asks, as az names it. `firewall_commands`: az has the commands that change firewalls.
    """

    registry: RegistryId
    pool_name: str = ""
    wanted: Pool | None = None
    dockerfile: Dockerfile | None = None
    caller: str = ""
    firewall_commands: bool = False


def fetch_facts(arm: ArmClient, subject: HealthSubject, clock: Clock) -> Facts:
    """All facts about the subject. What cannot be read is Unreadable there.

    Raises UnauthorizedError without a login, and ConnectionLostError if Azure cannot be reached.
    """
    return _Fetch(arm, subject, clock).facts()


def describe_registry(registry: Registry) -> RegistryFacts | Unreadable:
    """What the checks need to know of a registry that has been read already."""
    return _readable(read_fact(lambda: read_registry(registry.raw), f"{REGISTRY_TYPE}/read"))


def describe_run(active: ActiveRun, timeout: int | None = None) -> RunFacts:
    """What the checks need to know of a run. `timeout` is its task's, in seconds: a run does not tell its own."""
    return RunFacts(active.run_id, active.status, active.waited, active.running, timeout)


class _Fetch:
    """One round of questions about one subject."""

    def __init__(self, arm: ArmClient, subject: HealthSubject, clock: Clock) -> None:
        self._arm = arm
        self._subject = subject
        self._registry = subject.registry
        self._clock = clock

    def facts(self) -> Facts:
        registry = start_aside(self._read_registry)
        pools = start_aside(self._read_pools)
        network = start_aside(lambda: self._read_network(pools))
        regions = start_aside(self._read_regions)
        permissions = start_aside(self._read_permissions)
        queue = start_aside(self._read_queue)
        runs = start_aside(self._read_runs)
        found, now = registry.result()
        around = network.result()
        pools_found = pools.result()
        pool = self._subject.wanted or self._find_pool(pools_found)
        return Facts(
            now=now,
            registry_id=self._registry,
            registry=found,
            pool=pool,
            pools=pools_found,
            offered_regions=regions.result(),
            queue_count=queue.result(),
            runs=runs.result(),
            subnet=around.subnet,
            vnet=around.vnet,
            nsg=around.nsg,
            route_table=around.route_table,
            firewalls=around.firewalls,
            dns_zone=self._read_zone(found, pool),
            endpoint_networks=self._read_endpoint_networks(found, pool),
            permissions=permissions.result(),
            dockerfile=self._subject.dockerfile,
            caller=self._subject.caller,
            firewall_commands=self._subject.firewall_commands,
        )

    def _read_registry(self) -> tuple[RegistryFacts | Missing | Unreadable, datetime]:
        """The registry, and the time: the service's own if it tells."""
        path, permission = self._registry.path, f"{REGISTRY_TYPE}/read"
        url = with_query(path, api_version=TASKS_BYPASS_API_VERSION)
        reply = read_fact(lambda: self._arm.send("GET", url), permission, path, vital=True)
        if isinstance(reply, (Missing, Unreadable)):
            return reply, self._clock.now()
        return read_fact(lambda: read_registry(reply.body), permission), reply.sent or self._clock.now()

    def _read_pools(self) -> tuple[Pool, ...] | Unreadable:
        def read() -> tuple[Pool, ...]:
            return tuple(
                read_pool(as_pool_model(body), self._registry.name)
                for body in self._arm.list_json(f"{self._registry.path}/agentPools")
            )

        return _readable(read_fact(read, f"{REGISTRY_TYPE}/agentpools/read"))

    def _find_pool(self, pools: Sequence[Pool] | Unreadable) -> Pool | Missing | Unreadable:
        if isinstance(pools, Unreadable):
            return pools
        name = self._subject.pool_name
        found = (pool for pool in pools if pool.name.lower() == name.lower())
        return next(found, Missing(f"{self._registry.path}/agentPools/{name}"))

    def _read_network(self, pools: Future[tuple[Pool, ...] | Unreadable]) -> NetworkFacts:
        pool = self._subject.wanted or self._find_pool(pools.result())
        subnet_id = pool.subnet_id if isinstance(pool, Pool) else None
        if not subnet_id or not is_subnet_id(subnet_id):
            return NO_NETWORK
        return read_network(self._arm, subnet_id)

    def _read_zone(
        self, registry: RegistryFacts | Missing | Unreadable, pool: Pool | Missing | Unreadable
    ) -> DnsZoneFacts | Unreadable | None:
        """Read only where a pool in a network reaches the registry at a private endpoint, or needs one."""
        in_network = isinstance(pool, Pool) and bool(pool.subnet_id)
        if not isinstance(registry, RegistryFacts) or not in_network:
            return None
        if not registry.firewalled:
            return None
        group = self._registry.path.partition("/providers/")[0]
        links = f"{group}/providers/{_ZONES}/{registry.private_zone}/virtualNetworkLinks"

        def read() -> DnsZoneFacts:
            return read_dns_zone(self._arm.list_json(links, api_version=_ZONES_API_VERSION))

        found = read_fact(read, f"{_ZONES}/virtualNetworkLinks/read", links)
        return None if isinstance(found, Missing) else found

    def _read_endpoint_networks(
        self, registry: RegistryFacts | Missing | Unreadable, pool: Pool | Missing | Unreadable
    ) -> tuple[str, ...] | None:
        """Read only where a pool in a network has no other way to the registry."""
        in_network = isinstance(pool, Pool) and bool(pool.subnet_id)
        if not isinstance(registry, RegistryFacts) or not in_network or not registry.is_closed:
            return None

        def read(endpoint_id: str) -> str | Missing | Unreadable:
            path = quote(endpoint_id, safe="/")
            return read_fact(
                lambda: read_endpoint_network(self._arm.get_json(path, api_version=NETWORK_API_VERSION)),
                f"{_ENDPOINTS}/read",
            )

        asked = [start_aside(partial(read, endpoint_id)) for endpoint_id in registry.endpoint_ids]
        networks = tuple(found for one in asked if isinstance(found := one.result(), str))
        return networks if networks and len(networks) == registry.private_endpoints else None

    def _read_regions(self) -> dict[str, str] | Unreadable:
        return _readable(read_fact(AgentPools(self._arm).regions, "Microsoft.Resources/subscriptions/providers/read"))

    def _read_permissions(self) -> tuple[PermissionFacts, ...] | Unreadable:
        path = f"{self._registry.path}/providers/Microsoft.Authorization/permissions"

        def read() -> tuple[PermissionFacts, ...]:
            return read_permissions(self._arm.list_json(path, api_version=_PERMISSIONS_API_VERSION))

        return _readable(read_fact(read, "Microsoft.Authorization/permissions/read"))

    def _read_queue(self) -> int | Unreadable | None:
        name = self._subject.pool_name
        if not name:
            return None
        pools = AgentPools(self._arm)
        count = read_fact(
            lambda: pools.queue_count(self._registry, name).count, f"{REGISTRY_TYPE}/agentpools/listQueueStatus/action"
        )
        return _readable(count)

    def _read_runs(self) -> tuple[RunFacts, ...] | Unreadable:
        name = self._subject.pool_name
        if not name:
            return ()

        def read() -> tuple[RunFacts, ...]:
            active = list_active_runs(self._arm, self._registry, name)
            timeouts = self._read_timeouts(
                {found.run.task for found in active if found.run.task and found.run.start_time}
            )
            return tuple(self._describe(found, timeouts.get(found.run.task or "")) for found in active)

        return _readable(read_fact(read, f"{REGISTRY_TYPE}/runs/read"))

    def _describe(self, active: ActiveRun, timeout: int | None) -> RunFacts:
        return describe_run(replace(active, seen=active.seen or self._clock.now()), timeout)

    def _read_timeouts(self, tasks: Iterable[str]) -> dict[str, int | None]:
        """The timeouts of tasks, in seconds, None for those that cannot be read."""
        asked = {name: start_aside(partial(self._read_timeout, name)) for name in set(tasks)}
        return {name: timeout.result() for name, timeout in asked.items()}

    def _read_timeout(self, task: str) -> int | None:
        tasks = Tasks(self._arm, self._registry, self._clock)
        timeout = read_fact(lambda: tasks.get(task).timeout, f"{REGISTRY_TYPE}/tasks/read")
        return timeout if isinstance(timeout, int) else None


def _readable(found: T | Missing | Unreadable) -> T | Unreadable:
    return Unreadable(reason="it does not exist") if isinstance(found, Missing) else found
