"""How a run goes wrong.

RunFailedError            the run ends as Failed; the text is the line that its log shows
├── ContextError          the source cannot be downloaded or unpacked
├── FileTooLargeError     a file is larger than the emulator reads
├── DockerfileError       the Dockerfile does not parse
└── BuildFailedError      an instruction fails
StoppedError              nobody waits for the run any more
"""

from __future__ import annotations

__all__ = ["BuildFailedError", "ContextError", "DockerfileError", "FileTooLargeError", "RunFailedError", "StoppedError"]


class RunFailedError(Exception):
    """A run that cannot go on. `str(error)` is the line that the log shows."""


class ContextError(RunFailedError):
    """The source is not there, not an archive, or reaches outside its root."""


class FileTooLargeError(RunFailedError):
    """A file that would have to be read as a whole is too large for that."""


class DockerfileError(RunFailedError):
    """The Dockerfile is missing or does not parse; the text is what Docker's parser says."""


class BuildFailedError(RunFailedError):
    """An instruction failed; the text is what Docker's builder says. `exit_code` is the build's own."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class StoppedError(Exception):
    """An executor has been told to stop."""
