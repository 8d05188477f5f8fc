"""How a run goes wrong.

RunFailedError            the run ends as Failed; the text is the line that its log shows
├── ContextError          the source cannot be downloaded or unpacked
├── DockerfileError       the Dockerfile does not parse
├── BuildFailedError      an instruction fails
└── TaskFileError         the task's YAML is not a task
"""

from __future__ import annotations

__all__ = ["BuildFailedError", "ContextError", "DockerfileError", "RunFailedError", "TaskFileError"]


class RunFailedError(Exception):
    """A run that cannot go on. `str(error)` is the line that the log shows."""


class ContextError(RunFailedError):
    """The source is not there, not an archive, or reaches outside its root."""


class DockerfileError(RunFailedError):
    """The Dockerfile is missing or does not parse; the text is what Docker's parser says."""


class BuildFailedError(RunFailedError):
    """An instruction failed; the text is what Docker's builder says. `exit_code` is the build's own."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class TaskFileError(RunFailedError):
    """The task's YAML does not parse, or its steps make no sense."""
