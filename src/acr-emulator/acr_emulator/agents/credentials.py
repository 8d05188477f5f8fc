"""What a run may do in its own registry: by its login mode, or by the roles of the identity that it names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..world.directory import CALLER, user_assigned_ids
from ..world.roles import REPOSITORY_WRITE, covers, names
from ..world.state import AzureState, Run

__all__ = ["attached_identity", "is_logged_in"]

CALLER_ALIAS = "[caller]"
SYSTEM_ALIAS = "[system]"


def is_logged_in(state: AzureState, run: Run) -> bool:
    """Whether the agent gets credentials of the run's registry with which it can push.

    Where permissions are by repository, only an identity has any, and only with a role that lets it write to
    repositories; the login mode does not count (documented: "Effects of Enabling ABAC on ACR Tasks"). Elsewhere only
    the login mode counts (az). Assumed: an identity that may only read is as one that may do nothing, and conditions of
    role assignments, which could name single repositories, always hold.
    """
    source = (run.request.get("credentials") or {}).get("sourceRegistry") or {}
    if run.registry.spec.role_assignment_mode != "AbacRepositoryPermissions":
        return str(source.get("loginMode") or "Default").lower() != "none"
    principal_id = _principal_of(state, run, str(source.get("identity") or ""))
    return principal_id is not None and _may_write(state, principal_id, run.registry.id)


def _principal_of(state: AzureState, run: Run, identity: str) -> str | None:
    """Whom an identity of `sourceRegistry` means: az sends an alias, or the client ID of one that the task has."""
    if identity.lower() == CALLER_ALIAS:
        return CALLER.id
    attached = attached_identity(run)
    if identity.lower() == SYSTEM_ALIAS:
        return attached.get("principalId")
    for identity_id in attached.get("userAssignedIdentities") or {}:
        ids = user_assigned_ids(state, identity_id)
        if identity.lower() in (identity_id.lower(), ids["clientId"].lower()):
            return ids["principalId"]
    return None


def attached_identity(run: Run) -> Mapping[str, Any]:
    """The identity of the task or the task run that the run belongs to, in ARM's form; empty if it has none."""
    task = run.registry.tasks.get(run.task.lower()) if run.task else None
    if task is not None:
        return task.identity or {}
    owner = next((one for one in run.registry.task_runs.values() if one.run is run), None)
    return (owner.identity if owner is not None else None) or {}


def _may_write(state: AzureState, principal_id: str, registry_id: str) -> bool:
    """Whether a role lets the principal push; the caller may unless the world file says what the caller may do."""
    if principal_id == CALLER.id and not state.world.permissions:
        return True
    return any(
        assignment.is_of(principal_id)
        and covers(assignment.scope, registry_id)
        and names(assignment.role.data_actions, REPOSITORY_WRITE)
        for assignment in state.role_assignments.values()
    )
