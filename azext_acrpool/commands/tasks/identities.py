"""The managed identities of a task."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, TypedDict

from ...client.arm import NAME_IN_ID, ArmClient
from ...client.replies import read_json
from ...wording import printable
from ..console.errors import UsageError

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import IdentityProperties

__all__ = [
    "NO_IDENTITY",
    "SYSTEM",
    "added_identity",
    "assigned_identities",
    "login_identity",
    "require_identities",
    "require_login_identity",
    "wants_identity",
]

SYSTEM: Final = "[system]"
NO_IDENTITY: Final = "none"
_EVERY: Final = "[all]"
_SYSTEM_TYPE: Final = "SystemAssigned"
_USER_TYPE: Final = "UserAssigned"
_BOTH_TYPES: Final = f"{_SYSTEM_TYPE}, {_USER_TYPE}"
_NO_TYPE: Final = "None"

_API_VERSION: Final = "2023-01-31"
_IDENTITY_ID: Final = re.compile(
    rf"/subscriptions/{NAME_IN_ID}/resourceGroups/{NAME_IN_ID}"
    rf"/providers/Microsoft\.ManagedIdentity/userAssignedIdentities/{NAME_IN_ID}",
    re.IGNORECASE,
)


class _IdentityProperties(TypedDict):
    clientId: str


class _Identity(TypedDict):
    properties: _IdentityProperties


def wants_identity(source_acr_auth_id: str | None) -> bool:
    """Whether --source-acr-auth-id names an identity that the task must have."""
    return bool(source_acr_auth_id) and (source_acr_auth_id or "").lower() != NO_IDENTITY


def require_login_identity(source_acr_auth_id: str | None) -> None:
    """Raise UsageError for a --source-acr-auth-id that is neither an alias nor the ID of a user-assigned identity."""
    if source_acr_auth_id and source_acr_auth_id != SYSTEM and wants_identity(source_acr_auth_id):
        _require_id(source_acr_auth_id, f"--source-acr-auth-id is {SYSTEM}, {NO_IDENTITY}")


def require_identities(names: Sequence[str]) -> None:
    """Raise UsageError for names in --assign-identity that are neither an alias nor the ID of such an identity."""
    for name in names:
        if name not in (SYSTEM, _EVERY):
            _require_id(name, f"--assign-identity is {SYSTEM}")


def _require_id(text: str, otherwise: str) -> None:
    if not _IDENTITY_ID.fullmatch(text):
        raise UsageError(
            f"'{printable(text)}' is no identity: {otherwise} or the resource ID of a user-assigned managed identity."
        )


def login_identity(arm: ArmClient, source_acr_auth_id: str | None) -> str | None:
    """What the credentials of a task call the identity of --source-acr-auth-id: a client ID for a resource ID.

    The identity is one that `require_login_identity` lets pass. Raises AcrErrors.
    """
    if not source_acr_auth_id or source_acr_auth_id == SYSTEM or not wants_identity(source_acr_auth_id):
        return source_acr_auth_id
    reply = arm.get_json(source_acr_auth_id, api_version=_API_VERSION)
    return read_json(_Identity, reply, "a managed identity")["properties"]["clientId"]


def assigned_identities(names: Sequence[str]) -> IdentityProperties:
    """The identities of --assign-identity: `[system]` (also for no names at all), or resource IDs."""
    from azure.mgmt.containerregistrytasks.models import IdentityProperties, UserIdentityProperties

    if _EVERY in names:
        return IdentityProperties(type=_NO_TYPE)
    users = [name for name in names if name != SYSTEM]
    types = [_SYSTEM_TYPE] if SYSTEM in names or not users else []
    identity = IdentityProperties(type=", ".join([*types, _USER_TYPE] if users else types))
    if users:
        identity.user_assigned_identities = {user: UserIdentityProperties() for user in users}
    return identity


def added_identity(existing: IdentityProperties | None, name: str) -> IdentityProperties | None:
    """The identities of a task with `name` among them; None when it is there already."""
    from azure.mgmt.containerregistrytasks.models import UserIdentityProperties

    if existing is None:
        return assigned_identities([name])
    kind = str(getattr(existing.type, "value", existing.type) or _NO_TYPE)
    if name == SYSTEM:
        if kind in (_SYSTEM_TYPE, _BOTH_TYPES):
            return None
        existing.type = _SYSTEM_TYPE if kind == _NO_TYPE else _BOTH_TYPES
        return existing
    users = existing.user_assigned_identities or {}
    if name.lower() in (user.lower() for user in users):
        return None
    existing.type = _USER_TYPE if kind in (_NO_TYPE, _USER_TYPE) else _BOTH_TYPES
    existing.user_assigned_identities = {**users, name: UserIdentityProperties()}
    return existing
