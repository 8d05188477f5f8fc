"""Packing and uploading a local build context on behalf of a command."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from azure.cli.core import azclierror
from azure.cli.core.util import should_disable_connection_verify

from ...client.runs import Runs
from ...context import (
    BuildContext,
    ContextError,
    ContextNotFoundError,
    ContextOptions,
    DockerfileNotFoundError,
    DockerIgnoreError,
    Progress,
    UploadError,
    format_progress,
    format_summary,
    prepare,
)
from ...context.pack.listing import ContextListing, list_context
from ...context.send.upload import UploadOptions, upload
from ..console.errors import ExitCode, fail
from ..console.narrator import Narrator

__all__ = ["LocalContext", "UploadedContext"]

# The most specific first.
_EXPLANATIONS: Final[tuple[tuple[type[ContextError], type[azclierror.AzCLIError], ExitCode], ...]] = (
    (ContextNotFoundError, azclierror.ResourceNotFoundError, ExitCode.NOT_FOUND),
    (DockerfileNotFoundError, azclierror.ResourceNotFoundError, ExitCode.NOT_FOUND),
    (DockerIgnoreError, azclierror.InvalidArgumentValueError, ExitCode.USAGE),
    (UploadError, azclierror.AzureConnectionError, ExitCode.FAILED),
    (ContextError, azclierror.FileOperationError, ExitCode.FAILED),
)


@dataclass(frozen=True)
class UploadedContext:
    """An uploaded context, as a run request names it and the Dockerfile in it."""

    source_location: str
    dockerfile_path: str


@dataclass(frozen=True)
class LocalContext:
    """A folder that is ready to be packed and uploaded."""

    context: BuildContext
    narrator: Narrator

    @classmethod
    def prepare(cls, folder: Path, dockerfile: str | None, narrator: Narrator) -> "LocalContext":
        """Find the Dockerfile and the ignore rules; end the process if they cannot be used."""
        return cls._prepare(ContextOptions(folder, dockerfile, stdin=getattr(sys.stdin, "buffer", None)), narrator)

    @classmethod
    def prepare_without_dockerfile(
        cls, folder: Path, narrator: Narrator, always_sent: tuple[str, ...]
    ) -> "LocalContext":
        """Find the ignore rules for a folder of files; ``always_sent`` are paths below it, whatever the rules say."""
        return cls._prepare(ContextOptions(folder, needs_dockerfile=False, always_sent=always_sent), narrator)

    @classmethod
    def _prepare(cls, options: ContextOptions, narrator: Narrator) -> "LocalContext":
        with _reported():
            context = prepare(options)
        for note in context.notes:
            narrator.say(note)
        return cls(context, narrator)

    def upload(self, runs: Runs) -> UploadedContext:
        """Pack and upload in one go; end the process if that fails."""
        options = UploadOptions(
            verify=not should_disable_connection_verify(), on_progress=self._show if self.narrator.animated else None
        )
        try:
            with _reported():
                result = upload(self.context, runs.upload_target, options)
        finally:
            self.narrator.clear()
        for note in result.stats.notes:
            self.narrator.say(note)
        self.narrator.say(format_summary(result.progress))
        return UploadedContext(result.relative_path, self.context.dockerfile_name)

    def list(self, *, reasons: bool) -> ContextListing:
        """What would be uploaded, with the rule that decided for ``reasons``; end the process if that fails."""
        with _reported():
            return list_context(self.context, reasons=reasons)

    def _show(self, progress: Progress) -> None:
        self.narrator.show(format_progress(progress))


@contextmanager
def _reported() -> Iterator[None]:
    try:
        yield
    except ContextError as error:
        _fail(error)


def _fail(error: ContextError) -> NoReturn:
    kind, exit_code = next((az, code) for ours, az, code in _EXPLANATIONS if isinstance(error, ours))
    fail(kind(str(error)), exit_code)
