"""Steps that are run on this machine: commands of Microsoft's image of az, if the emulator is told to.

Everything else is checked only.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path

from ..acb.run_line import WORKSPACE
from .docker.container import Container
from .host_program import HostProgram, Processes
from .model import Job

__all__ = ["AzureCliSteps", "Place", "StepRunner"]

AZURE_CLI = re.compile(r"mcr\.microsoft\.com/azure-cli(:[\w.-]+)?(@sha256:[0-9a-f]{64})?")
_OF_WINDOWS = re.compile(r"[\\:]")
DEFAULT_COMMAND = ("bash",)
"""What the image runs if it is told nothing; without a terminal it ends at once."""


@dataclass(frozen=True)
class Place:
    """Where the steps of a run run: the folder that stands for `/workspace`, and their environment.

    `private` variables are this place's own, whatever the step says. No log may show `secrets`.
    """

    workspace: Path
    environment: Mapping[str, str]
    private: Mapping[str, str]
    secrets: tuple[str, ...] = ()


class AzureCliSteps:
    """Runs steps in places that `place` gives, one for each run, as long as its block lasts."""

    def __init__(self, place: Callable[[Job], AbstractContextManager[Place]]) -> None:
        self.place = place
        self.processes = Processes()

    def end(self) -> None:
        """End all that run now; no further one begins."""
        self.processes.end_all()


class StepRunner:
    """Runs the steps of one run, all of them in one place, as they share their volumes on an agent.

    `hide` is told texts that the log must not show, `spend` seconds that have passed. Without `steps` nothing is run.
    """

    def __init__(
        self, steps: AzureCliSteps | None, job: Job, hide: Callable[[str], None], spend: Callable[[float], None]
    ) -> None:
        self._steps = steps
        self._job = job
        self._hide = hide
        self._spend = spend
        self._place: Place | None = None
        self._open = ExitStack()

    def close(self) -> None:
        """Give the place up."""
        self._open.close()

    def program_of(self, container: Container) -> HostProgram | None:
        """What is to be run for a container; None for one that is only checked."""
        if self._steps is None or not AZURE_CLI.fullmatch(container.image) or container.is_detached:
            return None
        if self._place is None:
            self._place = self._open.enter_context(self._steps.place(self._job))
            for secret in self._place.secrets:
                self._hide(secret)
        return HostProgram(
            self._steps.processes,
            container.arguments or DEFAULT_COMMAND,
            {**self._place.environment, **container.environment, **self._place.private},
            self._place.workspace / _inside(container.directory),
            self._job.stop,
            self._spend,
        )


def _inside(directory: str) -> str:
    """A folder of the container as one below the place's own: none is outside of it."""
    # To Windows these mean something in a path.
    path = posixpath.normpath(posixpath.join("/", _OF_WINDOWS.sub("_", directory)))
    return posixpath.relpath(path, WORKSPACE) if f"{path}/".startswith(f"{WORKSPACE}/") else path.lstrip("/")
