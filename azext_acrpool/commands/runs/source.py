"""What the source location of a build or run is: a local folder or archive, or something the service fetches."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from azure.cli.core import azclierror

from ...context.pack.given import is_archive
from ...context.pack.tarscan import BLOCK
from ...files import look_at
from ...web import redact
from ...wording import printable
from ..console.errors import CommandError, ExitCode, UsageError
from ..console.values import require_line
from .remote import RemoteSource, SourceKind, is_url, read_remote, repaired_github

__all__ = ["ArchiveSource", "LocalSource", "RemoteSource", "Source", "SourceKind", "SourceMissingError", "parse_source"]


_STANDARD_INPUT: Final = "-"
_NEEDED: Final = (
    "a folder, a tar archive (plain or compressed with gzip, bzip2 or xz), or the URL of a git repository or tarball "
    "is needed"
)


class SourceMissingError(CommandError):
    """There is nothing at the source location."""

    def __init__(self, message: str, recommendation: str) -> None:
        super().__init__(azclierror.ResourceNotFoundError(message, recommendation), ExitCode.NOT_FOUND)


@dataclass(frozen=True)
class LocalSource:
    """A folder on this machine, to be packed and uploaded."""

    folder: Path


@dataclass(frozen=True)
class ArchiveSource:
    """An archive on this machine, to be uploaded; `path` is None for standard input."""

    path: Path | None


Source = LocalSource | ArchiveSource | RemoteSource


def parse_source(text: str) -> Source:
    """What `text` names. A path that exists wins over everything but URLs, as in az's own; `-` is standard input.

    Raises UsageError, SourceMissingError.
    """
    local = _local_source(Path(text)) if text and not is_url(text) else None
    if local:
        return local
    remote = read_remote(text)
    if remote:
        require_line("The source location", text)
        return remote
    raise _no_source(text)


def _local_source(path: Path) -> LocalSource | ArchiveSource | None:
    """What is at a path; None if nothing is. Raises UsageError for what is neither a folder nor an archive."""
    shown = printable(str(path))
    try:
        status = look_at(path)
        if status is not None and stat.S_ISDIR(status.st_mode):
            return LocalSource(path)
        if str(path) == _STANDARD_INPUT:
            return ArchiveSource(None)
        if status is None:
            return None
        if stat.S_ISREG(status.st_mode) and is_archive(beginning := _beginning(path)):
            return ArchiveSource(path)
    except OSError as error:
        raise UsageError(f"The source location '{shown}' cannot be used: {error.strerror}.") from error
    if stat.S_ISFIFO(status.st_mode):
        raise UsageError(
            f"The source location '{shown}' is a pipe; an archive from a pipe is read from standard input only.",
            "Give '-' as the source location, and send the archive into az: tar -c . | az ..",
        )
    if not stat.S_ISREG(status.st_mode):
        raise UsageError(f"The source location '{shown}' is neither a folder nor a file; {_NEEDED}.")
    what = "a file and no tar archive" if beginning else "an empty file"
    raise UsageError(
        f"The source location '{shown}' is {what}; {_NEEDED}.",
        "Give the folder that holds the build context. A Dockerfile elsewhere is named with --file.",
    )


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(BLOCK)


def _no_source(text: str) -> CommandError:
    shown = printable(redact(text))
    if text.lower().startswith("github.com/"):
        instead = repaired_github(text)
        return UsageError(
            f"'{shown}' is no folder, and as a GitHub repository its URL must end in '.git' or '.git#REF'.",
            f"Try: {printable(redact(instead))}" if instead else "Give github.com/OWNER/REPOSITORY.git.",
        )
    return SourceMissingError(
        f"The source location '{shown}' does not exist.",
        "Give a folder, the URL of a git repository (ending in '.git') or tarball, or oci://REGISTRY/REPOSITORY:TAG.",
    )
