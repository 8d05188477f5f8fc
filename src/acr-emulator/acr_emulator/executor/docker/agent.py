"""docker on an agent, as far as it can be checked without containers: networks, volumes, and what runs in them."""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Mapping, Sequence

from ...acb.docker import Finished, Printed
from ..run_faults import RunFaults
from ..unpacking import Checkpoint
from ..workspace import Workspace
from .build_command import Situation
from .caches import RegistryCaches
from .client import Client
from .commands import carry_out
from .container import Container, ContainerError, ProgramOf, checked_only, read_container
from .images import PULL_SECONDS, ImageStore
from .usage import UsageError, refused

__all__ = ["CheckedDocker"]

STANDARD_NETWORKS = ("bridge", "host", "none")
CLIENT_IMAGE = "docker"
BUILDX_IMAGE = "buildx"
SCANNER_IMAGE = "acb"
SHELL_IMAGE = "bash"
SCAN_SECONDS = 1.0
CLIENT_ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
"""What the client's own image sets (assumed): `--build-arg PATH` would take it."""


class CheckedDocker:
    """Docker for one run: images, networks, volumes and containers last as long as it does.

    `checkpoint` is called all along while a build is checked; an exception that it raises ends the run.
    `written_files` are what acb has written into its working directory, by path: it copies them into volumes. `caches`
    are what registries hold of caches of builds, from one run to the next. `faults` are what goes wrong with logins,
    pulls and pushes. `program_of` gives what is really run.
    """

    def __init__(
        self,
        workspace: Workspace,
        checkpoint: Checkpoint = lambda: None,
        written_files: Mapping[str, str] | None = None,
        caches: RegistryCaches | None = None,
        faults: RunFaults | None = None,
        program_of: ProgramOf = checked_only,
    ) -> None:
        self._program_of = program_of
        self._faults = faults or RunFaults()
        self._client = Client(workspace, checkpoint, RegistryCaches() if caches is None else caches, self._faults)
        self._written_files = {} if written_files is None else written_files
        self._volumes: dict[str, dict[str, str]] = {}
        self._networks = set(STANDARD_NETWORKS)
        self._containers: set[str] = set()
        self._fetched = {SHELL_IMAGE}

    @property
    def images(self) -> ImageStore:
        """The images of the run."""
        return self._client.images

    def run(self, arguments: Sequence[str], standard_input: str = "") -> Finished:
        """What acb needs of docker. Any other command succeeds and prints nothing."""
        match [*arguments]:
            case ["network", "create", name, *_]:
                return self._create_network(name)
            case ["network", "rm", name]:
                self._networks.discard(name)
            case ["rm", "-f", name]:
                self._containers.discard(name)
            case ["run", *words]:
                return self._run_container(words)
        return Finished()

    def _create_network(self, name: str) -> Finished:
        if name in STANDARD_NETWORKS:
            text = f"Error response from daemon: operation is not permitted on predefined {name} network"
            return Finished(1, (Printed(text),))
        # Docker itself allows two networks of one name.
        self._networks.add(name)
        return Finished(0, (Printed(_identifier(name)),))

    def _run_container(self, words: Sequence[str]) -> Finished:
        try:
            container = read_container(words, self._networks, self._containers)
        except UsageError as error:
            return refused(error)
        except ContainerError as error:
            return refused(UsageError(f"docker: {error}.\nSee 'docker run --help'.", 125))
        if container.is_kept or container.is_detached:
            self._containers.add(container.name)
        environment = {**CLIENT_ENVIRONMENT, **container.environment}
        situation = Situation(environment, container.directory, self._files_in(container))
        if container.image == CLIENT_IMAGE and not container.entry_point:
            is_inspected = container.command[:1] == ("inspect",) and container.command[-1] in self._containers
            return Finished() if is_inspected else self._client.run(container.command, situation)
        if container.image == BUILDX_IMAGE and not container.entry_point:
            return self._client.run_buildx(container.command, situation)
        if container.image == SCANNER_IMAGE:
            return Finished(seconds_after=SCAN_SECONDS)
        return self._run_program(container)

    def _run_program(self, container: Container) -> Finished:
        if refusal := self._refused_pull(container.image):
            return refusal
        if program := self._program_of(container):
            return Finished(pending=program)
        if container.is_detached:
            return Finished(0, (Printed(_identifier(container.name)),))
        if container.command[:1] == ("cp",):
            self._copy(container)
        return carry_out(container.arguments, container.environment, self._files_in(container))

    def _refused_pull(self, image: str) -> Finished | None:
        """What becomes of `docker run` if it has to fetch the image and cannot."""
        if image in self._fetched or self.images.has(image):
            return None
        said = self._faults.next("pull")
        if said is None:
            self._fetched.add(image)
            return None
        missing = Printed(f"Unable to find image '{image}' locally", PULL_SECONDS)
        refusal = f"docker: Error response from daemon: {said}.\nSee 'docker run --help'."
        return Finished(125, (missing, *map(Printed, refusal.split("\n"))))

    def _files_in(self, container: Container) -> dict[str, str]:
        """The files of a container's volumes, by absolute path."""
        return {
            posixpath.join(target, name): text
            for target, volume in container.volumes.items()
            for name, text in self._volumes.get(volume, {}).items()
        }

    def _copy(self, container: Container) -> None:
        """`cp FILE.. FOLDER`, which acb fills volumes with."""
        volume = self._volumes.setdefault(container.volumes.get(container.command[-1], ""), {})
        names = [name for name in container.command[1:-1] if name in self._written_files]
        volume.update({posixpath.basename(name): self._written_files[name] for name in names})


def _identifier(name: str) -> str:
    """A network's or container's ID, made of its name."""
    return hashlib.sha256(name.encode()).hexdigest()
