"""What the caller may do, by the permissions of the world file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..world.directory import CALLER
from ..world.roles import covers, names
from ..world.state import USER, AzureState
from .errors import ArmError

__all__ = ["action_of", "permissions_at", "require_action"]

EVERYTHING: Mapping[str, Any] = {"actions": ["*"], "notActions": []}

_VERBS = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}
_SUBSCRIPTION = re.compile(r"/subscriptions/[^/]+(?:/(?P<rest>.*))?", re.IGNORECASE)


def action_of(method: str, path: str) -> str | None:
    """The action that a request needs, None if everybody may send it.

    >>> action_of("POST", "/subscriptions/s/resourceGroups/g/providers/N/a/x/b/y/do")
    'N/a/b/do/action'
    """
    _, found, kind = path.rpartition("/providers/")
    match = _SUBSCRIPTION.fullmatch(path)
    if found and "/" in kind:
        namespace, *names = kind.split("/")
        if method == "POST":
            return "/".join([namespace, *names[:-1][::2], names[-1], "action"])
        return "/".join([namespace, *names[::2], _VERBS[method]])
    if not match or not match["rest"]:
        return None
    # The subscription's own things: /resources, /resourceGroups/g, /providers/N.
    return f"Microsoft.Resources/subscriptions/{match['rest'].split('/')[0]}/{_VERBS.get(method, 'action')}"


def permissions_at(state: AzureState, scope: str) -> list[Mapping[str, Any]]:
    """What the caller may do at a scope: everything, unless the world file says less; then also by the caller's roles.

    One item for each role assignment, as ARM lists them.
    """
    if not state.world.permissions:
        return [EVERYTHING]
    mine = (one for one in state.role_assignments.values() if one.is_of(CALLER.id) and covers(one.scope, scope))
    return [*state.world.permissions, *(assignment.role.permission() for assignment in mine)]


def require_action(state: AzureState, action: str, scope: str) -> None:
    """Refuse as ARM does unless the caller may do `action`. Raises ArmError."""
    for permission in permissions_at(state, scope):
        if names(permission.get("actions") or [], action) and not names(permission.get("notActions") or [], action):
            return
    raise ArmError(
        403,
        "AuthorizationFailed",
        f"The client '{USER}' with object id '{CALLER.id}' does not have authorization to perform action '{action}' "
        f"over scope '{scope}' or the scope is invalid. If access was recently granted, please refresh your "
        "credentials.",
    )
