"""What a registry must be, and what it means for its builds, runs and tasks."""

from typing import Final

from azure.cli.core import azclierror

from ..client.registries import Registry
from .console.errors import ExitCode, fail

__all__ = ["require_managed", "uses_abac"]

_MANAGED_SKUS: Final = ("basic", "standard", "premium")


def require_managed(registry: Registry, what: str) -> None:
    """End the process if the registry's tier has no builds, runs or tasks; ``what`` says which."""
    if registry.sku.lower() not in _MANAGED_SKUS:
        fail(
            azclierror.ValidationError(
                f"Registry '{registry.name}' has the tier {registry.sku or '(unknown)'}, which has no {what}.",
                f"Change it with: az acr update -n {registry.name} --sku Standard",
            ),
            ExitCode.FAILED,
        )


def uses_abac(registry: Registry) -> bool:
    """Whether the registry's permissions are per repository."""
    return registry.role_assignment_mode == "AbacRepositoryPermissions"
