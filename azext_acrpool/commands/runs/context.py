"""Packing and uploading a local build context on behalf of a command."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from azure.cli.core import azclierror

from ...client.runs import Runs
from ...context import (
    AnyContext,
    ContextError,
    ContextNotFoundError,
    ContextOptions,
    DockerfileNotFoundError,
    DockerIgnoreError,
    NotInArchiveError,
    Progress,
    UnusableArchiveError,
    UnusableFileError,
    UploadError,
    UploadOptions,
    check_links,
    format_progress,
    format_summary,
    prepare,
    prepare_archive,
)
from ...context.pack.given import ArchiveContext, list_archive
from ...context.pack.listing import ContextListing, list_context
from ..console.errors import CommandError, ExitCode, UsageError
from ..session import Session
from .source import ArchiveSource

__all__ = ["LocalContext", "UploadedContext"]

# The most specific first.
_EXPLANATIONS: Final[tuple[tuple[type[ContextError], type[azclierror.AzCLIError], ExitCode], ...]] = (
    (ContextNotFoundError, azclierror.ResourceNotFoundError, ExitCode.NOT_FOUND),
    (DockerfileNotFoundError, azclierror.ResourceNotFoundError, ExitCode.NOT_FOUND),
    (DockerIgnoreError, azclierror.InvalidArgumentValueError, ExitCode.USAGE),
    (UnusableFileError, azclierror.InvalidArgumentValueError, ExitCode.USAGE),
    (UnusableArchiveError, azclierror.InvalidArgumentValueError, ExitCode.USAGE),
    (NotInArchiveError, azclierror.ResourceNotFoundError, ExitCode.NOT_FOUND),
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
    """A folder that is ready to be packed and uploaded, or an archive that is ready to be uploaded."""

    context: AnyContext
    session: Session

    @classmethod
    def prepare(cls, folder: Path, dockerfile: str | None, session: Session) -> LocalContext:
        """Find the Dockerfile and the ignore rules.

        Raises CommandError if these cannot be used, and for links that the service would refuse.
        """
        return cls._prepare(ContextOptions(folder, dockerfile, stdin=session.streams.stdin), session)

    @classmethod
    def prepare_without_dockerfile(
        cls, folder: Path, session: Session, always_sent: tuple[str, ...], never_sent: tuple[str, ...] = ()
    ) -> LocalContext:
        """Find the ignore rules for a folder of files; of the paths below it that are given, rules decide nothing."""
        return cls._prepare(
            ContextOptions(folder, needs_dockerfile=False, always_sent=always_sent, never_sent=never_sent), session
        )

    @classmethod
    def prepare_archive(
        cls,
        source: ArchiveSource,
        dockerfile: str | None,
        session: Session,
        *,
        required: Mapping[str, str] | None = None,
    ) -> LocalContext:
        """Look at an archive.

        `dockerfile` is the path of the Dockerfile in it, "" for the default, None for none; `required` are paths of
        what else must be in it, with the options that name them. Raises CommandError if it cannot be used.
        """
        stdin = session.streams.stdin
        if source.path is None and stdin is not None and stdin.isatty():
            raise UsageError(
                "Standard input is a terminal; with '-' as the source location, an archive is read from it.",
                "Give the folder itself, or send an archive into az: tar -c . | az ..",
            )
        with _reported():
            context = prepare_archive(source.path, stdin, dockerfile, required=required)
        for note in context.notes:
            session.narrator.say(note)
        return cls(context, session)

    @classmethod
    def _prepare(cls, options: ContextOptions, session: Session) -> LocalContext:
        with _reported():
            context = prepare(options)
            notes = (*context.notes, *check_links(context))
        for note in notes:
            session.narrator.say(note)
        return cls(context, session)

    def upload(self, runs: Runs) -> UploadedContext:
        """Pack and upload in one go. Raises CommandError if that fails."""
        narrator = self.session.narrator
        options = UploadOptions(
            self.session.clock,
            verify=self.session.settings.verify_tls,
            tell=narrator.say,
            on_progress=self._show if narrator.animated else None,
        )
        try:
            with _reported():
                result = self.session.web.upload(self.context, runs.upload_target, options)
        finally:
            narrator.clear()
        for note in result.stats.notes:
            narrator.say(note)
        narrator.say(format_summary(result.progress))
        return UploadedContext(result.relative_path, result.stats.dockerfile_name or self.context.dockerfile_name)

    def list(self, *, reasons: bool) -> ContextListing:
        """What would be uploaded, with the rule that decided for `reasons`; raises CommandError if that fails."""
        with _reported():
            if isinstance(self.context, ArchiveContext):
                return list_archive(self.context)
            return list_context(self.context, reasons=reasons)

    def _show(self, progress: Progress) -> None:
        self.session.narrator.show(format_progress(progress))


@contextmanager
def _reported() -> Iterator[None]:
    try:
        yield
    except ContextError as error:
        raise _explain(error) from error


def _explain(error: ContextError) -> CommandError:
    kind, exit_code = next((az, code) for ours, az, code in _EXPLANATIONS if isinstance(error, ours))
    return CommandError(kind(str(error)), exit_code)
