"""Creating, scaling and deleting agent pools: what happens between the request and the end of the operation."""

from __future__ import annotations

from collections.abc import Callable

from ..clock import EmulatorClock
from ..world.network import egress_obstacle
from ..world.state import AgentPool, AzureState, PoolOperation, Registry
from .background import Background

__all__ = ["PoolOperations"]

BLOCKED_POOL_FAILS_AFTER = 3600.0
"""Seconds after which a pool that reaches no Azure service turns Failed: "later" is all that was reported (assumed)."""

DELETING_SECONDS = 1.0
"""The least time that a pool is seen as Deleting: az's own delete looks at it once before it waits for its end."""


class PoolOperations:
    """Runs pool operations, each `seconds` long, a deletion at least a second.

    `pool_changed` is told whenever a pool has more agents, or fewer.

    Assumed: agents that are up go on taking runs while their pool is Updating, also when nothing but its tags is
    changed; a pool that is scaled down takes no more runs than its new count at once, and runs that have started finish
    even when their pool is deleted.
    """

    def __init__(
        self,
        state: AzureState,
        clock: EmulatorClock,
        background: Background,
        seconds: float,
        pool_changed: Callable[[Registry, AgentPool], None],
    ) -> None:
        self._state = state
        self._clock = clock
        self._background = background
        self._seconds = seconds
        self._pool_changed = pool_changed

    def create(self, registry: Registry, pool: AgentPool) -> PoolOperation:
        """Start creating `pool`, which is in the registry from now on."""
        registry.pools[pool.name.lower()] = pool
        operation = self._begin(pool, "Creating")
        self._background.start(self._bring_up(registry, pool, operation))
        return operation

    def update(self, registry: Registry, pool: AgentPool, count: int) -> PoolOperation:
        """Start scaling `pool` to `count` instances; when it was changed is shown from now on (recorded)."""
        pool.count = count
        pool.agents = min(pool.agents, count)
        pool.system_data.modified_at = self._clock.now()
        operation = self._begin(pool, "Updating")
        self._pool_changed(registry, pool)
        self._background.start(self._bring_up(registry, pool, operation))
        return operation

    def delete(self, registry: Registry, pool: AgentPool) -> PoolOperation:
        """Start deleting `pool`; its agents take no further runs."""
        pool.agents = 0
        operation = self._begin(pool, "Deleting")
        self._background.start(self._take_down(registry, pool, operation))
        return operation

    def _begin(self, pool: AgentPool, status: str) -> PoolOperation:
        operation = PoolOperation(pool, status)
        pool.state = status
        pool.operation = operation
        self._state.pool_operations[operation.id] = operation
        return operation

    async def _bring_up(self, registry: Registry, pool: AgentPool, operation: PoolOperation) -> None:
        await self._clock.sleep(self._seconds)
        subnet = self._state.world.subnet(pool.subnet_id) if pool.subnet_id else None
        pool.operation = None
        if subnet is not None and subnet.create_error:
            pool.state = operation.status = "Failed"
            operation.error = f"The status for Agent Pool {pool.name} is Error. Error Message: {subnet.create_error}"
            return
        pool.state = operation.status = "Succeeded"
        pool.egress_blocked = self._is_blocked(pool)
        self._settle(registry, pool)

    def network_changed(self) -> None:
        """Look at every pool's network again: what is blocked takes no more runs, what is not takes them again."""
        for registry in self._state.registries:
            for pool in registry.pools.values():
                blocked = self._is_blocked(pool)
                if blocked != pool.egress_blocked:
                    pool.egress_blocked = blocked
                    if pool.state == "Succeeded":
                        self._settle(registry, pool)

    def _is_blocked(self, pool: AgentPool) -> bool:
        if not pool.subnet_id:
            return False
        subnet = self._state.world.subnet(pool.subnet_id)
        flagged = subnet is not None and subnet.egress_blocked
        return flagged or egress_obstacle(self._state.documents, pool.subnet_id.rstrip("/")) is not None

    def _settle(self, registry: Registry, pool: AgentPool) -> None:
        """Let the machines of a pool that is up fetch work, or not."""
        if not pool.egress_blocked:
            pool.agents = pool.count
            self._pool_changed(registry, pool)
            return
        pool.agents = 0
        pool.blocked_times += 1
        subnet = self._state.world.subnet(pool.subnet_id or "")
        seconds = subnet.fails_after if subnet and subnet.egress_blocked else BLOCKED_POOL_FAILS_AFTER
        if seconds is not None:
            self._background.start(self._fail_later(pool, pool.blocked_times, seconds))

    async def _fail_later(self, pool: AgentPool, blocked_times: int, seconds: float) -> None:
        await self._clock.sleep(seconds)
        since_then = pool.egress_blocked and pool.blocked_times == blocked_times
        if since_then and pool.operation is None and pool.state == "Succeeded":
            pool.state = "Failed"

    async def _take_down(self, registry: Registry, pool: AgentPool, operation: PoolOperation) -> None:
        await self._clock.sleep(max(self._seconds, DELETING_SECONDS))
        registry.pools.pop(pool.name.lower(), None)
        operation.status = "Succeeded"
