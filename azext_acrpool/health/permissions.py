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

__all__ = ["check_permissions", "is_granted"]

_ROLE = "Container Registry Tasks Contributor"

_POOLS = f"{REGISTRY_TYPE}/agentpools"

# From then on, a run that names an agent pool needs this too (announced by the service).
_POOL_READ_NEEDED_FROM = date(2027, 6, 1)
_POOL_READ = f"{_POOLS}/read"


@dataclass(frozen=True)
class _Operation:
    """Something that commands do (what that is, in words), and the actions it needs on the registry."""

    name: str
    does: str
    actions: tuple[str, ...]


_OPERATIONS = (
    _Operation("create", "create agent pools", (f"{_POOLS}/write", _POOL_READ, f"{_POOLS}/operationStatuses/read")),
    _Operation("scale", "scale agent pools", (f"{_POOLS}/write", _POOL_READ, f"{_POOLS}/operationStatuses/read")),
    _Operation("delete", "delete agent pools", (f"{_POOLS}/delete", f"{_POOLS}/operationResults/status/read")),
    _Operation(
        "build",
        "upload build contexts and queue runs",
        (f"{REGISTRY_TYPE}/listBuildSourceUploadUrl/action", f"{REGISTRY_TYPE}/scheduleRun/action", _POOL_READ),
    ),
    _Operation("queue", "read a pool's queue", (f"{_POOLS}/listQueueStatus/action",)),
)


def is_granted(action: str, permissions: Iterable[PermissionFacts]) -> bool:
    """Whether a role assignment grants `action`: its actions name it and its own notActions do not.

    Source: Azure's "Understand Azure role definitions": assignments add up, and what one leaves out another may grant.
    Deny assignments are not seen here.
    """
    return any(
        _names(permission.actions, action) and not _names(permission.not_actions, action) for permission in permissions
    )


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
    message = f"You may not {operation.does}: you lack {', '.join(lacking)}."
    if operation.name == "build" and lacking == [_POOL_READ] and facts.now.date() < _POOL_READ_NEEDED_FROM:
        severity = Severity.WARNING
        message = f"From {_POOL_READ_NEEDED_FROM} on, builds on a pool need {_POOL_READ}, which you lack."
    who = facts.caller or "your-account@example.com"
    role = ("--assignee", who, "--role", _ROLE, "--scope", facts.registry_id.resource_id)
    return Finding(
        code=f"MayNot{operation.name.capitalize()}",
        severity=severity,
        check=f"Permission: {operation.name}",
        message=message,
        evidence=", ".join(lacking),
        recommendation=f"Have an owner of the registry give you the role {_ROLE}.",
        fix=(az_command("role assignment create", *role),),
    )


def _names(patterns: Iterable[str], action: str) -> bool:
    """`*` in a pattern stands for any text, slashes included; upper and lower case are alike."""
    return any(
        re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), action, re.IGNORECASE | re.DOTALL)
        for pattern in patterns
    )
