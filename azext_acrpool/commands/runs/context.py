"""Packing and uploading a local build context on behalf of a command."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
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
from ...context.pack.given import list_archive
from ...context.pack.given_content import ArchiveContext
from ...context.pack.listing import ContextListing, list_context
from ..console.errors import CommandError, ExitCode, UsageError
from ..session import Session
from .dockerfiles import DockerfileReview
from .source import ArchiveSource
from .step_dockerfiles import StepBuild

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
    """A folder that is ready to be packed and uploaded, or an archive that is ready to be uploaded.

    `changes` are those of the Dockerfile that is sent, a sentence each. `builds` are the steps of a task that
    build in it.
    """

    context: AnyContext
    session: Session
    changes: tuple[str, ...] = ()
    builds: tuple[StepBuild, ...] = ()

    @classmethod
    def prepare(
        cls, folder: Path, dockerfile: str | None, session: Session, review: DockerfileReview | None = None
    ) -> LocalContext:
        """Find the Dockerfile, which `review` looks at, and the ignore rules.

        Raises CommandError if these cannot be used, and for links that the service would refuse.
        """
        options = ContextOptions(folder, dockerfile, stdin=session.streams.stdin)
        if review is None:
            return cls._prepare(options, session)
        prepared = cls._prepare(replace(options, judge=review, builder=review.builder), session)
        return replace(prepared, changes=review.changes)

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
        review: DockerfileReview | None = None,
    ) -> LocalContext:
        """Look at an archive.

        `dockerfile` is the path of the Dockerfile in it, "" for the default, None for none, and `review` looks at that;
        `required` are paths of what else must be in it, with the options that name them. Raises CommandError if it
        cannot be used.
        """
        stdin = session.streams.stdin
        if source.path is None and stdin is not None and stdin.isatty():
            raise UsageError(
                "Standard input is a terminal; with '-' as the source location, an archive is read from it.",
                "Give the folder itself, or send an archive into az: tar -c . | az ..",
            )
        with _reported():
            context = prepare_archive(source.path, stdin, dockerfile, required=required, judge=review)
        for note in context.notes:
            session.narrator.say(note)
        return cls(context, session, review.changes if review else ())

    @classmethod
    def _prepare(cls, options: ContextOptions, session: Session) -> LocalContext:
        with _reported():
            context = prepare(options)
            notes = (*context.notes, *check_links(context))
        for note in notes:
            session.narrator.say(note)
        return cls(context, session)

    @property
    def folder(self) -> Path | None:
        """The folder, None for an archive."""
        return None if isinstance(self.context, ArchiveContext) else self.context.root

    @property
    def dockerfile(self) -> Path | None:
        """Where the Dockerfile of a folder is; None for one from elsewhere than a file, and in an archive."""
        return None if isinstance(self.context, ArchiveContext) else self.context.dockerfile

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

    def path_of(self, file: Path) -> str | None:
        """Where a file of this machine is in what would be uploaded of a folder; None if it is not sent."""
        if isinstance(self.context, ArchiveContext):
            return None
        real = Path(os.path.realpath(file))
        if not real.is_relative_to(self.context.root):
            return None
        path = real.relative_to(self.context.root).as_posix()
        return path if self.context.selection.sends(path) else None

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
