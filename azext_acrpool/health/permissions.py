"""Which of the actions that commands need may the caller not take?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from ..pool import Pool
from ..wording import az_command
from .facts import Facts, PermissionFacts, Unreadable
from .findings import Finding, Severity

__all__ = ["OPERATIONS", "Operation", "check_permissions", "is_granted"]

ROLE = "Container Registry Tasks Contributor"

_REGISTRY = "Microsoft.ContainerRegistry/registries"
_POOLS = f"{_REGISTRY}/agentpools"

# From then on, a run that names an agent pool needs this too (announced by the service).
_POOL_READ_NEEDED_FROM = date(2027, 6, 1)
_POOL_READ = f"{_POOLS}/read"


@dataclass(frozen=True)
class Operation:
    """Something that commands do, and the actions it needs on the registry."""

    name: str
    actions: tuple[str, ...]


OPERATIONS = (
    Operation("create", (f"{_POOLS}/write", _POOL_READ, f"{_POOLS}/operationStatuses/read")),
    Operation("scale", (f"{_POOLS}/write", _POOL_READ, f"{_POOLS}/operationStatuses/read")),
    Operation("delete", (f"{_POOLS}/delete", f"{_POOLS}/operationResults/status/read")),
    Operation("build", (f"{_REGISTRY}/listBuildSourceUploadUrl/action", f"{_REGISTRY}/scheduleRun/action", _POOL_READ)),
    Operation("queue", (f"{_POOLS}/listQueueStatus/action",)),
)


def is_granted(action: str, permissions: Iterable[PermissionFacts]) -> bool:
    """Whether a role assignment grants `action`: its actions name it and its own notActions do not.

    Source: Azure's "Understand Azure role definitions": assignments add up, and what one leaves out another may grant.
    Deny assignments are not seen here.
    """
    return any(
        _names(permission.actions, action) and not _names(permission.not_actions, action) for permission in permissions
    )


def check_permissions(facts: Facts) -> list[Finding]:
    """One finding for each operation. The one at hand is an error: create for a wanted pool, build for an existing."""
    granted = facts.permissions
    if isinstance(granted, Unreadable):
        return [Finding("PermissionsNotChecked", Severity.NOT_CHECKED, f"Not checked: {granted}.", check="Permissions")]
    wanted = isinstance(facts.pool, Pool) and not facts.pool.state
    at_hand = "create" if wanted else "build"
    return [_check(facts, operation, granted, operation.name == at_hand) for operation in OPERATIONS]


def _check(facts: Facts, operation: Operation, granted: tuple[PermissionFacts, ...], at_hand: bool) -> Finding:
    check = f"Permission: {operation.name}"
    suffix = operation.name.capitalize()
    lacking = [action for action in operation.actions if not is_granted(action, granted)]
    if not lacking:
        message = f"You may {_describe(operation)}."
        return Finding(f"May{suffix}", Severity.OK, message, check=check, evidence=f"{len(granted)} role assignments")
    message = f"You may not {_describe(operation)}: you lack {', '.join(lacking)}."
    severity = Severity.ERROR if at_hand else Severity.WARNING
    if operation.name == "build" and lacking == [_POOL_READ] and facts.now.date() < _POOL_READ_NEEDED_FROM:
        message = f"From {_POOL_READ_NEEDED_FROM} on, builds on a pool need {_POOL_READ}, which you lack."
        severity = Severity.WARNING
    registry = facts.registry_id
    scope = (
        f"/subscriptions/{registry.subscription_id}/resourceGroups/{registry.resource_group}"
        f"/providers/{_REGISTRY}/{registry.name}"
    )
    who = facts.caller or "your-account@example.com"
    fix = az_command("role assignment create", "--assignee", who, "--role", ROLE, "--scope", scope)
    advice = f"Have an owner of the registry give you the role {ROLE}."
    return Finding(f"MayNot{suffix}", severity, message, advice, check, ", ".join(lacking), (fix,))


def _describe(operation: Operation) -> str:
    return {
        "create": "create agent pools",
        "scale": "scale agent pools",
        "delete": "delete agent pools",
        "build": "upload build contexts and queue runs",
        "queue": "read a pool's queue",
    }[operation.name]


def _names(patterns: Iterable[str], action: str) -> bool:
    """`*` in a pattern stands for any text, slashes included; upper and lower case are alike."""
    return any(
        re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), action, re.IGNORECASE | re.DOTALL)
        for pattern in patterns
    )
