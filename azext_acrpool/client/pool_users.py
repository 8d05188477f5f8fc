"""Who uses an agent pool: the tasks that name it, and the runs that wait for it or run on it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from .active_runs import list_active_runs
from .arm import ArmClient
from .registries import RegistryId
from .tasks import Tasks

__all__ = ["PoolUsers", "find_pool_users"]


@dataclass(frozen=True)
class PoolUsers:
    """Names of tasks as the service lists them, and IDs of runs that are not finished, the oldest first."""

    tasks: tuple[str, ...] = ()
    active_runs: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.tasks or self.active_runs)


def find_pool_users(arm: ArmClient, registry: RegistryId, pool: str) -> PoolUsers:
    """Who uses `pool`; tasks and runs are asked for side by side. Raises AcrErrors.

    Nobody has seen a filter on agentPoolName answered, so pools are compared here.
    """
    with ThreadPoolExecutor(max_workers=1) as executor:
        tasks = executor.submit(Tasks(arm, registry).list)
        runs = list_active_runs(arm, registry, pool)
        names = (str(task.name) for task in tasks.result() if (task.agent_pool_name or "").lower() == pool.lower())
        return PoolUsers(tuple(names), tuple(active.run_id for active in runs))
