"""Parts of a run request that builds and runs have in common: platform, source registry credentials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ...wording import printable
from ..console.errors import UsageError

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import Credentials, PlatformProperties

__all__ = [
    "LEND_PERMISSIONS",
    "SourceRegistryAuth",
    "abac_refusal",
    "abac_warning",
    "docker_platform",
    "parse_platform",
]

# What docker calls the architectures that the service has another name for.
_ARCHITECTURES: Final = {"x86": "386"}

# Quoted, since a shell may look for files of that name.
LEND_PERMISSIONS: Final = '--source-acr-auth-id "[caller]"'


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


def docker_platform(platform: PlatformProperties) -> str:
    """A platform as docker names it: `OS/ARCHITECTURE[/VARIANT]`."""
    # Its attributes are members of enums, what it holds are texts.
    os_name, architecture, variant = (str(platform.get(name) or "") for name in ("os", "architecture", "variant"))
    name = _ARCHITECTURES.get(architecture.lower(), architecture.lower()) or "amd64"
    return "/".join(filter(None, (os_name.lower(), name, variant.lower())))


def _check(what: str, value: str, valid: list[str]) -> None:
    if value not in valid:
        raise UsageError(f"'{printable(value)}' is not a valid {what} in --platform. Valid are: {', '.join(valid)}.")


def abac_refusal(registry: str, what: str) -> str:
    """Why a run has no access to a registry with per-repository permissions; `what` is its subject, with an article."""
    return f"Registry '{registry}' has per-repository permissions (ABAC), of which {what} has none by itself"


def abac_warning(registry: str, what: str) -> str:
    """The same for a run that may do without, as far as is known."""
    return f"{abac_refusal(registry, what)}: it can neither pull nor push there. Lend it yours with {LEND_PERMISSIONS}."


@dataclass(frozen=True)
class SourceRegistryAuth:
    """How a run logs in to the registry that it belongs to.

    `auth_mode` is Default, None (the word) or None (not given); `identity` is `[caller]`, `none` or None.
    """

    auth_mode: str | None
    identity: str | None

    @classmethod
    def of(cls, credentials: Credentials | None) -> SourceRegistryAuth:
        """What a task's credentials say."""
        source = credentials.source_registry if credentials else None
        return cls(source.login_mode, source.identity) if source else cls(None, None)

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

    def grants_nothing(self, *, uses_abac: bool) -> bool:
        """Whether the run can neither pull from its registry nor push to it: nothing logs it in there.

        With per-repository permissions a run has none by itself (ACR's documentation of these permissions).
        """
        is_logged_in = not uses_abac if self.auth_mode is None else self.auth_mode.lower() != "none"
        return not is_logged_in and (self.identity or "none").lower() == "none"

    def warning(self, *, uses_abac: bool) -> str | None:
        """What to tell the user about these options, if anything."""
        if uses_abac and self.auth_mode is not None:
            return (
                "--auth-mode is deprecated for a registry with per-repository permissions (ABAC): "
                "name the identity that may use it with --source-acr-auth-id."
            )
        return None
