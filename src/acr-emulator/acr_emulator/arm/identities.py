"""Managed identities as a registry, a task or a task run shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..world.directory import system_assigned_id, user_assigned_ids
from .errors import invalid_content
from .messages import ArmCall, section

__all__ = ["changed_identity", "identity_of"]

KINDS = ("SystemAssigned", "UserAssigned", "SystemAssigned, UserAssigned", "None")


def identity_of(call: ArmCall, body: Mapping[str, Any], owner: str) -> dict[str, Any] | None:
    """The `identity` of a body, with the IDs that Azure adds; None when there is none. Raises ArmError.

    `owner` is the ID of the resource: a system-assigned identity is always the same for it (assumed).
    """
    identity = section(body, "identity")
    kind = _kind(identity.get("type") or "None")
    if kind == "None":
        return None
    shown: dict[str, Any] = {}
    if "SystemAssigned" in kind:
        tenant = next(
            spec.tenant_id for spec in call.services.state.world.subscriptions if spec.id == call.subscription()
        )
        shown = {"principalId": system_assigned_id(owner), "tenantId": tenant}
    shown["type"] = kind
    if assigned := section(identity, "userAssignedIdentities"):
        shown["userAssignedIdentities"] = {
            key: user_assigned_ids(call.services.state, key) for key, value in assigned.items() if value is not None
        }
    return shown


def changed_identity(
    call: ArmCall, body: Mapping[str, Any], owner: str, before: dict[str, Any] | None
) -> dict[str, Any] | None:
    """The identity after a PATCH: what the body leaves out stays, null takes a user-assigned one away (documented)."""
    given = section(body, "identity")
    if not given:
        return before
    known = (before or {}).get("userAssignedIdentities") or {}
    merged = {
        "type": given.get("type") or (before or {}).get("type"),
        "userAssignedIdentities": {**known, **section(given, "userAssignedIdentities")},
    }
    if "UserAssigned" not in _kind(merged["type"] or "None"):
        merged["userAssignedIdentities"] = {}
    return identity_of(call, {"identity": merged}, owner)


def _kind(text: Any) -> str:
    """As Azure writes it: it takes any case, and any space after the comma."""
    wanted = str(text).replace(" ", "").lower()
    for kind in KINDS:
        if kind.replace(" ", "").lower() == wanted:
            return kind
    raise invalid_content(f"'identity.type' must be one of {'; '.join(KINDS)}.")
