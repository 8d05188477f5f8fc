"""What a task file holds. What it does not say is empty, 0 or False."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

__all__ = ["BUILDKIT_ON", "Mount", "Network", "Secret", "Step", "Task", "TaskOptions", "Volume"]

BUILDKIT_ON = "DOCKER_BUILDKIT=1"
"""Only this entry of a build's environment, letter for letter, makes acb use BuildKit."""


@dataclass(frozen=True)
class Mount:
    """A volume of the task in a step's container."""

    name: str = ""
    path: str = ""


@dataclass(frozen=True)
class Volume:
    """A volume with secrets: base64 texts by the name of their file. None: no secrets are given."""

    name: str = ""
    secret: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Network:
    """A network of docker. One that `is_external` is there already."""

    name: str = ""
    is_ipv6: bool = False
    driver: str = ""
    is_external: bool = False
    is_default: bool = False


@dataclass(frozen=True)
class Secret:
    """A secret of a key vault (its URL), or a token for a registry (`aad_resource_id`)."""

    id: str = ""
    key_vault: str = ""
    client_id: str = ""
    aad_resource_id: str = ""


@dataclass(frozen=True)
class Step:
    """A step. Times are in seconds.

    `when` is what is written. Of a build, `tags` and `build_arguments` are cut out of its line as the scanner is told
    them, and `cache_tag` is the tag of the image that keeps its cache. `retries` come after the first try, `repeat`
    after the first run.
    """

    id: str = ""
    command: str = ""
    build: str = ""
    push: tuple[str, ...] = ()
    when: tuple[str, ...] = ()
    working_directory: str = ""
    environment: tuple[str, ...] = ()
    entry_point: str = ""
    user: str = ""
    network: str = ""
    isolation: str = ""
    cpus: str = ""
    cache: str = ""
    mounts: tuple[Mount, ...] = ()
    exposed: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    exited_with: tuple[int, ...] = ()
    exited_without: tuple[int, ...] = ()
    timeout: int = 0
    start_delay: int = 0
    retries: int = 0
    retry_delay: int = 0
    retry_on_errors: tuple[str, ...] = ()
    download_retries: int = 0
    download_retry_delay: int = 0
    repeat: int = 0
    is_kept: bool = False
    is_detached: bool = False
    is_privileged: bool = False
    ignores_errors: bool = False
    keeps_image_directory: bool = False
    is_pulled: bool = False
    tags: tuple[str, ...] = ()
    build_arguments: tuple[str, ...] = ()
    cache_tag: str = ""

    @property
    def kind(self) -> Literal["build", "push", "cmd"]:
        """What the step does, in the order in which acb asks."""
        if self.build:
            return "build"
        return "push" if self.push else "cmd"

    @property
    def uses_buildkit(self) -> bool:
        """Whether acb takes the build for one by BuildKit. docker's client may see it otherwise."""
        return bool(self.build) and BUILDKIT_ON in self.environment

    @property
    def uses_build_cache(self) -> bool:
        """Whether buildx builds, with a cache in a registry."""
        return bool(self.build) and self.cache.lower() == "enabled"


@dataclass(frozen=True)
class Task:
    """A task.

    `is_quick_build` and `uses_build_cache` (buildx is set up first) are fields that acb fills, but a file may name
    them. `notices` are lines that acb logs while it fills in what a task does not say.
    """

    steps: tuple[Step, ...] = ()
    networks: tuple[Network, ...] = ()
    volumes: tuple[Volume, ...] = ()
    secrets: tuple[Secret, ...] = ()
    environment: tuple[str, ...] = ()
    version: str = ""
    name: str = ""
    working_directory: str = ""
    step_timeout: int = 0
    is_quick_build: bool = False
    uses_build_cache: bool = False
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class TaskOptions:
    """What acb is told beside the task file: arguments of `acb exec`."""

    registry: str = ""
    task_name: str = ""
    working_directory: str = ""
    network: str = ""
    environment: tuple[str, ...] = ()
