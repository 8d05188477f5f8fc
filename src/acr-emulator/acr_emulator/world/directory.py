"""Who there is: the caller, and the identities of resources. Each has the same IDs wherever it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from .state import USER, AzureState, Registry, Task, TaskRun

__all__ = [
    "CALLER",
    "USER_ASSIGNED_TYPE",
    "Principal",
    "principal",
    "principals",
    "system_assigned_id",
    "user_assigned_ids",
]

USER_ASSIGNED_TYPE = "Microsoft.ManagedIdentity/userAssignedIdentities"


@dataclass(frozen=True)
class Principal:
    """Who can hold roles. `kind` is User, Group or ServicePrincipal; `names` is what it is found by, but for its ID."""

    id: str
    kind: str
    display_name: str
    app_id: str
    names: tuple[str, ...]

    def has_name(self, name: str) -> bool:
        """Whether it goes by this name, in any case."""
        return name.lower() in (known.lower() for known in self.names)


def _derived_id(text: str) -> str:
    return str(uuid5(NAMESPACE_URL, text.lower()))


_CALLER_APP = _derived_id("acr-emulator/app")
CALLER = Principal(
    id=_derived_id("acr-emulator/identity"),
    kind="User",
    display_name="Emulated user",
    app_id=_CALLER_APP,
    # What az signed in as, the user of `systemData`, and what `az account show` says of either.
    names=(USER, _CALLER_APP, "systemAssignedIdentity"),
)
"""Whoever sends requests (assumed: a user, although az is signed in with a managed identity)."""


def system_assigned_id(resource_id: str) -> str:
    """The principal ID of a resource's own identity."""
    return _derived_id(resource_id)


def user_assigned_ids(state: AzureState, identity_id: str) -> dict[str, str]:
    """`principalId` and `clientId` of a user-assigned identity.

    As the resource says, which may come from the world file; derived from its ID if it says nothing.
    """
    properties = (state.documents.get(identity_id) or {}).get("properties") or {}
    derived = {"principalId": _derived_id(identity_id), "clientId": _derived_id(f"{identity_id}#client")}
    return {key: str(properties.get(key) or value) for key, value in derived.items()}


def principals(state: AzureState) -> Iterator[Principal]:
    """Everybody who is known now."""
    yield CALLER
    for spec in state.world.principals:
        app_id = spec.app_id or _derived_id(f"{spec.id}#client")
        names = (app_id, spec.name) if spec.kind == "ServicePrincipal" else (spec.name,)
        yield Principal(spec.id, spec.kind, spec.name, app_id, names)
    owners: list[Registry | Task | TaskRun] = []
    for registry in state.registries:
        owners += [registry, *registry.tasks.values(), *registry.task_runs.values()]
    identities = [str(document["id"]) for document in state.documents.of_type(USER_ASSIGNED_TYPE)]
    for owner in owners:
        identity = owner.identity or {}
        identities += identity.get("userAssignedIdentities") or ()
        if principal_id := identity.get("principalId"):
            yield _of_resource(owner.id, str(principal_id), _derived_id(f"{owner.id}#client"))
    for identity_id in {one.lower(): one for one in identities}.values():
        ids = user_assigned_ids(state, identity_id)
        yield _of_resource(identity_id, ids["principalId"], ids["clientId"])


def _of_resource(resource_id: str, principal_id: str, client_id: str) -> Principal:
    name = resource_id.rpartition("/")[2]
    return Principal(principal_id, "ServicePrincipal", name, client_id, (client_id,))


def principal(state: AzureState, principal_id: str) -> Principal | None:
    """Who has this object ID, if anybody."""
    return next((one for one in principals(state) if one.id.lower() == principal_id.lower()), None)
