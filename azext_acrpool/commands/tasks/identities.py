"""The managed identities of a task."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from ...client.arm import ArmClient
from ...client.errors import InvalidReplyError
from ..console.errors import UsageError

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import IdentityProperties

__all__ = ["NO_IDENTITY", "SYSTEM", "added_identity", "assigned_identities", "login_identity", "wants_identity"]

SYSTEM: Final = "[system]"
NO_IDENTITY: Final = "none"
_EVERY: Final = "[all]"
_SYSTEM_TYPE: Final = "SystemAssigned"
_USER_TYPE: Final = "UserAssigned"
_BOTH_TYPES: Final = f"{_SYSTEM_TYPE}, {_USER_TYPE}"
_NO_TYPE: Final = "None"

_API_VERSION: Final = "2023-01-31"
_IDENTITY_ID: Final = re.compile(
    r"/subscriptions/[^/?#]+/resourceGroups/[^/?#]+"
    r"/providers/Microsoft\.ManagedIdentity/userAssignedIdentities/[^/?#]+",
    re.IGNORECASE,
)


def wants_identity(source_acr_auth_id: str | None) -> bool:
    """Whether --source-acr-auth-id names an identity that the task must have."""
    return bool(source_acr_auth_id) and (source_acr_auth_id or "").lower() != NO_IDENTITY


def login_identity(arm: ArmClient, source_acr_auth_id: str | None) -> str | None:
    """What the credentials of a task call the identity of --source-acr-auth-id: a client ID for a resource ID.

    Raises UsageError for what is neither an alias nor the ID of a user-assigned identity, and AcrErrors.
    """
    if not source_acr_auth_id or source_acr_auth_id == SYSTEM or not wants_identity(source_acr_auth_id):
        return source_acr_auth_id
    if not _IDENTITY_ID.fullmatch(source_acr_auth_id):
        raise UsageError(
            f"'{source_acr_auth_id}' is no identity: --source-acr-auth-id is {SYSTEM}, {NO_IDENTITY} or the resource "
            "ID of a user-assigned managed identity."
        )
    identity = arm.get_json(source_acr_auth_id, api_version=_API_VERSION)
    client_id = (identity.get("properties") or {}).get("clientId")
    if not client_id:
        raise InvalidReplyError("The reply to a request for a managed identity holds no client ID.")
    return str(client_id)


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
