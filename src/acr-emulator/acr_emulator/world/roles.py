"""Roles: what the built-in ones grant, and who holds which of them where."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["BUILT_IN_ROLES", "REPOSITORY_WRITE", "RoleAssignment", "RoleDefinition", "covers", "names", "role_of"]

_REGISTRY = "Microsoft.ContainerRegistry/registries"
_REPOSITORY = f"{_REGISTRY}/repositories"
_READ_REPOSITORIES = (f"{_REPOSITORY}/metadata/read", f"{_REPOSITORY}/content/read")
_WRITE_REPOSITORIES = (f"{_REPOSITORY}/metadata/write", f"{_REPOSITORY}/content/write")
_DELETE_REPOSITORIES = (f"{_REPOSITORY}/metadata/delete", f"{_REPOSITORY}/content/delete")
REPOSITORY_WRITE = f"{_REPOSITORY}/content/write"
"""The data action that a push needs where permissions are by repository."""


@dataclass(frozen=True)
class RoleDefinition:
    """A role. `id` is a GUID; patterns of actions may have `*` anywhere. `description` is Azure's."""

    id: str
    name: str
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    description: str = ""

    def permission(self) -> dict[str, list[str]]:
        """What it grants, in ARM's form."""
        return {
            "actions": list(self.actions),
            "notActions": list(self.not_actions),
            "dataActions": list(self.data_actions),
            "notDataActions": [],
        }


@dataclass(frozen=True)
class RoleAssignment:
    """A role that a principal has at a scope and below. `name` and `role` are GUIDs, `details` the other properties."""

    name: str
    scope: str
    principal_id: str
    role: RoleDefinition
    details: Mapping[str, Any]

    def is_of(self, principal_id: str) -> bool:
        """Whether it is this principal's."""
        return self.principal_id.lower() == principal_id.lower()


