"""The managed identities of a task."""

from __future__ import annotations

from typing import Any

import pytest
from azure.mgmt.containerregistrytasks.models import IdentityProperties
from scripted_arm import scripted_arm
from scripted_transport import Reply

from azext_acrpool.client.errors import InvalidReplyError
from azext_acrpool.commands.console.errors import UsageError
from azext_acrpool.commands.tasks.identities import added_identity, assigned_identities, login_identity

USER = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i"


@pytest.mark.parametrize(
    ("names", "body"),
    [
        ([], {"type": "SystemAssigned"}),
        (["[system]"], {"type": "SystemAssigned"}),
        ([USER], {"type": "UserAssigned", "userAssignedIdentities": {USER: {}}}),
        (["[system]", USER], {"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {USER: {}}}),
        (["[all]", USER], {"type": "None"}),
    ],
)
def test_assigned_identities(names: list[str], body: dict[str, Any]) -> None:
    assert assigned_identities(names).as_dict(exclude_readonly=True) == body


@pytest.mark.parametrize(
    ("existing", "name", "kind"),
    [
        (None, "[system]", "SystemAssigned"),
        (None, USER, "UserAssigned"),
        ({"type": "None"}, "[system]", "SystemAssigned"),
        ({"type": "None"}, USER, "UserAssigned"),
        ({"type": "SystemAssigned"}, "[system]", None),
        ({"type": "SystemAssigned"}, USER, "SystemAssigned, UserAssigned"),
        ({"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {USER: {}}}, "[system]", None),
        ({"type": "UserAssigned", "userAssignedIdentities": {USER: {}}}, "[system]", "SystemAssigned, UserAssigned"),
        ({"type": "UserAssigned", "userAssignedIdentities": {USER: {}}}, USER.upper(), None),
        ({"type": "UserAssigned", "userAssignedIdentities": {USER: {}}}, USER + "2", "UserAssigned"),
    ],
)
def test_added_identity(existing: dict[str, Any] | None, name: str, kind: str | None) -> None:
    added = added_identity(None if existing is None else IdentityProperties(existing), name)
    assert (None if added is None else added.type) == kind


def test_identity_of_a_login() -> None:
    arm, _ = scripted_arm(Reply(200, {"properties": {"clientId": "id"}}), Reply(200, {}))
    assert login_identity(arm, USER) == "id"
    with pytest.raises(InvalidReplyError):
        login_identity(arm, USER)
    assert [login_identity(arm, name) for name in (None, "[system]", "None")] == [None, "[system]", "None"]
    for name in ("[caller]", "somebody", USER + "/../x", USER + "?a=b"):
        with pytest.raises(UsageError) as caught:
            login_identity(arm, name)
        assert str(caught.value) == (
            f"'{name}' is no identity: --source-acr-auth-id is [system], none or the resource ID of a user-assigned "
            "managed identity."
        )
