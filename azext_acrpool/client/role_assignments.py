"""Role assignments at a registry: who may do what with it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypedDict
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from ..clock import Clock
from .arm import ArmClient, with_query
from .errors import BadRequestError, ConflictError, NotFoundError
from .registries import RegistryId
from .replies import read_json

__all__ = ["TASKS_CONTRIBUTOR", "Role", "RoleAssignment", "RoleAssignments"]

_API_VERSION: Final = "2022-04-01"
_ASSIGNMENTS: Final = "providers/Microsoft.Authorization/roleAssignments"
_MANAGEMENT_GROUPS: Final = "providers/microsoft.management/managementgroups/"
# Seconds for which a principal that was made just now may not be known everywhere, and from one try to the next.
_REPLICATION_LIMIT: Final = 120.0
_REPLICATION_PAUSE: Final = 5.0


@dataclass(frozen=True)
class Role:
    """A built-in role; `guid` is the name of its definition, the same in every subscription."""

    guid: str
    name: str


# Azure's page "Azure built-in roles for Containers".
TASKS_CONTRIBUTOR: Final = Role("fb382eab-e894-4461-af04-94435c366c3f", "Container Registry Tasks Contributor")


class _Properties(TypedDict):
    roleDefinitionId: str
    principalId: str
    scope: str


class _Assignment(TypedDict):
    id: str
    properties: _Properties


@dataclass(frozen=True)
class RoleAssignment:
    """A role that a principal has at `scope` and below; `role` is the GUID of the role's definition."""

    resource_id: str
    scope: str
    principal_id: str
    role: str

    def is_at(self, registry: RegistryId) -> bool:
        """Whether it is one at the registry itself, not at what that is in."""
        return self.scope.strip("/").lower() == registry.resource_id.strip("/").lower()

    def holds_for(self, registry: RegistryId) -> bool:
        """Whether it is one at the registry, or at what that is in: ARM lists no other management groups than those."""
        above = self.scope.strip("/").lower()
        return (
            not above
            or above.startswith(_MANAGEMENT_GROUPS)
            or f"{registry.resource_id.strip('/')}/".lower().startswith(f"{above}/")
        )


class RoleAssignments:
    """The role assignments that hold for one registry. All methods raise AcrErrors.

    `tell` hears of waits that take long.
    """

    def __init__(
        self, arm: ArmClient, registry: RegistryId, clock: Clock, *, tell: Callable[[str], None] = lambda _: None
    ) -> None:
        self._arm = arm
        self._registry = registry
        self._clock = clock
        self._tell = tell

    def of(self, principal_id: str) -> list[RoleAssignment]:
        """The roles that a principal has at the registry or above it."""
        # Of what that finds, some may hold only below the registry.
        params = {"$filter": f"principalId eq '{principal_id}'"}
        path = f"{self._registry.path}/{_ASSIGNMENTS}"
        found = [_read(item) for item in self._arm.list_json(path, params, api_version=_API_VERSION)]
        return [one for one in found if one.holds_for(self._registry)]

    def assign(self, principal_id: str, role: Role) -> None:
        """Give a service principal a role at this registry, which it may have already.

        Azure copies what is in its directory from place to place: a principal that is not known yet is waited for.
        """
        definition = f"/subscriptions/{self._registry.subscription_id}/providers/Microsoft.Authorization"
        body = {
            "properties": {
                "roleDefinitionId": f"{definition}/roleDefinitions/{role.guid}",
                "principalId": principal_id,
                # Without the type, Azure looks for the principal in a directory that may not have it yet.
                "principalType": "ServicePrincipal",
            }
        }
        url = with_query(f"{self._registry.path}/{_ASSIGNMENTS}/{self._name(principal_id, role)}", None, _API_VERSION)
        until, has_told = self._clock.monotonic() + _REPLICATION_LIMIT, False
        while True:
            try:
                self._arm.send("PUT", url, body=body)
                return
            except ConflictError as error:
                if error.code == "RoleAssignmentExists":
                    return
                raise
            except BadRequestError as error:
                if error.code != "PrincipalNotFound" or self._clock.monotonic() >= until:
                    raise
            if not has_told:
                self._tell("Azure's directory does not know the new identity everywhere yet: waiting for that.")
                has_told = True
            self._clock.sleep(_REPLICATION_PAUSE)

    def remove(self, assignment: RoleAssignment) -> None:
        """Take away a role at this registry; it may be gone already."""
        name = quote(assignment.resource_id.rpartition("/")[2], safe="")
        with suppress(NotFoundError):
            self._arm.send("DELETE", with_query(f"{self._registry.path}/{_ASSIGNMENTS}/{name}", None, _API_VERSION))

    def _name(self, principal_id: str, role: Role) -> str:
        """The same for the same, so that asking twice makes one."""
        return str(uuid5(NAMESPACE_URL, f"{self._registry.resource_id}|{principal_id}|{role.guid}".lower()))


def _read(item: object) -> RoleAssignment:
    found = read_json(_Assignment, item, "a role assignment")
    properties = found["properties"]
    role = properties["roleDefinitionId"].rpartition("/")[2].lower()
    return RoleAssignment(found["id"], properties["scope"], properties["principalId"], role)
