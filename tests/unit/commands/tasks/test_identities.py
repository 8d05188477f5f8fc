"""The managed identities of a task."""

from __future__ import annotations

from typing import Any

import pytest
from azure.mgmt.containerregistrytasks.models import IdentityProperties
from scripted_arm import scripted_arm
from scripted_transport import Reply
from task_azure import TaskAzure

from azext_acrpool.client.errors import InvalidReplyError
from azext_acrpool.commands.tasks.create import create_task
from azext_acrpool.commands.tasks.identities import (
    added_identity,
    assigned_identities,
    login_identity,
    require_login_identity,
)
from azext_acrpool.commands.tasks.update import update_task
from azext_acrpool.wording import printable

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
    arm, _ = scripted_arm(Reply(200, {"properties": {"clientId": "id"}}))
    assert login_identity(arm, USER) == "id"
    assert [login_identity(arm, name) for name in (None, "[system]", "None")] == [None, "[system]", "None"]


@pytest.mark.parametrize(
    ("body", "what_is_wrong"),
    [
        ({}, "its member 'properties' is null, not an object"),
        ({"properties": "x"}, "its member 'properties' is text, not an object"),
        ({"properties": []}, "its member 'properties' is a list, not an object"),
        ({"properties": {}}, "its member 'properties.clientId' is null, not text"),
        ({"properties": {"clientId": 7}}, "its member 'properties.clientId' is a whole number, not text"),
    ],
)
def test_a_reply_that_tells_no_identity_is_none(body: dict[str, Any], what_is_wrong: str) -> None:
    arm, _ = scripted_arm(Reply(200, body))
    with pytest.raises(InvalidReplyError) as caught:
        login_identity(arm, USER)
    assert str(caught.value) == (
        f"The reply to a request for a managed identity is not as the service's protocol says: {what_is_wrong}."
    )


NO_IDENTITIES = (
    "[caller]",
    "somebody",
    f"{USER}/../x",
    f"{USER}?a=b",
    f"{USER}%2f",
    f"{USER}\n",
    f"{USER} x",
    "\x1b[31m",
)


@pytest.mark.parametrize("name", NO_IDENTITIES)
def test_what_names_no_identity_is_refused_before_anything_is_asked(azure: TaskAzure, name: str) -> None:
    shown, user = printable(name), "the resource ID of a user-assigned managed identity."
    as_login = f"'{shown}' is no identity: --source-acr-auth-id is [system], none or {user}"
    as_assigned = f"'{shown}' is no identity: --assign-identity is [system] or {user}"
    what = {"context_path": "/dev/null", "cmd_value": "bash"}
    for command, options, told in (
        (create_task, {**what, "source_acr_auth_id": name}, as_login),
        (update_task, {"source_acr_auth_id": name}, as_login),
        (create_task, {**what, "assign_identity": [USER, name]}, as_assigned),
    ):
        finished = azure.call(command, **options)
        assert (finished.exit_code, finished.told) == (2, [told])
    assert azure.asked == []


@pytest.mark.parametrize("name", [None, "", "[system]", "none", "None", USER, USER.upper()])
def test_what_may_be_a_login_identity(name: str | None) -> None:
    require_login_identity(name)
