"""The default executor: checks what a run would need, without building or running anything."""

from __future__ import annotations

from collections.abc import Iterator

from .model import Event, Job

__all__ = ["CheckExecutor"]


class CheckExecutor:
    """Carries out DockerBuild, FileTask and EncodedTask requests as far as that goes without a builder."""

    def execute(self, job: Job) -> Iterator[Event]:
        """What an Executor does."""
        # Half of what the emulator would import, which commands such as `acr-emulator env` and many tests do not need.
        from .checking import check

        return check(job)
