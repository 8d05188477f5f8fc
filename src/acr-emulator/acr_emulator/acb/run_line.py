"""The lines that start containers: of a step, for the shell, and of the scanner.

Texts are not quoted: what a shell makes of them is what happens (acb, builder/context.go).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..golang import path
from .build_line import BuildLine

__all__ = [
    "DOCKER_SOCKET",
    "HOME_ENVIRONMENT",
    "HOME_MOUNT",
    "WORKSPACE",
    "ContainerSpec",
    "run_line",
    "scan_arguments",
]

WORKSPACE = "/workspace"
HOME_MOUNT = "home:/acb/home"
HOME_ENVIRONMENT = "HOME=/acb/home"
DOCKER_SOCKET = "/var/run/docker.sock:/var/run/docker.sock"


@dataclass(frozen=True)
class ContainerSpec:
    """A step's container: its name, the text after docker's own options (image and arguments), and what the step says.

    `home_volume` is what the workspace is kept in. For a build the container is the one that holds docker's client, so
    that `command` begins with `docker build` and `entry_point` is empty. `environment` has entries `NAME=value`,
    `mounts` pairs of a volume and where it is mounted, each volume once.
    """

    name: str
    command: str
    home_volume: str
    working_directory: str = ""
    keeps_image_directory: bool = False
    is_kept: bool = False
    is_detached: bool = False
    ports: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()
    is_privileged: bool = False
    user: str = ""
    network: str = ""
    isolation: str = ""
    cpus: str = ""
    entry_point: str = ""
    environment: tuple[str, ...] = ()
    mounts: tuple[tuple[str, str], ...] = ()


def run_line(spec: ContainerSpec) -> str:
    """The line that acb gives to `/bin/sh -c`."""
    words = ["docker run"]
    words += ["--rm"] * (not spec.is_kept)
    words += ["--detach"] * spec.is_detached
    words += [f"-p {port}" for port in spec.ports]
    words += [f"--expose {port}" for port in spec.exposed]
    words += ["--privileged"] * spec.is_privileged
    options = {
        "--user": spec.user,
        "--network": spec.network,
        "--isolation": spec.isolation,
        "--cpus": spec.cpus,
        "--entrypoint": spec.entry_point,
    }
    words += [f"{option} {value}" for option, value in options.items() if value]
    words += [f"--name {spec.name}", f"--volume {spec.home_volume}:{WORKSPACE}"]
    words += [f"--volume {DOCKER_SOCKET}", f"--volume {HOME_MOUNT}"]
    words += [f"--volume {volume}:{where}" for volume, where in spec.mounts]
    words += [f"--env {entry}" for entry in (HOME_ENVIRONMENT, *spec.environment)]
    words += [f"--workdir {_absolute(spec.working_directory)}"] * (not spec.keeps_image_directory)
    return " ".join([*words, spec.command])


def scan_arguments(
    line: BuildLine, step_id: str, container: str, home_volume: str, working_directory: str, credentials: Sequence[str]
) -> list[str]:
    """The command that starts the scanner for a build, word by word: no shell reads it.

    A remote context is fetched to the folder `step_id`; `credentials` are as acb was given them.
    """
    return [
        *("docker", "run", "--rm", "--name", container, "--volume", f"{home_volume}:{WORKSPACE}"),
        *("--workdir", _absolute(working_directory), "--volume", HOME_MOUNT, "--env", HOME_ENVIRONMENT),
        *("acb", "scan", "-f", line.dockerfile, "--destination", step_id),
        *(word for tag in line.tags for word in ("-t", tag)),
        *(word for argument in line.build_arguments for word in ("--build-arg", argument)),
        *(word for credential in credentials for word in ("--credential", credential)),
        *(("--target", line.target) if line.target else ()),
        line.context,
    ]


def _absolute(directory: str) -> str:
    return path.clean(directory) if directory.startswith("/") else path.join(WORKSPACE, directory)
