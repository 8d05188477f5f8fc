"""What deploy has made in a registry: finding it, and showing it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from azure.cli.core import azclierror

from ...client.errors import TaskNotFoundError
from ...client.pools import AgentPools, read_pool
from ...client.registries import RegistryId
from ...client.replies import text_of
from ...client.role_assignments import TASKS_CONTRIBUTOR, RoleAssignment
from ...client.tasks import Tasks
from ...scaling.tags import has_policy
from ...wording import az_command
from ..console.errors import CommandError, change_in_doubt
from ..session import Session
from ..tasks.schedules import ScheduleError, next_times
from ..tasks.timer_triggers import ENABLED, find_timer
from .deployment import TASK_NAME, TIMER_NAME, is_deployment, source_of
from .interval import Interval

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import Task

__all__ = [
    "Deployment",
    "autoscale_command",
    "doubt_told",
    "find_deployment",
    "find_pools_with_policy",
    "grant_command",
    "has_role",
    "own_roles",
    "require_own",
]


@dataclass(frozen=True)
class Deployment:
    """The task as it is, for a message or a result; `registry` is where it is."""

    registry: RegistryId
    task: Task

    @property
    def principal_id(self) -> str:
        """Whom Azure knows its identity as, "" if the service does not say."""
        return (self.task.identity.principal_id if self.task.identity else None) or ""

    @property
    def schedule(self) -> str:
        """The cron expression of its timer, "" if it has none."""
        timer = find_timer(self.task, TIMER_NAME)
        return timer.schedule if timer else ""

    @property
    def is_enabled(self) -> bool:
        """Whether its timer starts it."""
        timer = find_timer(self.task, TIMER_NAME)
        return text_of(self.task.status) == ENABLED and timer is not None and timer.status == ENABLED

    def next_time(self, now: datetime) -> datetime | None:
        """When its timer starts it next, None if it does not."""
        if not self.is_enabled:
            return None
        try:
            return next_times(self.schedule, now, count=1)[0]
        except ScheduleError:
            # An expression that the service has taken before is not judged.
            return None

    def as_result(self, now: datetime, pools: Iterable[str] | None, roles: bool | None) -> dict[str, Any]:
        """What a command shows of it. `pools` are those with a policy; None for what is not known."""
        next_time, interval = self.next_time(now), Interval.of(self.schedule)
        return {
            "deployed": True,
            "registryName": str(self.registry.name),
            "taskName": TASK_NAME,
            "status": ENABLED if self.is_enabled else "Disabled",
            "every": str(interval) if interval else None,
            "schedule": self.schedule or None,
            "nextRun": next_time.isoformat() if next_time else None,
            "extensionSource": source_of(self.task),
            "principalId": self.principal_id or None,
            "hasRole": roles,
            "agentPools": None if pools is None else list(pools),
        }


def find_deployment(tasks: Tasks) -> Task | None:
    """The task of that name, whoever made it; None if there is none."""
    try:
        return tasks.get(TASK_NAME)
    except TaskNotFoundError:
        return None


def require_own(task: Task, registry: RegistryId, done: str) -> None:
    """Raise CommandError unless deploy made the task; `done` is what was not done therefore."""
    if is_deployment(task):
        return
    show = az_command("acr task show", "-r", registry.name, "-n", TASK_NAME)
    delete = az_command("acr task delete", "-r", registry.name, "-n", TASK_NAME)
    raise CommandError(
        azclierror.ValidationError(
            f"Registry '{registry.name}' has a task '{TASK_NAME}' that was not made by deploy, or was changed since:"
            f" nothing was {done}.",
            [f"See what it does with: {show}", f"If nobody needs it, delete it with: {delete}"],
        )
    )


def find_pools_with_policy(session: Session, registry: RegistryId) -> list[str]:
    """The names of the registry's agent pools that have a policy, be it one that cannot be read."""
    pools = (read_pool(pool, registry.name) for pool in AgentPools(session.arm).list(registry))
    return [pool.name for pool in pools if has_policy(pool)]


def doubt_told(registry: RegistryId) -> AbstractContextManager[None]:
    """While inside, an interruption says that deployment or role may be unfinished: raises InterruptedCommandError."""
    see = f"See how far that came with: {autoscale_command(registry, 'status')}"
    return change_in_doubt(f"Task '{TASK_NAME}' or the role of its identity", see)


def has_role(held: Iterable[RoleAssignment], registry: RegistryId) -> bool | None:
    """Whether one of these lets the task do what it is for.

    None if that is not known: it has another role on the registry, which may be too little, such as AcrPull.
    """
    if any(one.role == TASKS_CONTRIBUTOR.guid for one in held):
        return True
    return None if any(one.is_at(registry) for one in held) else False


def own_roles(held: Iterable[RoleAssignment], registry: RegistryId) -> list[RoleAssignment]:
    """Those that are assigned at the registry itself."""
    return [one for one in held if one.is_at(registry)]


def autoscale_command(registry: RegistryId, verb: str, *arguments: str) -> str:
    """The command `az acr agentpool autoscale VERB` about a registry."""
    return az_command(f"acr agentpool autoscale {verb}", "-r", registry.name, *arguments)


def grant_command(registry: RegistryId, principal_id: str) -> str:
    """How somebody who may assign roles gives the task's identity its own."""
    return az_command(
        "role assignment create",
        *("--assignee-object-id", principal_id, "--assignee-principal-type", "ServicePrincipal"),
        *("--role", TASKS_CONTRIBUTOR.name, "--scope", registry.resource_id),
    )
