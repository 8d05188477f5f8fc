"""`az acr task credential add`, `update` and `remove`: how a task logs in to registries other than its own.

az's own change the credentials alone, which takes the task off its agent pool (azure-cli#23373). These read the task,
name its pool in the change, and look whether it is still there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from azure.cli.core import azclierror

from ...client.registries import Registry
from ...client.secrets import without_secrets
from ...client.tasks import Tasks
from ...wording import az_command, listed
from ..command import command
from ..console.errors import CommandError, ExitCode, UsageError
from ..session import Session
from .changes import doubt_told
from .options import TaskOptions
from .pool import require_pool, update_keeping_pool

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import CustomRegistryCredentials, SecretObject, Task

__all__ = ["add_credential", "remove_credential", "update_credential"]

_OPAQUE: Final = "Opaque"
_VAULT: Final = "Vaultsecret"


@dataclass(frozen=True, kw_only=True)
class CredentialOptions(TaskOptions):
    """Which credential of which task."""

    login_server: str


@dataclass(frozen=True, kw_only=True)
class LoginOptions(CredentialOptions):
    """A credential: a user name and a password (or the URIs of key vault secrets), an identity, or all three."""

    username: str | None = None
    password: str | None = None
    use_identity: str | None = None


@command(LoginOptions)
def add_credential(session: Session, options: LoginOptions) -> Mapping[str, Any]:
    """Add a credential; returns all that the task has, by login server, without their secrets."""
    credential = _credential(options, session.settings.vault_suffix)
    change = _CredentialChange.begin(session, options)
    if options.login_server in change.existing:
        raise CommandError(
            azclierror.ValidationError(
                f"Task '{options.task_name}' has a credential for '{options.login_server}' already.",
                f"Change it with: {change.az_command('update')}",
            )
        )
    return change.make(credential)


@command(LoginOptions)
def update_credential(session: Session, options: LoginOptions) -> Mapping[str, Any]:
    """Change a credential; returns all that the task has, by login server, without their secrets."""
    credential = _credential(options, session.settings.vault_suffix)
    change = _CredentialChange.begin(session, options)
    if options.login_server not in change.existing:
        known = f"It has some for: {listed(list(change.existing))}." if change.existing else "It has none."
        raise CommandError(
            azclierror.ResourceNotFoundError(
                f"Task '{options.task_name}' has no credential for '{options.login_server}'. {known}",
                f"Add one with: {change.az_command('add')}",
            ),
            ExitCode.NOT_FOUND,
        )
    return change.make(credential)


@command(CredentialOptions)
def remove_credential(session: Session, options: CredentialOptions) -> Mapping[str, Any]:
    """Remove a credential; returns those that the task still has, by login server, without their secrets."""
    change = _CredentialChange.begin(session, options)
    if options.login_server not in change.existing:
        session.narrator.say(
            f"Task '{options.task_name}' has no credential for '{options.login_server}': nothing to remove."
        )
        return change.existing
    return change.make(None)


@dataclass(frozen=True)
class _CredentialChange:
    """A task that was read, one of whose credentials is about to change."""

    tasks: Tasks
    registry: Registry
    task: Task
    login_server: str

    @classmethod
    def begin(cls, session: Session, options: CredentialOptions) -> _CredentialChange:
        """Read the task."""
        registry = session.find_managed_registry(options, "tasks")
        tasks = session.tasks(registry)
        # As az's own: nobody has seen whether a plain GET lists the credentials.
        return cls(tasks, registry, tasks.details(options.task_name), options.login_server)

    @property
    def existing(self) -> Mapping[str, Any]:
        """The task's credentials, by login server, without their secrets."""
        registries: Mapping[str, Any] = without_secrets(_custom_registries(self.task))
        return registries

    def az_command(self, verb: str) -> str:
        """The command that does `verb` with this credential."""
        where = ("-r", self.registry.name, "-n", str(self.task.name), "--login-server", self.login_server)
        return az_command(f"acr task credential {verb}", *where)

    def make(self, credential: CustomRegistryCredentials | None) -> Mapping[str, Any]:
        """Put `credential` in place, None to remove it; returns all credentials that there are then."""
        from azure.mgmt.containerregistrytasks.models import Credentials, TaskPropertiesUpdateParameters

        # An explicit null removes a credential (recorded); the SDK's type knows none.
        custom_registries: dict[str, Any] = {self.login_server: credential}
        changes = TaskPropertiesUpdateParameters(credentials=Credentials(custom_registries=custom_registries))
        name, pool = str(self.task.name), self.task.agent_pool_name
        with doubt_told(self.registry, name):
            changed = update_keeping_pool(self.tasks, name, changes, pool)
            return _custom_registries(require_pool(changed, pool, self.registry.name, self.tasks))


def _custom_registries(task: Task) -> Mapping[str, Any]:
    return (task.credentials.custom_registries if task.credentials else None) or {}


def _credential(options: LoginOptions, vault_suffix: str) -> CustomRegistryCredentials:
    from azure.mgmt.containerregistrytasks.models import CustomRegistryCredentials

    if options.username or options.password:
        return CustomRegistryCredentials(
            user_name=_secret(options.username, vault_suffix),
            password=_secret(options.password, vault_suffix),
            identity=options.use_identity,
        )
    if options.use_identity is None:
        raise UsageError("Nothing to log in with: give --username and --password, --use-identity, or all of them.")
    return CustomRegistryCredentials(identity=options.use_identity)


def _secret(text: str | None, vault_suffix: str) -> SecretObject:
    from azure.mgmt.containerregistrytasks.models import SecretObject

    is_in_vault = bool(text and vault_suffix) and vault_suffix.lower() in (text or "").lower()
    return SecretObject(type=_VAULT if is_in_vault else _OPAQUE, value=text)
