"""`az acr agentpool autoscale undeploy`."""

from __future__ import annotations

from dataclasses import dataclass

from azure.cli.core import azclierror

from ...client.errors import AcrError
from ...client.registries import RegistryId
from ...client.role_assignments import RoleAssignments
from ...wording import az_command
from ..command import command
from ..console.errors import CommandError
from ..session import RegistryOptions, Session
from .deployed import Deployment, doubt_told, find_deployment, own_roles, require_own
from .deployment import TASK_NAME

__all__ = ["UndeployOptions", "undeploy_autoscale"]


@dataclass(frozen=True, kw_only=True)
class UndeployOptions(RegistryOptions):
    """The command line of `undeploy`."""

    yes: bool = False


@command(UndeployOptions)
def undeploy_autoscale(session: Session, options: UndeployOptions) -> None:
    """Remove what deploy has made: the task, and the roles of its identity on the registry.

    Raises CommandError for what could not be removed; the rest is removed all the same.
    """
    registry = session.locate_registry(options)
    tasks = session.tasks(registry)
    found = find_deployment(tasks)
    if found is None:
        session.narrator.say(f"Registry '{registry.name}' has no task '{TASK_NAME}': nothing is left to remove.")
        return
    require_own(found, registry, "removed")
    _confirm(session, registry, is_sure=options.yes)
    # Without the task nobody would know any more whose roles these were.
    with doubt_told(registry):
        left = _remove_roles(session, Deployment(registry, found))
        tasks.delete(TASK_NAME)
    session.narrator.say(
        f"Task '{TASK_NAME}' of registry '{registry.name}' is gone. The policies stay: builds that acrpool sends go on"
        " to scale out, and nothing scales in until somebody evaluates them."
    )
    if left is not None:
        raise left


def _confirm(session: Session, registry: RegistryId, *, is_sure: bool) -> None:
    question = f"Delete task '{TASK_NAME}' of registry '{registry.name}', and the role of its identity there?"
    if not is_sure and not session.user.confirm(question):
        raise CommandError(azclierror.UnclassifiedUserFault("Nothing was removed."))


def _remove_roles(session: Session, deployed: Deployment) -> CommandError | None:
    """How the command ends if the identity keeps a role on the registry, None if it does not."""
    registry, principal_id = deployed.registry, deployed.principal_id
    if not principal_id:
        return None
    roles = RoleAssignments(session.arm, registry, session.clock, tell=session.narrator.say)
    try:
        for one in own_roles(roles.of(principal_id), registry):
            roles.remove(one)
    except AcrError as error:
        again = az_command("role assignment delete", "--assignee", principal_id, "--scope", registry.resource_id)
        return CommandError(
            azclierror.AzureResponseError(
                f"Task '{TASK_NAME}' was deleted, but the role of its identity on registry '{registry.name}' may still"
                f" be there, and is nobody's now: {error.message}",
                f"Have it removed by somebody who may, with: {again}",
            )
        )
    return None
