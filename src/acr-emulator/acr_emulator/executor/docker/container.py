"""`docker run`: its command line, and what docker checks before a container starts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ...acb.docker import Program
from ...acb.references import ReferenceFormatError
from .flags import CommandLine, FlagError, Flags
from .names import parse_name
from .usage import UsageError, usage_error

__all__ = ["Container", "ContainerError", "ProgramOf", "checked_only", "read_container"]

VALUES = (
    "add-host attach blkio-weight blkio-weight-device cap-add cap-drop cgroup-parent cgroupns cidfile cpu-period "
    "cpu-quota cpu-rt-period cpu-rt-runtime cpu-shares cpus cpuset-cpus cpuset-mems detach-keys device "
    "device-cgroup-rule device-read-bps device-read-iops device-write-bps device-write-iops dns dns-option dns-search "
    "domainname entrypoint env env-file expose gpus group-add health-cmd health-interval health-retries "
    "health-start-period health-timeout hostname ip ip6 ipc isolation kernel-memory label label-file link "
    "link-local-ip log-driver log-opt mac-address memory memory-reservation memory-swap memory-swappiness mount name "
    "network network-alias oom-score-adj pid pids-limit platform publish pull restart runtime security-opt shm-size "
    "stop-signal stop-timeout storage-opt sysctl tmpfs ulimit user userns uts volume volume-driver volumes-from workdir"
)
SWITCHES = (
    "detach disable-content-trust init interactive no-healthcheck oom-kill-disable privileged publish-all read-only rm "
    "sig-proxy tty"
)
LETTERS = {
    "a": "attach",
    "c": "cpu-shares",
    "d": "detach",
    "e": "env",
    "h": "hostname",
    "i": "interactive",
    "l": "label",
    "m": "memory",
    "p": "publish",
    "P": "publish-all",
    "t": "tty",
    "u": "user",
    "v": "volume",
    "w": "workdir",
}
RUN = Flags(frozenset(VALUES.split()), frozenset(SWITCHES.split()), LETTERS, interspersed=False)
"""The options of `docker run` 20.10."""

SHARED_NETWORK = "container:"


class ContainerError(Exception):
    """A container that docker does not start; `str(error)` is its reason."""


@dataclass(frozen=True)
class Container:
    """A container to start. `command` is what follows the image's name, `volumes` are by where they are mounted."""

    name: str
    image: str
    command: tuple[str, ...]
    entry_point: str
    environment: Mapping[str, str]
    directory: str
    is_kept: bool
    is_detached: bool
    volumes: Mapping[str, str]

    @property
    def arguments(self) -> list[str]:
        """What is executed, if the image has no entry point of its own that matters (assumed)."""
        return [self.entry_point, *self.command] if self.entry_point else list(self.command)


ProgramOf: TypeAlias = Callable[[Container], Program | None]
"""Gives what is really to be run for a container, None for one that is only checked."""


def checked_only(_container: Container) -> Program | None:
    """Nothing is run."""
    return None


def read_container(words: Sequence[str], networks: Collection[str], names: Collection[str]) -> Container:
    """Read the words after `docker run`; `names` are of containers that are there already.

    Raises UsageError and ContainerError.
    """
    try:
        line = RUN.parse(words)
    except FlagError as error:
        raise UsageError(f"{error}\nSee 'docker run --help'.", 125) from error
    if not line.arguments:
        raise usage_error(
            "docker run", "at least 1 argument", "IMAGE [COMMAND] [ARG...]", "Run a command in a new container"
        )
    image, *command = line.arguments
    _check(line, image, networks, names)
    return Container(
        name=line.last("name"),
        image=image,
        command=tuple(command),
        entry_point=line.last("entrypoint"),
        environment=_environment(line.values("env")),
        directory=line.last("workdir", "/"),
        is_kept=not line.is_on("rm"),
        is_detached=line.is_on("detach"),
        volumes=dict(_mount(volume) for volume in line.values("volume")),
    )


def _check(line: CommandLine, image: str, networks: Collection[str], names: Collection[str]) -> None:
    try:
        parse_name(image)
    except ReferenceFormatError as error:
        raise ContainerError(str(error)) from error
    for volume in line.values("volume"):
        _check_volume(volume)
    name = line.last("name")
    if name and name in names:
        identifier = hashlib.sha256(name.encode()).hexdigest()
        raise ContainerError(
            f'Error response from daemon: Conflict. The container name "/{name}" is already in use by container '
            f'"{identifier}". You have to remove (or rename) that container to be able to reuse that name'
        )
    network = line.last("network", "bridge")
    if network not in networks and not network.startswith(SHARED_NETWORK):
        raise ContainerError(f"Error response from daemon: network {network} not found")


def _check_volume(volume: str) -> None:
    target, source = _mount(volume)
    if not target.startswith("/"):
        raise ContainerError(
            f"Error response from daemon: invalid volume specification: '{volume}': invalid mount config for type "
            f"\"{'bind' if source.startswith('/') else 'volume'}\": invalid mount path: '{target}' mount path must be "
            "absolute"
        )


def _mount(volume: str) -> tuple[str, str]:
    """Where a volume is mounted, and its name or path."""
    source, colon, rest = volume.partition(":")
    return (rest.partition(":")[0] if colon else source), source


def _environment(entries: Sequence[str]) -> dict[str, str]:
    """Variables by name, the last one of a name. One without `=` would come from the client's own environment."""
    pairs = (entry.partition("=") for entry in entries)
    return {name: value for name, equals, value in pairs if equals}
