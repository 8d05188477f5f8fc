"""What the caller may do, by the permissions of the world file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .errors import ArmError

__all__ = ["EVERYTHING", "action_of", "require_action"]

EVERYTHING: Mapping[str, Sequence[str]] = {"actions": ["*"], "notActions": []}

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


def require_action(permissions: Iterable[Mapping[str, Any]], user: str, action: str, scope: str) -> None:
    """Refuse as ARM does unless a permission grants `action`. Raises ArmError."""
    for permission in permissions:
        if _names(permission.get("actions") or [], action) and not _names(permission.get("notActions") or [], action):
            return
    raise ArmError(
        403,
        "AuthorizationFailed",
        f"The client '{user}' with object id '00000000-0000-0000-0000-00000000cccc' does not have authorization to "
        f"perform action '{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, "
        "please refresh your credentials.",
    )


def _names(patterns: Iterable[str], action: str) -> bool:
    return any(
        re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), action, re.IGNORECASE) for pattern in patterns
    )
