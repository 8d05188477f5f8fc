"""The managed identities of a task."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypedDict

from ...client.arm import NAME_IN_ID, ArmClient
from ...client.replies import read_json, text_of
from ...wording import printable
from ..console.errors import UsageError

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import IdentityProperties

__all__ = [
    "EVERY",
    "NO_IDENTITY",
    "SYSTEM",
    "Identities",
    "added_identity",
    "assigned_identities",
    "login_identity",
    "require_identities",
    "require_login_identity",
    "wants_identity",
]

SYSTEM: Final = "[system]"
NO_IDENTITY: Final = "none"
EVERY: Final = "[all]"
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


def require_identities(names: Sequence[str], otherwise: str = f"--assign-identity is {SYSTEM}") -> None:
    """Raise UsageError for names that are neither an alias nor the ID of such an identity.

    `otherwise` is the option and what it may be, besides such an ID.
    """
    for name in names:
        if name not in (SYSTEM, EVERY):
            _require_id(name, otherwise)


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
    """What these names ask for: `[system]` (also for no names at all), resource IDs, `[all]` for none at all."""
    from azure.mgmt.containerregistrytasks.models import IdentityProperties, UserIdentityProperties

    if EVERY in names:
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


@dataclass(frozen=True)
class Identities:
    """The identities of a task: whether it has one of its own, and the resource IDs of others, as the service has them.

    Resource IDs are the same in any case.
    """

    system: bool = False
    users: tuple[str, ...] = ()

    @classmethod
    def of(cls, identity: IdentityProperties | None) -> Identities:
        """Those that the service shows, or that it is asked for."""
        kind = text_of(identity.type if identity else None).lower()
        users = (identity.user_assigned_identities if identity else None) or {}
        return cls(_SYSTEM_TYPE.lower() in kind, tuple(users) if _USER_TYPE.lower() in kind else ())

    def __or__(self, others: Identities) -> Identities:
        return Identities(self.system or others.system, (*self.users, *(others - self).users))

    def __sub__(self, others: Identities) -> Identities:
        gone = {user.lower() for user in others.users}
        return Identities(
            self.system and not others.system, tuple(user for user in self.users if user.lower() not in gone)
        )

    def __and__(self, others: Identities) -> Identities:
        return self - (self - others)

    def __bool__(self) -> bool:
        return self.system or bool(self.users)

    @property
    def names(self) -> list[str]:
        """As they are typed: `[system]` and resource IDs."""
        return [*((SYSTEM,) if self.system else ()), *self.users]

    def is_same(self, others: Identities) -> bool:
        """Whether these are the same identities."""
        return not (self - others or others - self)

    def change_from(self, before: Identities) -> IdentityProperties:
        """The change after which a task has these identities that had `before`.

        ARM replaces the type and merges the map, from which null takes an identity; a type without user-assigned ones
        takes all of them.
        """
        from azure.mgmt.containerregistrytasks.models import IdentityProperties, UserIdentityProperties

        types = [*((_SYSTEM_TYPE,) if self.system else ()), *((_USER_TYPE,) if self.users else ())]
        identity = IdentityProperties(type=", ".join(types) or _NO_TYPE)
        if self.users:
            # The SDK's type knows no null.
            users: dict[str, Any] = {user: UserIdentityProperties() for user in self.users}
            users.update(dict.fromkeys((before - self).users))
            identity.user_assigned_identities = users
        return identity