BUILT_IN_ROLES = (
    RoleDefinition(
        "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
        "Owner",
        ("*",),
        description="Grants full access to manage all resources, including the ability to assign roles in Azure RBAC.",
    ),
    RoleDefinition(
        "b24988ac-6180-42a0-ab88-20f7382dd24c",
        "Contributor",
        ("*",),
        (
            "Microsoft.Authorization/*/Delete",
            "Microsoft.Authorization/*/Write",
            "Microsoft.Authorization/elevateAccess/Action",
        ),
        description="Grants full access to manage all resources, but does not allow you to assign roles in Azure RBAC, "
        "manage assignments in Azure Blueprints, or share image galleries.",
    ),
    RoleDefinition(
        "acdd72a7-3385-48ef-bd42-f606fba81ae7",
        "Reader",
        ("*/read",),
        description="View all resources, but does not allow you to make any changes.",
    ),
    RoleDefinition(
        "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
        "User Access Administrator",
        ("*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"),
        description="Lets you manage user access to Azure resources.",
    ),
    RoleDefinition(
        "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
        "Role Based Access Control Administrator",
        (
            "Microsoft.Authorization/roleAssignments/write",
            "Microsoft.Authorization/roleAssignments/delete",
            "*/read",
            "Microsoft.Support/*",
        ),
        description="Manage access to Azure resources by assigning roles using Azure RBAC. This role does not allow "
        "you to manage access using other ways, such as Azure Policy.",
    ),
    RoleDefinition(
        "7f951dda-4ed3-4680-a7ca-43fe172d538d",
        "AcrPull",
        (f"{_REGISTRY}/pull/read",),
        description="acr pull",
    ),
    RoleDefinition(
        "8311e382-0749-4cb8-b61a-304f252e45ec",
        "AcrPush",
        (f"{_REGISTRY}/pull/read", f"{_REGISTRY}/push/write"),
        description="acr push",
    ),
    RoleDefinition(
        "c2f4ef07-c644-48eb-af81-4b1b4947fb11",
        "AcrDelete",
        (f"{_REGISTRY}/artifacts/delete",),
        description="acr delete",
    ),
    RoleDefinition(
        "6cef56e8-d556-48e5-a04f-b8e64114680f",
        "AcrImageSigner",
        (f"{_REGISTRY}/sign/write",),
        data_actions=(f"{_REGISTRY}/trustedCollections/write",),
        description="acr image signer",
    ),
    RoleDefinition(
        "fb382eab-e894-4461-af04-94435c366c3f",
        "Container Registry Tasks Contributor",
        (
            f"{_REGISTRY}/agentpools/*",
            f"{_REGISTRY}/listBuildSourceUploadUrl/action",
            f"{_REGISTRY}/runs/*",
            f"{_REGISTRY}/scheduleRun/action",
            f"{_REGISTRY}/taskruns/*",
            f"{_REGISTRY}/tasks/*",
        ),
        description="Provides permissions to configure, read, list, trigger, or cancel Container Registry Tasks, Task "
        "Runs, Task Logs, Quick Runs, Quick Builds, and Task Agent Pools. Permissions granted for Tasks management can "
        "be used for full registry data plane permissions including reading/writing/deleting container images in "
        "registries. Permissions granted for Tasks management can also be used to run customer authored build "
        "directives and run scripts to build software artifacts.",
    ),
    RoleDefinition(
        "b93aa761-3e63-49ed-ac28-beffa264f7ac",
        "Container Registry Repository Reader",
        data_actions=_READ_REPOSITORIES,
        description="Allows for read access to Azure Container Registry repositories, but excluding catalog listing.",
    ),
    RoleDefinition(
        "2a1e307c-b015-4ebd-883e-5b7698a07328",
        "Container Registry Repository Writer",
        data_actions=(*_READ_REPOSITORIES, *_WRITE_REPOSITORIES),
        description="Allows for read and write access to Azure Container Registry repositories, "
        "but excluding catalog listing.",
    ),
    RoleDefinition(
        "2efddaa5-3f1f-4df3-97df-af3f13818f4c",
        "Container Registry Repository Contributor",
        data_actions=(*_READ_REPOSITORIES, *_WRITE_REPOSITORIES, *_DELETE_REPOSITORIES),
        description="Allows for read, write, and delete access to Azure Container Registry "
        "repositories, but excluding catalog listing.",
    ),
    RoleDefinition(
        "bfdb9389-c9a5-478a-bb2f-ba9ca092c3c7",
        "Container Registry Repository Catalog Lister",
        data_actions=(f"{_REGISTRY}/catalog/read",),
        description="Allows for listing all repositories in an Azure Container Registry.",
    ),
    RoleDefinition(
        "f1a07417-d97a-45cb-824c-7a7467783830",
        "Managed Identity Operator",
        (
            "Microsoft.ManagedIdentity/userAssignedIdentities/*/read",
            "Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action",
            "Microsoft.Authorization/*/read",
            "Microsoft.Resources/subscriptions/resourceGroups/read",
        ),
        description="Read and Assign User Assigned Identity",
    ),
    RoleDefinition(
        "e40ec5ca-96e0-45a2-b4ff-59039f2c2b59",
        "Managed Identity Contributor",
        (
            "Microsoft.ManagedIdentity/userAssignedIdentities/*",
            "Microsoft.Authorization/*/read",
            "Microsoft.Resources/subscriptions/resourceGroups/read",
        ),
        description="Create, Read, Update, and Delete User Assigned Identity",
    ),
    RoleDefinition(
        "4d97b98b-1d4f-4787-a291-c67834d212e7",
        "Network Contributor",
        (
            "Microsoft.Network/*",
            "Microsoft.Authorization/*/read",
            "Microsoft.Resources/subscriptions/resourceGroups/read",
        ),
        description="Lets you manage networks, but not access to them.",
    ),
)
"""Roles of Azure's documents "Azure built-in roles", with what they grant of what the emulator has.

The descriptions are those of the documents too; those of the repository roles and of AcrPush are recorded.
"""


def role_of(definition_id: str) -> RoleDefinition | None:
    """The role that an ID names: a GUID, or a path that ends in one."""
    wanted = definition_id.rpartition("/")[2].lower()
    return next((role for role in BUILT_IN_ROLES if role.id == wanted), None)


def names(patterns: Iterable[str], action: str) -> bool:
    """Whether one of the patterns, in any case, names the action.

    >>> names(["Microsoft.Network/*/read"], "microsoft.network/virtualNetworks/read")
    True
    """
    return any(
        re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), action, re.IGNORECASE) for pattern in patterns
    )


def covers(scope: str, resource_id: str) -> bool:
    """Whether what is granted at `scope` holds for a resource: at the scope itself, and at all that is below it."""
    above, below = scope.strip("/").lower(), resource_id.strip("/").lower()
    return not above or below == above or below.startswith(f"{above}/")
