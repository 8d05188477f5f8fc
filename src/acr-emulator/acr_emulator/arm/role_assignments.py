"""Role assignments: `Microsoft.Authorization/roleAssignments`, at a subscription, a resource group or a resource.

Those of the caller add to what the world file permits; those of managed identities are what lets a run push where
permissions are by repository (agents/credentials.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

from ..clock import format_time
from ..world.directory import principal
from ..world.roles import RoleAssignment, covers, role_of
from .errors import ArmError
from .messages import ArmCall, Reply, required, section
from .paging import page
from .role_definitions import definition_id, role_not_found
from .routing import RESOURCE_SCOPES, Route

__all__ = ["ROUTES"]

ASSIGNMENTS = "/providers/Microsoft.Authorization/roleAssignments"
PRINCIPAL_TYPES = ("User", "Group", "ServicePrincipal", "ForeignGroup", "Device")
OPTIONAL = ("condition", "conditionVersion", "description", "delegatedManagedIdentityResourceId")
_CONDITION = re.compile(r"(atScope)\(\)|(assignedTo)\(\s*'([^']*)'\s*\)|(principalId)\s+eq\s+'([^']*)'", re.IGNORECASE)

Test = Callable[[RoleAssignment], bool]


def put_assignment(call: ArmCall) -> Reply:
    """201 for a new one, 200 for the same again; 409 for what is assigned under another name. Raises ArmError."""
    assignments, key, wanted = call.services.state.role_assignments, call.path.lower(), _wanted(call)
    known = assignments.get(key)
    if known is None:
        _refuse_same(assignments.values(), wanted)
        assignments[key] = wanted
        body = _body(call, wanted)
        # Who made it is only shown afterwards (recorded).
        body["properties"]["createdBy"] = None
        return Reply(201, body)
    if _granted(known) != _granted(wanted):
        message = "Tenant ID, application ID, principal ID, and scope are not allowed to be updated."
        raise ArmError(400, "RoleAssignmentUpdateNotPermitted", message)
    created = {member: known.details[member] for member in ("createdOn", "createdBy")}
    assignments[key] = replace(wanted, details={**wanted.details, **created})
    return Reply(200, _body(call, assignments[key]))


def _refuse_same(assignments: Iterable[RoleAssignment], wanted: RoleAssignment) -> None:
    for other in assignments:
        if _granted(other) == _granted(wanted):
            raise ArmError(409, "RoleAssignmentExists", "The role assignment already exists.")


def _granted(assignment: RoleAssignment) -> tuple[str, str, str]:
    return assignment.scope.lower(), assignment.principal_id.lower(), assignment.role.id


def _wanted(call: ArmCall) -> RoleAssignment:
    """The assignment that a request describes, checked. Raises ArmError."""
    name, properties = call.params["assignment"], section(call.json_object(), "properties")
    if not _is_guid(name):
        message = f"The role assignment ID '{name}' is not valid. The role assignment ID must be a GUID."
        raise ArmError(400, "InvalidRoleAssignmentId", message)
    definition = required(properties, "roleDefinitionId", "properties")
    principal_id = required(properties, "principalId", "properties")
    scope = _scope(call)
    _check_scope(call)
    if not _is_guid(definition.rpartition("/")[2]):
        message = f"The role definition ID '{definition.rpartition('/')[2]}' is not valid."
        raise ArmError(400, "InvalidRoleDefinitionId", message)
    role = role_of(definition)
    if role is None:
        raise role_not_found(definition)
    now = format_time(call.services.clock.now(), "Z")
    details = {
        "principalType": _principal_type(call, principal_id, properties.get("principalType")),
        **{key: properties.get(key) for key in OPTIONAL},
        "createdOn": now,
        "updatedOn": now,
        "createdBy": call.sender,
        "updatedBy": call.sender,
    }
    return RoleAssignment(name, scope, principal_id, role, details)


def _principal_type(call: ArmCall, principal_id: str, given: Any) -> str:
    """What a principal is. Who is not known may be named only with a type, as Azure then asks nobody (documented)."""
    if not _is_guid(principal_id):
        message = "A valid principal ID must be provided for role assignment."
        raise ArmError(400, "InvalidPrincipalId", message)
    if given is not None and given not in PRINCIPAL_TYPES:
        message = f"The principal type '{given}' is not one of {', '.join(PRINCIPAL_TYPES)}."
        raise ArmError(400, "InvalidPrincipalType", message)
    known = principal(call.services.state, principal_id)
    if known is not None and given not in (None, known.kind):
        # Reported, slips of the pen included.
        message = (
            f"The PrincipalId '{principal_id}' has type '{known.kind}' , which is different from specified "
            f"PrinciaplType '{given}'."
        )
        raise ArmError(400, "UnmatchedPrincipalType", message)
    if known is None and given is None:
        raise _principal_not_found(principal_id, call.services.state.world.subscriptions[0].tenant_id)
    return known.kind if known is not None else str(given)


def _principal_not_found(principal_id: str, tenant: str) -> ArmError:
    """Who is not in the directory (reported)."""
    return ArmError(
        400,
        "PrincipalNotFound",
        f"Principal {principal_id.replace('-', '')} does not exist in the directory {tenant}. Check that you have the "
        "correct principal ID. If you are creating this principal and then immediately assigning a role, this error "
        "might be related to a replication delay. In this case, set the role assignment principalType property to a "
        "value, such as ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype",
    )


def _is_guid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _scope(call: ArmCall) -> str:
    return re.split(ASSIGNMENTS, call.path, maxsplit=1, flags=re.IGNORECASE)[0]


def _check_scope(call: ArmCall) -> None:
    """Subscription, group and registry of the scope must be there (of other resources that is not asked: assumed)."""
    call.subscription()
    if "group" in call.params:
        call.group()
    if "/providers/microsoft.containerregistry/registries/" in _scope(call).lower():
        call.registry()


def list_assignments(call: ArmCall) -> Reply:
    """Those at, above and below the scope, as far as `$filter` lets them through. Raises ArmError."""
    call.subscription()
    scope, tests = _scope(call), _tests(call)
    found = [one for one in _all(call) if covers(one.scope, scope) or covers(scope, one.scope)]
    return page(call, [_body(call, one) for one in found if all(test(one) for test in tests)])


def _all(call: ArmCall) -> Iterable[RoleAssignment]:
    return call.services.state.role_assignments.values()


def _tests(call: ArmCall) -> list[Test]:
    """What a filter asks: `atScope()` leaves out what is below, `assignedTo` and `principalId` want one principal.

    Documented in "List Azure role assignments using the REST API".
    """
    text = call.query.get("$filter", "").strip()
    scope = _scope(call)
    tests: list[Test] = []
    for condition in re.split(r"\s+and\s+", text, flags=re.IGNORECASE) if text else []:
        match = _CONDITION.fullmatch(condition.strip())
        if match is None:
            raise ArmError(400, "BadRequest", f"The filter '{text}' is not supported.")
        if match[1]:
            tests.append(lambda one: covers(one.scope, scope))
        else:
            tests.append(_is_of(match[3] or match[5] or ""))
    return tests


def _is_of(principal_id: str) -> Test:
    return lambda one: one.is_of(principal_id)


def get_assignment(call: ArmCall) -> Reply:
    """Raises ArmError."""
    found = call.services.state.role_assignments.get(call.path.lower())
    if found is None:
        message = f"The role assignment '{call.params['assignment']}' is not found."
        raise ArmError(404, "RoleAssignmentNotFound", message)
    return Reply(200, _body(call, found))


def delete_assignment(call: ArmCall) -> Reply:
    """200 with what it was, 204 when there is none."""
    gone = call.services.state.role_assignments.pop(call.path.lower(), None)
    return Reply(204) if gone is None else Reply(200, _body(call, gone))


def _body(call: ArmCall, assignment: RoleAssignment) -> dict[str, Any]:
    return {
        "id": f"{assignment.scope}{ASSIGNMENTS}/{assignment.name}",
        "name": assignment.name,
        "type": "Microsoft.Authorization/roleAssignments",
        "properties": {
            "roleDefinitionId": definition_id(call.subscription(), assignment.role),
            "principalId": assignment.principal_id,
            "scope": assignment.scope,
            **assignment.details,
        },
    }


ROUTES = tuple(
    route
    for scope in RESOURCE_SCOPES
    for route in (
        Route("GET", scope + ASSIGNMENTS, list_assignments),
        Route("PUT", scope + ASSIGNMENTS + "/{assignment}", put_assignment),
        Route("GET", scope + ASSIGNMENTS + "/{assignment}", get_assignment),
        Route("DELETE", scope + ASSIGNMENTS + "/{assignment}", delete_assignment),
    )
)
