"""What acb does before the first step: networks, docker's configuration, logins, the builder of caches, volumes."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import uuid4

from ..commands import (
    BUILDKITD,
    buildkitd_line,
    configuration_arguments,
    login_arguments,
    network_arguments,
    secret_lines,
    volume_line,
)
from ..docker import Docker, Finished
from ..errors import AcbError
from ..task import Network, Task, Volume
from .events import Events, Line, Timeline
from .processes import Repetition, backoff, launch
from .shells import run_in_shell

__all__ = ["Credential", "set_up"]

LOGIN_ATTEMPTS = 4
BUILDKITD_RETRIES = Repetition(retries=3, retry_delay=5)
BUILDKITD_SECONDS = 120


@dataclass(frozen=True)
class Credential:
    """A registry and how to log in to it."""

    registry: str
    user: str
    password: str


def set_up(
    task: Task,
    credentials: Sequence[Credential],
    home_volume: str,
    docker: Docker,
    timeline: Timeline,
    files: MutableMapping[str, str],
) -> Events:
    """Prepare a run; `files` gains those of all volumes with secrets, by path. Raises AcbError."""
    for network in task.networks:
        yield from _create(network, docker, timeline)
    yield Line("Setting up Docker configuration...")
    finished = docker.run(configuration_arguments(f"acb_init_config_{uuid4()}")[1:])
    yield from timeline.pause(finished.seconds)
    _require_success("failed to setup config, msg: ", finished)
    yield Line("Successfully set up Docker configuration")
    for credential in credentials:
        yield from _log_in(credential, docker, timeline)
    if task.uses_build_cache:
        yield from _start_buildkitd(home_volume, docker, timeline)
    for volume in task.volumes:
        yield from _fill(volume, home_volume, docker, timeline, files)


def _require_success(problem: str, finished: Finished) -> None:
    """What acb says of a failure: all that the command printed, then how it ended."""
    if finished.exit_code:
        raise AcbError(f"{problem}{finished.text}: {finished.error}")


def _create(network: Network, docker: Docker, timeline: Timeline) -> Events:
    if network.is_external:
        yield Line(f"Skip creating network: {network.name}")
        return
    yield Line(f"Creating Docker network: {network.name}, driver: '{network.driver}'")
    finished = docker.run(network_arguments(network)[1:])
    yield from timeline.pause(finished.seconds)
    if finished.exit_code:
        raise AcbError(f"failed to create network: {network.name}, err: {finished.error}, msg: {finished.text}")
    yield Line(f"Successfully set up Docker network: {network.name}")


def _log_in(credential: Credential, docker: Docker, timeline: Timeline) -> Events:
    yield Line(f"Logging in to registry: {credential.registry}")
    for attempt in range(LOGIN_ATTEMPTS):
        arguments = login_arguments(f"acb_docker_login_{uuid4()}", credential.user, credential.registry)
        finished = docker.run(arguments[1:], f"{credential.password}\n")
        yield from timeline.pause(finished.seconds)
        if not finished.exit_code:
            break
        if attempt + 1 < LOGIN_ATTEMPTS:
            yield from timeline.pause(backoff(attempt))
    else:
        _require_success("failed to login, ran out of retries: failed to set docker credentials: ", finished)
    yield Line(f"Successfully logged into {credential.registry}")


def _start_buildkitd(home_volume: str, docker: Docker, timeline: Timeline) -> Events:
    yield Line("Task will use build cache, initializing buildkitd container")
    line = buildkitd_line(home_volume)
    deadline = timeline.now + BUILDKITD_SECONDS
    error = yield from launch(BUILDKITD, partial(run_in_shell, line, docker), BUILDKITD_RETRIES, timeline, deadline)
    if error:
        yield Line(f"buildx create --use failed with error: '{error}'")


def _fill(
    volume: Volume, home_volume: str, docker: Docker, timeline: Timeline, files: MutableMapping[str, str]
) -> Events:
    for line in secret_lines(volume):
        _require_success("failed to write value, ", run_in_shell(line, docker, files, [volume.name]))
    finished = run_in_shell(volume_line(volume, home_volume), docker, files)
    yield from timeline.pause(finished.seconds)
    _require_success("failed to populate container, ", finished)
    yield Line(f"Volume source {volume.name} successfully created")
