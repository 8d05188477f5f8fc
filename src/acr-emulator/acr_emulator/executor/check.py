"""The default executor: checks what a run would need, without building or running anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .model import Event, Job

if TYPE_CHECKING:
    from .azure_cli_steps import AzureCliSteps
    from .docker.caches import RegistryCaches

__all__ = ["CheckExecutor"]


class CheckExecutor:
    """Carries out DockerBuild, FileTask and EncodedTask requests as far as that goes without a builder.

    It knows the caches of builds that registries hold, for as long as it is there. `azure_cli_steps`, once set, run
    commands of az's image on this machine.
    """

    def __init__(self) -> None:
        self.azure_cli_steps: AzureCliSteps | None = None
        self._caches: RegistryCaches | None = None

    def execute(self, job: Job) -> Iterator[Event]:
        """What an Executor does."""
        # Half of what the emulator would import, which commands such as `acr-emulator env` and many tests do not need.
        from .checking import check
        from .docker.caches import RegistryCaches

        if self._caches is None:
            self._caches = RegistryCaches()
        return check(job, self._caches, self.azure_cli_steps)
