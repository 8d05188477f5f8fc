"""What somebody may do: the caller by the permissions of the world file, and whoever it is by roles."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

from ..world.directory import CALLER, principal
from ..world.roles import covers, names
from ..world.state import USER, AzureState
from .errors import ArmError

__all__ = [
    "action_of",
    "is_allowed",
    "permissions_at",
    "require_action",
    "sees_subscription",
    "sender_of",
    "shows_what_may_be_read",
]

EVERYTHING: Mapping[str, Any] = {"actions": ["*"], "notActions": []}

_VERBS = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}
_SUBSCRIPTION = re.compile(r"/subscriptions/[^/]+(?:/(?P<rest>.*))?", re.IGNORECASE)
_RESOURCES = re.compile(r"/subscriptions/[^/]+(?:/resourceGroups/[^/]+)?/resources", re.IGNORECASE)


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


def shows_what_may_be_read(path: str) -> bool:
    """Whether a path is ARM's list of resources, which leaves out what the sender may not read (assumed)."""
    return _RESOURCES.fullmatch(path) is not None


def sender_of(authorization: str) -> str:
    """The object ID of whoever sends a request, as its token says; the caller's if it does not say."""
    try:
        payload = authorization.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        oid = claims.get("oid")
    except (IndexError, ValueError, AttributeError, RecursionError):
        return CALLER.id
    return oid if isinstance(oid, str) and oid else CALLER.id


def permissions_at(state: AzureState, scope: str, sender: str) -> list[Mapping[str, Any]]:
    """What `sender`, an object ID, may do at a scope, one item for each role assignment, as ARM lists them.

    The caller may do everything, unless the world file says less; then also what the caller's roles grant. Anybody else
    may do what roles grant.
    """
    if sender == CALLER.id and not state.world.permissions:
        return [EVERYTHING]
    given = state.world.permissions if sender == CALLER.id else ()
    own = (one for one in state.role_assignments.values() if one.is_of(sender) and covers(one.scope, scope))
    return [*given, *(assignment.role.permission() for assignment in own)]


def sees_subscription(state: AzureState, subscription: str, sender: str) -> bool:
    """Whether a subscription is shown to `sender`: to the caller, and to who has any role in it (assumed)."""
    scope = f"/subscriptions/{subscription}"
    roles = state.role_assignments.values()
    return sender == CALLER.id or any(one.is_of(sender) and covers(scope, one.scope) for one in roles)


def is_allowed(state: AzureState, action: str, scope: str, sender: str) -> bool:
    """Whether `sender` may do `action` at a scope."""
    return any(
        names(permission.get("actions") or [], action) and not names(permission.get("notActions") or [], action)
        for permission in permissions_at(state, scope, sender)
    )


def require_action(state: AzureState, action: str, scope: str, sender: str) -> None:
    """Refuse as ARM does unless `sender` may do `action`. Raises ArmError."""
    if is_allowed(state, action, scope, sender):
        return
    known = principal(state, sender)
    client = USER if sender == CALLER.id else known.app_id if known is not None else sender
    raise ArmError(
        403,
        "AuthorizationFailed",
        f"The client '{client}' with object id '{sender}' does not have authorization to perform action '{action}' "
        f"over scope '{scope}' or the scope is invalid. If access was recently granted, please refresh your "
        "credentials.",
    )
