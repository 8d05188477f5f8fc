"""In what two readings of a task differ."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from azure.mgmt.containerregistrytasks.models import Task

from azext_acrpool.commands.tasks.differences import differences

BODY: dict[str, Any] = {
    "name": "mytask",
    "location": "westus2",
    "tags": {"a": "b"},
    "identity": {"type": "UserAssigned", "userAssignedIdentities": {"/an/Identity": {"clientId": "c"}}},
    "systemData": {"lastModifiedAt": "2026-03-01T12:00:00Z"},
    "properties": {
        "provisioningState": "Succeeded",
        "agentPoolName": "mypool",
        "timeout": 600,
        "step": {"type": "Docker", "dockerFilePath": "Dockerfile", "imageNames": ["a:v1", "b:v1"]},
        "trigger": {"timerTriggers": [{"name": "t1", "schedule": "x"}, {"name": "t2", "schedule": "y"}]},
        "credentials": {"customRegistries": {"other": {"identity": "[system]"}}},
    },
}


def changed(path: str, value: Any) -> dict[str, Any]:
    body = deepcopy(BODY)
    place: Any = body
    *above, last = path.split("/")
    for key in above:
        place = place[int(key) if key.isdigit() else key]
    place[int(last) if last.isdigit() else last] = value
    return body


@pytest.mark.parametrize(
    ("after", "found"),
    [
        (BODY, []),
        (changed("systemData", {"lastModifiedAt": "2026-03-02T12:00:00Z"}), []),
        (changed("properties/provisioningState", "Updating"), []),
        (changed("properties/step/baseImageDependencies", [{"digest": "sha256:1"}]), []),
        (changed("properties/agentPoolName", "MyPool"), []),
        (changed("properties/logTemplate", None), []),
        (changed("properties/trigger/sourceTriggers", []), []),
        (changed("identity/userAssignedIdentities", {"/AN/identity": {}}), []),
        (changed("properties/trigger/timerTriggers", BODY["properties"]["trigger"]["timerTriggers"][::-1]), []),
        (changed("properties/trigger/timerTriggers/0/schedule", "z"), []),
        (changed("properties/trigger/timerTriggers/1/schedule", "z"), ["trigger.timerTriggers.t2.schedule"]),
        (changed("properties/timeout", 900), ["timeout"]),
        (changed("properties/new", {"member": 1}), ["new.member"]),
        (changed("tags", {}), ["tags.a"]),
        (changed("identity/userAssignedIdentities", {}), ["identity.userAssignedIdentities./an/identity"]),
        (changed("properties/step/imageNames/1", "c:v1"), ["step.imageNames.1"]),
        (changed("properties/credentials", {}), ["credentials.customRegistries.other.identity"]),
    ],
    ids=lambda value: " ".join(value) or "none" if isinstance(value, list) else "",
)
def test_differences(after: dict[str, Any], found: list[str]) -> None:
    for one, other in ((BODY, after), (after, BODY)):
        assert differences(Task(one), Task(other), besides=("trigger.timerTriggers.t1",)) == found
