"""Parts of a run request that builds and runs have in common: platform, source registry credentials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...wording import printable
from ..console.errors import UsageError

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import Credentials, PlatformProperties

__all__ = ["SourceRegistryAuth", "parse_platform"]


def parse_platform(text: str | None) -> PlatformProperties:
    """`OS[/ARCHITECTURE[/VARIANT]]` to the SDK's model; linux/amd64 is the default. Raises UsageError.

    The valid values are those of the SDK's enums; a variant is not checked against its architecture, as in az's own.
    """
    from azure.mgmt.containerregistrytasks.models import OS, Architecture, PlatformProperties, Variant

    parts = (text or "linux").split("/")
    os_name = parts[0].lower()
    architecture = parts[1].lower() if len(parts) > 1 else "amd64"
    variant = parts[2] if len(parts) > 2 else None
    _check("operating system", os_name, [value.value.lower() for value in OS])
    _check("architecture", architecture, [value.value.lower() for value in Architecture])
    if variant:
        _check("variant", variant, [value.value.lower() for value in Variant])
    return PlatformProperties(os=os_name, architecture=architecture, variant=variant)


def _check(what: str, value: str, valid: list[str]) -> None:
    if value not in valid:
        raise UsageError(f"'{printable(value)}' is not a valid {what} in --platform. Valid are: {', '.join(valid)}.")


@dataclass(frozen=True)
class SourceRegistryAuth:
    """How a run logs in to the registry that it belongs to.

    `auth_mode` is Default, None (the word) or None (not given); `identity` is `[caller]`, `none` or None.
    """

    auth_mode: str | None
    identity: str | None

    def credentials(self, *, uses_abac: bool) -> Credentials:
        """The request's credentials. `uses_abac` is whether the registry's permissions are per repository.

        Raises UsageError when no login is wanted and yet an identity is given, which a registry without per-repository
        permissions cannot reconcile.
        """
        from azure.core.serialization import NULL
        from azure.mgmt.containerregistrytasks.models import Credentials, SourceRegistryCredentials

        if self.identity and not uses_abac and (self.auth_mode or "").lower() == "none":
            raise UsageError("--auth-mode None and --source-acr-auth-id contradict each other; leave one out.")
        if not self.auth_mode and not self.identity:
            return Credentials()
        # NULL sends an explicit null, which clears the identity.
        identity: Any = NULL if (self.identity or "").lower() == "none" else self.identity
        return Credentials(source_registry=SourceRegistryCredentials(login_mode=self.auth_mode, identity=identity))

    def warning(self, *, uses_abac: bool) -> str | None:
        """What to tell the user about these options, if anything."""
        if uses_abac and self.auth_mode is not None:
            return (
                "--auth-mode is deprecated for a registry with per-repository permissions (ABAC): "
                "name the identity that may use it with --source-acr-auth-id."
            )
        return None
