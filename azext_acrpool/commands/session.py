"""Everything that a command needs from outside, in one object that is made once a command.

Nothing below takes a clock, a stream, a connection or an answer of the user from anywhere else, so a test hands a
command another world (`azext_acrpool.testing`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

from azure.cli.core import azclierror

from ..client.registries import Registry, RegistryId, find_registry, locate_registry
from ..wording import PlacedName, az_command
from .console.errors import CommandError
from .given import is_filled_in

if TYPE_CHECKING:
    from ..client.arm import ArmClient
    from ..client.runs import Runs, UploadTarget
    from ..client.tasks import Tasks
    from ..clock import Clock, Deadline
    from ..context import AnyContext, UploadOptions, UploadResult
    from ..runlog.sources import SignedBlobs
    from .console.interrupts import Interrupts
    from .console.narrator import Narrator
    from .console.pages import Page

__all__ = ["RegistryOptions", "Session", "Settings", "Streams", "User", "Web", "nobody_to_ask"]


@dataclass(frozen=True, kw_only=True)
class RegistryOptions:
    """Which registry, and in which resource group if that is named: the options of nearly every command."""

    registry_name: str
    resource_group_name: str | None = None


@dataclass(frozen=True)
class Streams:
    """Data go to `stdout`, everything else to `stderr`. `stdin` is None where there is none."""

    stdin: BinaryIO | None
    stdout: TextIO
    stderr: TextIO


@dataclass(frozen=True)
class Settings:
    """What az was told by its command line, its configuration and its cloud.

    `cloud` is az's name of the cloud, `vault_suffix` what the host names of key vaults end in, "" in a cloud that has
    none. `subscription` is the ID of the one that the command is about, "" if that is the current account's, which
    every command is about by itself. `has_extension` tells whether an extension of that name is installed, `variable`
    what a variable of the environment holds.
    """

    verify_tls: bool = True
    is_verbose: bool = False
    chose_output: bool = False
    cloud: str = "AzureCloud"
    vault_suffix: str = ""
    subscription: str = ""
    has_extension: Callable[[str], bool] = field(default=lambda name: False, compare=False)
    variable: Callable[[str], str | None] = field(default=lambda name: None, compare=False)


@dataclass(frozen=True)
class User:
    """Who is at the other end.

    `confirm` asks a question, yes or no; it raises CommandError where nobody can be asked. `name` is who is logged in,
    as role assignments know them, "" if they do not. `sees_stdout`: a person reads the result as it is printed.
    """

    confirm: Callable[[str], bool]
    name: Callable[[], str]
    sees_stdout: bool = False


@dataclass(frozen=True)
class Web:
    """What is reached by URL, besides ARM: blobs, and files that the service is to fetch.

    `head_status` tells the HTTP status with which a file is there or not, None without an answer. `manifest_digest`
    asks a registry, by its login server, which manifest a repository's tag is: it raises AcrErrors, NotFoundError if
    there is no such tag.
    """

    read_blobs: Callable[[], SignedBlobs]
    upload: Callable[[AnyContext, Callable[[], UploadTarget], UploadOptions], UploadResult]
    head_status: Callable[[str], int | None]
    manifest_digest: Callable[[str, str, str], str]


@dataclass(frozen=True)
class Session:
    """One command's world. `connect` makes the ARM client when it is first needed, and raises az's errors.

    `start_aside` does something beside everything else; nobody waits for it at exit. `print_pages` prints a long list
    as it comes, and returns what is left for the command to return (`console.pages`).
    """

    connect: Callable[[], ArmClient]
    narrator: Narrator
    clock: Clock
    streams: Streams
    interrupts: Interrupts
    user: User
    settings: Settings
    web: Web
    start_aside: Callable[[Callable[[], None]], object]
    print_pages: Callable[[Iterable[Page]], list[Any] | None]

    @cached_property
    def arm(self) -> ArmClient:
        """The way to ARM, in the subscription that the command line or az's current account names."""
        return self.connect()

    def until(self, deadline: Deadline) -> Session:
        """The same for somebody who waits no longer than that for any request: then OperationTimeoutError is raised."""
        return replace(self, connect=lambda: self.arm.until(deadline))

    def runs(self, registry: RegistryId) -> Runs:
        """The runs of a registry."""
        from ..client.runs import Runs

        return Runs(self.arm, registry, self.clock, tell=self.narrator.say)

    def tasks(self, registry: RegistryId) -> Tasks:
        """The tasks of a registry."""
        from ..client.tasks import Tasks

        return Tasks(self.arm, registry, self.clock, tell=self.narrator.say)

    def locate_registry(self, options: RegistryOptions) -> RegistryId:
        """Where the registry is; it may not exist if a resource group is given. Raises RegistryNotFoundError."""
        found = locate_registry(self.arm, options.registry_name, options.resource_group_name)
        return replace(found, name=self.place_registry(found.name, options.resource_group_name))

    def find_registry(self, options: RegistryOptions) -> Registry:
        """The registry as it is. Raises RegistryNotFoundError."""
        found = find_registry(self.arm, options.registry_name, options.resource_group_name)
        return replace(found, name=self.place_registry(found.name, options.resource_group_name))

    def place_registry(self, name: str, resource_group: str | None) -> PlacedName:
        """The registry's name, with what the user said about where it is, for commands to type.

        What az filled in from its defaults, it will fill in again.
        """
        group = {} if not resource_group or is_filled_in(resource_group) else {"-g": resource_group}
        subscription = {"--subscription": self.settings.subscription} if self.settings.subscription else {}
        return PlacedName(name, {**group, **subscription})

    def find_managed_registry(self, options: RegistryOptions, what: str) -> Registry:
        """The registry, which must be of a tier that has builds, runs and tasks; `what` says which are wanted.

        Raises CommandError, RegistryNotFoundError.
        """
        registry = self.find_registry(options)
        if not registry.is_managed:
            raise CommandError(
                azclierror.ValidationError(
                    f"Registry '{registry.name}' has the tier {registry.sku or '(unknown)'}, which has no {what}.",
                    f"Change it with: {az_command('acr update', '-n', registry.name, '--sku', 'Standard')}",
                )
            )
        return registry


def nobody_to_ask() -> CommandError:
    """A question came up where there is no terminal."""
    return CommandError(
        azclierror.NoTTYError("There is no terminal to ask on.", "Use --yes to go on without being asked.")
    )
