"""`az acr agentpool autoscale status`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from ...client.errors import AcrError, NotFoundError
from ...client.registries import RegistryId
from ...client.replies import in_utc
from ...client.role_assignments import TASKS_CONTRIBUTOR, RoleAssignments
from ...client.run_listing import RunFilter, newest_run
from ...client.run_status import is_active, status_name
from ...wording import az_command, printable
from ..command import command
from ..session import RegistryOptions, Session
from .deployed import (
    Deployment,
    autoscale_command,
    find_deployment,
    find_pools_with_policy,
    grant_command,
    has_role,
)
from .deployment import TASK_NAME, is_deployment

if TYPE_CHECKING:
    from datetime import datetime

    from azure.mgmt.containerregistrytasks.models import Run

    from ...client.role_assignments import RoleAssignment

__all__ = ["StatusOptions", "show_deployment"]

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class StatusOptions(RegistryOptions):
    """The command line of `status`."""


@command(StatusOptions)
def show_deployment(session: Session, options: StatusOptions) -> dict[str, Any]:
    """Show what deploy has made, and how it does. What cannot be read is null in the result, and said."""
    registry = session.locate_registry(options)
    task = find_deployment(session.tasks(registry))
    pools = _read(session, "agent pools have a policy", lambda: find_pools_with_policy(session, registry))
    if task is None or not is_deployment(task):
        why = "has no task" if task is None else "has a task that deploy did not make under the name"
        deploy = autoscale_command(registry, "deploy", "--extension-source", "URL")
        session.narrator.say(f"Registry '{registry.name}' {why} '{TASK_NAME}'. Deploy it with: {deploy}")
        return {"deployed": False, "registryName": str(registry.name), "taskName": TASK_NAME, "agentPools": pools}
    deployed = Deployment(registry, task)
    roles = RoleAssignments(session.arm, registry, session.clock, tell=session.narrator.say)
    held = _read(session, "roles its identity has", lambda: roles.of(deployed.principal_id))
    last = _read(session, "run was its last", lambda: newest_run(session.arm, registry, RunFilter(task=TASK_NAME)))
    _tell_of_task(session, deployed)
    _tell_of_roles(session, deployed, held)
    _tell_of_run(session, registry, last)
    roles_known = None if held is None else has_role(held, registry)
    shown = deployed.as_result(session.clock.now(), pools, roles_known)
    return {**shown, "lastRun": _shown_run(last) if last else None}


def _read(session: Session, what: str, read: Callable[[], T]) -> T | None:
    """What `read` returns; None, and why, if it cannot be had. Raises NotFoundError if the registry is not there."""
    try:
        return read()
    except NotFoundError:
        raise
    except AcrError as error:
        session.narrator.warn(f"Which {what} could not be read: {error.message}")
        return None


def _tell_of_task(session: Session, deployed: Deployment) -> None:
    if not deployed.is_enabled:
        deploy = autoscale_command(deployed.registry, "deploy", "--extension-source", "URL")
        session.narrator.warn(f"Task '{TASK_NAME}' is disabled, or its timer is: deploy it anew with: {deploy}")


def _tell_of_roles(session: Session, deployed: Deployment, held: list[RoleAssignment] | None) -> None:
    if held is None:
        return
    known = has_role(held, deployed.registry)
    if known is None:
        session.narrator.say(
            f"Its identity has another role on the registry than '{TASKS_CONTRIBUTOR.name}'. What that has to allow"
            " says docs/autoscale.md."
        )
        return
    if not known:
        grant = grant_command(deployed.registry, deployed.principal_id)
        session.narrator.warn(
            f"Its identity has no role on the registry, so that its runs fail. Give it one with: {grant}"
        )


def _tell_of_run(session: Session, registry: RegistryId, run: Run | None) -> None:
    if run is None or is_active(status_name(run)) or status_name(run) == "Succeeded":
        return
    logs = az_command("acr task logs", "-r", registry.name, "--run-id", str(run.run_id))
    session.narrator.warn(
        f"Its last run, {printable(str(run.run_id))}, ended as {printable(status_name(run))}. See why with: {logs}"
    )


def _shown_run(run: Run) -> dict[str, Any]:
    return {
        "runId": run.run_id,
        "status": status_name(run),
        "createTime": _shown_time(run.create_time),
        "startTime": _shown_time(run.start_time),
        "finishTime": _shown_time(run.finish_time),
    }


def _shown_time(time: datetime | None) -> str | None:
    moment = in_utc(time)
    return moment.isoformat() if moment else None
