"""Roles: `roleDefinitions` and `roleAssignments` of `Microsoft.Authorization`, as far as agent pools need them.

Whoever a role is assigned to is the caller, and it holds everywhere (assumed: the emulator knows nobody else).
"""

from __future__ import annotations

from typing import Any

from .errors import ArmError
from .messages import ArmCall, Reply, required, section
from .odata import select
from .paging import page
from .resource_types import REGISTRY_TYPE
from .routing import GROUP, Route

__all__ = ["ROUTES"]

AUTHORIZATION = "/providers/Microsoft.Authorization"
# Azure's "Built-in roles": what they grant of what the emulator has.
ROLES = {
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": ("Owner", ("*",)),
    "fb382eab-e894-4461-af04-94435c366c3f": (
        "Container Registry Tasks Contributor",
        (
            f"{REGISTRY_TYPE}/agentpools/*",
            f"{REGISTRY_TYPE}/listBuildSourceUploadUrl/action",
            f"{REGISTRY_TYPE}/runs/*",
            f"{REGISTRY_TYPE}/scheduleRun/action",
            f"{REGISTRY_TYPE}/taskruns/*",
            f"{REGISTRY_TYPE}/tasks/*",
        ),
    ),
}


def list_definitions(call: ArmCall) -> Reply:
    """`$filter` knows roleName."""
    items = [_definition(call, name) for name in ROLES]
    fields = {"roleName": lambda item: str(item["properties"]["roleName"])}
    return page(call, select(items, call.query.get("$filter", ""), fields))


def _definition(call: ArmCall, name: str) -> dict[str, Any]:
    title, actions = ROLES[name]
    permission: dict[str, list[str]] = {
        "actions": list(actions),
        "notActions": [],
        "dataActions": [],
        "notDataActions": [],
    }
    return {
        "id": f"/subscriptions/{call.subscription()}{AUTHORIZATION}/roleDefinitions/{name}",
        "name": name,
        "type": "Microsoft.Authorization/roleDefinitions",
        "properties": {
            "roleName": title,
            "type": "BuiltInRole",
            "permissions": [permission],
            "assignableScopes": ["/"],
        },
    }


def put_assignment(call: ArmCall) -> Reply:
    """201 for a new one; 409 for what is assigned already, under another name too."""
    state, properties = call.services.state, section(call.json_object(), "properties")
    role = required(properties, "roleDefinitionId", "properties").rpartition("/")[2].lower()
    if role not in ROLES:
        message = f"The specified role definition with ID '{role}' does not exist."
        raise ArmError(404, "RoleDefinitionDoesNotExist", message)
    scope = call.path.rpartition(f"{AUTHORIZATION}/")[0]
    assigned = {"scope": scope, "principalId": required(properties, "principalId", "properties"), "role": role}
    if any(known["assigned"] == assigned for known in state.role_assignments.values()):
        raise ArmError(409, "RoleAssignmentExists", "The role assignment already exists.")
    body = {
        "id": call.path,
        "name": call.params["name"],
        "type": "Microsoft.Authorization/roleAssignments",
        "properties": {**properties, "scope": scope},
    }
    state.role_assignments[call.path.lower()] = {"assigned": assigned, "body": body}
    if state.permissions:
        state.permissions.append({"actions": list(ROLES[role][1]), "notActions": []})
    return Reply(201, body)


def list_assignments(call: ArmCall) -> Reply:
    """All of them: `$filter` is not looked at."""
    call.subscription()
    return page(call, [known["body"] for known in call.services.state.role_assignments.values()])


SCOPES = (
    "/subscriptions/{subscription}",
    GROUP,
    GROUP + "/providers/{namespace}/{type}/{resource}",
)
ROUTES = tuple(
    route
    for scope in SCOPES
    for route in (
        Route("GET", f"{scope}{AUTHORIZATION}/roleDefinitions", list_definitions),
        Route("GET", f"{scope}{AUTHORIZATION}/roleAssignments", list_assignments),
        Route("PUT", f"{scope}{AUTHORIZATION}/roleAssignments/{{name}}", put_assignment),
    )
)
