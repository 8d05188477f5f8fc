"""The agent pool of a task: checked before it is named, kept when it is not."""

from typing import TYPE_CHECKING, Any

from azure.cli.core import azclierror

from ...client.pools import AgentPools
from ...client.registries import RegistryId
from ...client.tasks import Tasks
from ..console.errors import ExitCode, fail, fail_usage
from ..console.narrator import Narrator
from ..runs.pool import find_pool_for_run, require_usable_pool

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import Task, TaskPropertiesUpdateParameters

__all__ = ["check_pool", "refuse_cpu_on_pool", "require_pool", "update_keeping_pool"]


def refuse_cpu_on_pool(cpu: int | None, pool: str | None, registry_name: str, task: str) -> None:
    """End the process if the user asks for CPUs though the tier of ``pool`` sets them."""
    if cpu is None or getattr(cpu, "is_default", False) or not pool:
        return
    fail_usage(
        f"--cpu cannot be used with an agent pool: runs on agent pool '{pool}' get the CPUs of its tier, and the "
        "service refuses a number beside it.",
        f"Leave out --cpu. See the pool's tier with: az acr agentpool show -r {registry_name} -n {pool}. To run the "
        f'task without the pool: az acr task update -r {registry_name} -n {task} --agent-pool ""',
    )


def check_pool(pools: AgentPools, registry: RegistryId, pool: str | None, narrator: Narrator) -> None:
    """End the process if there is no such pool; say so if it would take no run now. Nothing without a pool."""
    if pool:
        found = find_pool_for_run(pools, registry, pool)
        require_usable_pool(found, registry, narrator, will_wait=False)


def update_keeping_pool(
    tasks: Tasks, name: str, changes: "TaskPropertiesUpdateParameters", pool: str | None, *, named: bool = False
) -> "Task":
    """Change a task so that its agent pool is ``pool`` afterwards: a change that names none would take it away.

    ``named`` says that the user asked for this pool; None or empty then takes the pool away.
    """
    from azure.core.serialization import NULL
    from azure.mgmt.containerregistrytasks.models import TaskUpdateParameters

    if pool:
        changes.agent_pool_name = pool
    elif named:
        # A null is the least that takes it away: that is what leaving it out amounts to.
        removed: Any = NULL
        changes.agent_pool_name = removed
    return tasks.update(name, TaskUpdateParameters(properties=changes))


def require_pool(task: "Task", pool: str | None, registry_name: str, tasks: Tasks) -> "Task":
    """The task, once it is sure that its agent pool is ``pool``; ends the process if it is not."""
    if not _same(task.agent_pool_name, pool):
        # The reply to a change may be older than the change.
        task = tasks.get(str(task.name))
    if not _same(task.agent_pool_name, pool):
        wanted, actual = _describe(pool), _describe(task.agent_pool_name)
        fail(
            azclierror.AzureResponseError(
                f"Task '{task.name}' was changed, but the service left it {actual} instead of {wanted}.",
                f'Try again with: az acr task update -r {registry_name} -n {task.name} --agent-pool "{pool or ""}"',
            ),
            ExitCode.FAILED,
        )
    return task


def _same(actual: str | None, wanted: str | None) -> bool:
    return (actual or "").lower() == (wanted or "").lower()


def _describe(pool: str | None) -> str:
    return f"on agent pool '{pool}'" if pool else "without an agent pool"
