"""The commands that a task comes to: of its networks, its volumes, its builder, and of each step.

What no shell reads is a list of words; a line is given to `/bin/sh -c` as it is, unquoted (acb, builder/builder.go).
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import replace

from .build_line import parse_build_line
from .contexts import located_build
from .errors import AcbError
from .run_line import DOCKER_SOCKET, HOME_ENVIRONMENT, HOME_MOUNT, ContainerSpec, run_line, scan_arguments
from .task import Network, Step, Volume

__all__ = [
    "BUILDKITD",
    "buildkitd_line",
    "configuration_arguments",
    "container_of",
    "inspect_arguments",
    "login_arguments",
    "network_arguments",
    "pull_arguments",
    "push_arguments",
    "scan_arguments_of",
    "secret_lines",
    "step_line",
    "volume_line",
]

BUILDKITD = "acrbuildkitdcontainer"
"""The name of the container in which buildx sets up its builder."""
BUILDKIT_OFF = "DOCKER_BUILDKIT=0"

HOME_OPTIONS = ("--volume", HOME_MOUNT, "--env", HOME_ENVIRONMENT)
SOCKET_OPTIONS = ("--volume", DOCKER_SOCKET)
CONFIGURATION = """mkdir -p ~/.docker && cat << EOF > ~/.docker/config.json
{
\t\t"experimental": "enabled",
\t\t"HttpHeaders": {"X-Meta-Source-Client": "azure/acr/tasks"}
\t}
EOF"""


def network_arguments(network: Network) -> list[str]:
    """The command that creates a network of docker."""
    return [
        *("docker", "network", "create", network.name),
        *(("--ipv6",) if network.is_ipv6 else ()),
        *(("--driver", network.driver) if network.driver else ()),
    ]


def configuration_arguments(container: str) -> list[str]:
    """The command that writes docker's configuration, in a container of that name."""
    options = ("--name", container, "--rm", *HOME_OPTIONS, "--entrypoint", "bash")
    return ["docker", "run", *options, "bash", "-c", CONFIGURATION]


def login_arguments(container: str, user: str, registry: str) -> list[str]:
    """The command that logs in to a registry; it reads the password."""
    options = ("--name", container, "--rm", "-i", *SOCKET_OPTIONS, *HOME_OPTIONS)
    return ["docker", "run", *options, *("docker", "login", "--username", user, "--password-stdin", registry)]


def buildkitd_line(home_volume: str) -> str:
    """The line that sets up buildx's builder before the first step, if a build has a cache."""
    return run_line(ContainerSpec(BUILDKITD, "buildx create --use", home_volume, is_detached=True))


def secret_lines(volume: Volume) -> list[str]:
    """The lines that write a volume's secrets into files of the folder NAME.

    Values stand in here-documents, in which the shell still replaces `$X`, `$(..)` and backquotes; a line `EOL` ends
    one. Raises AcbError for a value that is not base64.
    """
    secrets = (volume.secret or {}).items()
    return [
        f"mkdir {volume.name}",
        *(f"cat >> {volume.name}/{name} <<EOL\n{_decoded(value)}\nEOL" for name, value in secrets),
    ]


def volume_line(volume: Volume, home_volume: str) -> str:
    """The line that copies those files into the volume, flat."""
    files = " ".join(f"{volume.name}/{name}" for name in volume.secret or ())
    return f"docker run --rm -v {home_volume}:/source -v {volume.name}:/dest -w /source bash cp {files} /dest"


def pull_arguments(step: Step) -> list[str]:
    """The command that pulls what stands before a command's first blank: `pull: true`."""
    image = step.command.partition(" ")[0]
    return ["docker", "run", "--rm", *SOCKET_OPTIONS, "docker", "pull", image]


def push_arguments(container: str, image: str) -> list[str]:
    """The command that pushes an image."""
    return ["docker", "run", "--name", container, "--rm", *SOCKET_OPTIONS, *HOME_OPTIONS, "docker", "push", image]


def inspect_arguments(reference: str) -> list[str]:
    """The command that asks for an image's digests."""
    question = ("docker", "inspect", "--format", '"{{json .RepoDigests}}"', reference)
    return ["docker", "run", "--rm", *SOCKET_OPTIONS, *HOME_OPTIONS, *question]


def scan_arguments_of(step: Step, container: str, home_volume: str, credentials: Sequence[str]) -> list[str]:
    """The command that scans a build's Dockerfile, in a container of that name."""
    line = replace(parse_build_line(step.build), tags=step.tags, build_arguments=step.build_arguments)
    return scan_arguments(line, step.id, container, home_volume, step.working_directory, credentials)


def step_line(step: Step, home_volume: str) -> str:
    """The line that starts the container of a build or a command; a push has none."""
    return run_line(container_of(step, home_volume))


def container_of(step: Step, home_volume: str) -> ContainerSpec:
    """A step's container. A build's is the one that holds docker's client, or buildx."""
    directory, command = step.working_directory, step.command
    environment = step.environment
    if step.build:
        directory, line = located_build(step.build, step.id, directory)
        command = f"{'buildx' if step.uses_build_cache else 'docker'} build {line}"
        if not step.uses_build_cache and not step.uses_buildkit:
            environment = (*environment, BUILDKIT_OFF)
    return ContainerSpec(
        name=step.id,
        command=command,
        home_volume=home_volume,
        working_directory=directory,
        keeps_image_directory=step.keeps_image_directory,
        is_kept=step.is_kept,
        is_detached=step.is_detached,
        ports=step.ports,
        exposed=step.exposed,
        is_privileged=step.is_privileged,
        user=step.user,
        network=step.network,
        isolation=step.isolation,
        cpus=step.cpus,
        entry_point="" if step.build else step.entry_point,
        environment=environment,
        mounts=tuple({mount.name: mount.path for mount in step.mounts}.items()),
    )


def _decoded(value: str) -> str:
    """A secret. Go skips line breaks within base64."""
    try:
        data = b64decode(value.replace("\r", "").replace("\n", ""), validate=True)
    except (binascii.Error, ValueError) as error:
        problem = "failed to decode Base64 value. please make sure value provided is Base64 encoded"
        raise AcbError(problem) from error
    return data.decode(errors="surrogateescape")
