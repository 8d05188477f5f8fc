"""Which of the actions that commands need may the caller not take?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from ..client.registries import REGISTRY_TYPE
from ..wording import az_command, counted
from .facts import Facts, PermissionFacts, Unreadable
from .findings import Finding, Severity, not_checked
from .fixes import CHANGE_POOLS, DELETE_POOLS

__all__ = ["check_permissions", "find_lacking", "give_role", "is_granted", "role_grants"]

_ROLE = "Container Registry Tasks Contributor"
_ASSIGN_ROLES = "Microsoft.Authorization/roleAssignments/write"

_POOLS = f"{REGISTRY_TYPE}/agentpools"
# Of what the role grants, what the commands here need (Azure's "Azure Container Registry Entra permissions and roles").
_GRANTED_BY_ROLE = (
    f"{_POOLS}/*",
    f"{REGISTRY_TYPE}/runs/*",
    f"{REGISTRY_TYPE}/listBuildSourceUploadUrl/action",
    f"{REGISTRY_TYPE}/scheduleRun/action",
)

# From then on, a run that names an agent pool needs this too (announced by the service).
_POOL_READ_NEEDED_FROM = date(2027, 6, 1)
_POOL_READ = f"{_POOLS}/read"


@dataclass(frozen=True)
class _Operation:
    """Something that commands do (what that is, in words), and the actions it needs on the registry.

    `briefly` says in a list what it does.
    """

    name: str
    does: str
    briefly: str
    actions: tuple[str, ...]


_OPERATIONS = (
    _Operation("create", "create agent pools", "create", CHANGE_POOLS),
    _Operation("scale", "scale agent pools", "scale", CHANGE_POOLS),
    _Operation("delete", "delete agent pools", "delete", DELETE_POOLS),
    _Operation(
        "build",
        "upload build contexts and queue runs",
        "build",
        (f"{REGISTRY_TYPE}/listBuildSourceUploadUrl/action", f"{REGISTRY_TYPE}/scheduleRun/action", _POOL_READ),
    ),
    _Operation("queue", "read a pool's queue", "read the queue", (f"{_POOLS}/listQueueStatus/action",)),
)


def is_granted(action: str, permissions: Iterable[PermissionFacts]) -> bool:
    """Whether a role assignment grants `action`: its actions name it and its own notActions do not.

    Source: Azure's "Understand Azure role definitions": assignments add up, and what one leaves out another may grant.
    Deny assignments are not seen here.
    """
    return any(
        _names(permission.actions, action) and not _names(permission.not_actions, action) for permission in permissions
    )


def find_lacking(facts: Facts, actions: Iterable[str]) -> list[str]:
    """Those of `actions` that the caller may not take on the registry, as far as is known."""
    granted = facts.permissions
    return [] if isinstance(granted, Unreadable) else [action for action in actions if not is_granted(action, granted)]


def role_grants(actions: Iterable[str]) -> bool:
    """Whether the role of those who work with pools and runs has all of `actions`."""
    return all(_names(_GRANTED_BY_ROLE, action) for action in actions)


def give_role(facts: Facts) -> tuple[str, ...]:
    """The command that gives the caller that role; none if they are not known or may not give roles."""
    return (_assign_role(facts),) if facts.caller and not find_lacking(facts, (_ASSIGN_ROLES,)) else ()


def _assign_role(facts: Facts) -> str:
    role = ("--assignee", facts.caller, "--role", _ROLE, "--scope", facts.registry_id.resource_id)
    return az_command("role assignment create", *role)


def check_permissions(facts: Facts) -> Iterator[Finding]:
    """One finding for each operation. The one at hand is an error: create for a wanted pool, build for an existing."""
    granted = facts.permissions
    if isinstance(granted, Unreadable):
        yield not_checked(code="PermissionsNotChecked", check="Permissions", why=granted)
        return
    for operation in _OPERATIONS:
        lacking = [action for action in operation.actions if not is_granted(action, granted)]
        yield _lacks(facts, operation, lacking) if lacking else _may(operation, granted)


def _may(operation: _Operation, granted: tuple[PermissionFacts, ...]) -> Finding:
    return Finding(
        code=f"May{operation.name.capitalize()}",
        severity=Severity.OK,
        check=f"Permission: {operation.name}",
        message=f"You may {operation.does}.",
        evidence=counted(len(granted), "role assignment"),
    )


def _lacks(facts: Facts, operation: _Operation, lacking: list[str]) -> Finding:
    at_hand = operation.name == ("create" if facts.wanted else "build")
    severity = Severity.ERROR if at_hand else Severity.WARNING
    brief = "You may not "
    subjects: tuple[str, ...] = (operation.briefly,)
    message = f"You may not {operation.does}: you lack {', '.join(lacking)}."
    if operation.name == "build" and lacking == [_POOL_READ] and facts.now.date() < _POOL_READ_NEEDED_FROM:
        severity = Severity.WARNING
        message = f"From {_POOL_READ_NEEDED_FROM} on, builds on a pool need {_POOL_READ}, which you lack."
        brief, subjects = f"From {_POOL_READ_NEEDED_FROM} on, builds need to read pools", ()
    return Finding(
        code=f"MayNot{operation.name.capitalize()}",
        severity=severity,
        check=f"Permission: {operation.name}",
        message=message,
        evidence=", ".join(lacking),
        recommendation=_advise(facts),
        fix=give_role(facts),
        brief=brief,
        subjects=subjects,
    )


def _advise(facts: Facts) -> str:
    if give_role(facts):
        return f"Give yourself the role {_ROLE}."
    how = f" with: {_assign_role(facts)}" if facts.caller else "."
    return f"Have an owner of the registry give you the role {_ROLE}{how}"


def _names(patterns: Iterable[str], action: str) -> bool:
    """`*` in a pattern stands for any text, slashes included; upper and lower case are alike."""
    return any(
        re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), action, re.IGNORECASE | re.DOTALL)
        for pattern in patterns
    )
