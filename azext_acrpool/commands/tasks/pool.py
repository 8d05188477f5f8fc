"""The agent pool of a task: checked before it is named, kept when it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from azure.cli.core import azclierror

from ...client.registries import RegistryId
from ...client.tasks import Tasks
from ...pool import agentpool_command
from ...wording import az_command
from ..console.errors import CommandError, UsageError
from ..console.values import is_typed
from ..runs.pool import PoolCheck, RunPool
from ..session import Session

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import IdentityProperties, Task, TaskPropertiesUpdateParameters

__all__ = ["check_pool", "refuse_cpu_on_pool", "require_pool", "update_keeping_pool"]


def refuse_cpu_on_pool(cpu: int | None, pool: str | None, registry_name: str, task: str) -> None:
    """Raise UsageError if the user asks for CPUs though the tier of `pool` sets them."""
    if not is_typed(cpu) or not pool:
        return
    show = agentpool_command(registry_name, pool, "show")
    leave = az_command("acr task update", "-r", registry_name, "-n", task, "--agent-pool", "")
    raise UsageError(
        f"--cpu cannot be used with an agent pool: runs on agent pool '{pool}' get the CPUs of its tier, and the "
        "service refuses a number beside it.",
        f"Leave out --cpu. See the pool's tier with: {show}",
        f"To run the task without the pool: {leave}",
    )


def check_pool(session: Session, registry: RegistryId, pool: str | None) -> None:
    """Raise CommandError if there is no such pool; say so if it would take no run now. Nothing without a pool."""
    if pool:
        target = RunPool(session.arm, registry, pool)
        PoolCheck(target, session.narrator, session.clock, will_wait=False).require(target.read)


def update_keeping_pool(
    tasks: Tasks,
    name: str,
    changes: TaskPropertiesUpdateParameters,
    pool: str | None,
    *,
    named: bool = False,
    identity: IdentityProperties | None = None,
) -> Task:
    """Change a task so that its agent pool is `pool` afterwards: a change that names none would take it away.

    `named` says that the user asked for this pool; None or empty then takes the pool away. `identity` is changed beside
    the properties, if it is given.
    """
    from azure.core.serialization import NULL
    from azure.mgmt.containerregistrytasks.models import TaskUpdateParameters

    if pool:
        changes.agent_pool_name = pool
    elif named:
        # A null is the least that takes it away: that is what leaving it out amounts to.
        removed: Any = NULL
        changes.agent_pool_name = removed
    return tasks.update(name, TaskUpdateParameters(properties=changes or None, identity=identity))


def require_pool(task: Task, pool: str | None, registry_name: str, tasks: Tasks) -> Task:
    """The task, once it is sure that its agent pool is `pool`; raises CommandError if it is not."""
    if not _same(task.agent_pool_name, pool):
        # The reply to a change may be older than the change.
        task = tasks.get(str(task.name))
    if not _same(task.agent_pool_name, pool):
        wanted, actual = _describe(pool), _describe(task.agent_pool_name)
        again = az_command("acr task update", "-r", registry_name, "-n", str(task.name), "--agent-pool", pool or "")
        raise CommandError(
            azclierror.AzureResponseError(
                f"Task '{task.name}' was changed, but the service left it {actual} instead of {wanted}.",
                f"Try again with: {again}",
            )
        )
    return task


def _same(actual: str | None, wanted: str | None) -> bool:
    return (actual or "").lower() == (wanted or "").lower()


def _describe(pool: str | None) -> str:
    return f"on agent pool '{pool}'" if pool else "without an agent pool"
