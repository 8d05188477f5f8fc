"""Role definitions: `Microsoft.Authorization/roleDefinitions`, Azure's built-in ones that concern the emulator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..world.roles import BUILT_IN_ROLES, RoleDefinition, role_of
from .errors import ArmError
from .messages import ArmCall, Reply
from .odata import select
from .paging import page
from .routing import RESOURCE_SCOPES, Route

__all__ = ["ROUTES", "definition_id", "role_not_found"]

DEFINITIONS = "/providers/Microsoft.Authorization/roleDefinitions"
CREATED = "2015-02-02T21:55:09.8806423Z"
"""Of all roles here; of Azure's each has its own day."""

FIELDS: dict[str, Callable[[dict[str, Any]], str]] = {
    "roleName": lambda item: str(item["properties"]["roleName"]),
    "type": lambda item: str(item["properties"]["type"]),
}


def definition_id(subscription: str, role: RoleDefinition) -> str:
    """The ID that ARM shows, whatever the scope that was asked for."""
    return f"/subscriptions/{subscription}{DEFINITIONS}/{role.id}"


def role_not_found(definition: str) -> ArmError:
    """A role that the emulator does not know (text as reported, with the GUID's digits alone)."""
    digits = definition.rpartition("/")[2].replace("-", "").lower()
    message = f"The specified role definition with ID '{digits}' does not exist."
    return ArmError(404, "RoleDefinitionDoesNotExist", message)


def list_definitions(call: ArmCall) -> Reply:
    """`$filter` knows roleName and type."""
    subscription = call.subscription()
    items = [_body(subscription, role) for role in BUILT_IN_ROLES]
    return page(call, select(items, call.query.get("$filter", ""), FIELDS))


def get_definition(call: ArmCall) -> Reply:
    role = role_of(call.params["role"])
    if role is None:
        raise role_not_found(call.params["role"])
    return Reply(200, _body(call.subscription(), role))


def _body(subscription: str, role: RoleDefinition) -> dict[str, Any]:
    return {
        "id": definition_id(subscription, role),
        "name": role.id,
        "type": "Microsoft.Authorization/roleDefinitions",
        "properties": {
            "roleName": role.name,
            "type": "BuiltInRole",
            "description": role.description,
            "permissions": [role.permission()],
            "assignableScopes": ["/"],
            "createdOn": CREATED,
            "updatedOn": CREATED,
            "createdBy": None,
            "updatedBy": None,
        },
    }


ROUTES = tuple(
    route
    for scope in RESOURCE_SCOPES
    for route in (
        Route("GET", scope + DEFINITIONS, list_definitions),
        Route("GET", scope + DEFINITIONS + "/{role}", get_definition),
    )
)
