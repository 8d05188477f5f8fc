"""Role assignments at a registry."""

from __future__ import annotations

import pytest
from scripted_arm import REGISTRY, SUBSCRIPTION, scripted_arm
from scripted_transport import Reply

from azext_acrpool.client.errors import InvalidReplyError
from azext_acrpool.client.role_assignments import RoleAssignment, RoleAssignments
from azext_acrpool.testing import JumpingClock


@pytest.mark.parametrize(
    ("scope", "is_at", "holds"),
    [
        (REGISTRY.resource_id, True, True),
        (REGISTRY.resource_id.upper(), True, True),
        (f"{REGISTRY.resource_id}/", True, True),
        (f"/subscriptions/{SUBSCRIPTION}/resourceGroups/mygroup", False, True),
        (f"/subscriptions/{SUBSCRIPTION}", False, True),
        ("/providers/Microsoft.Management/managementGroups/all", False, True),
        ("/", False, True),
        (f"{REGISTRY.resource_id}2", False, False),
        (f"{REGISTRY.resource_id}/agentPools/mypool", False, False),
        (f"/subscriptions/{SUBSCRIPTION}/resourceGroups/my", False, False),
    ],
)
def test_where_a_role_holds(scope: str, is_at: bool, holds: bool) -> None:
    assignment = RoleAssignment("id", scope, "principal", "role")
    assert (assignment.is_at(REGISTRY), assignment.holds_for(REGISTRY)) == (is_at, holds)


def test_a_reply_that_is_none() -> None:
    arm, _ = scripted_arm(Reply(200, {"value": [{"id": "x", "properties": {"scope": 1}}]}))
    with pytest.raises(InvalidReplyError, match="a role assignment"):
        RoleAssignments(arm, REGISTRY, JumpingClock()).of("principal")
