"""What the source location of a build or run is: a local folder, or something the service fetches by itself."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path

from azure.cli.core import azclierror

from ...files import look_at
from ...web import redact
from ...wording import printable
from ..console.errors import CommandError, ExitCode, UsageError
from ..console.values import require_line
from .remote import RemoteSource, SourceKind, is_url, read_remote, repaired

__all__ = ["LocalSource", "RemoteSource", "SourceKind", "SourceMissingError", "parse_source"]


class SourceMissingError(CommandError):
    """There is nothing at the source location."""

    def __init__(self, message: str, recommendation: str) -> None:
        super().__init__(azclierror.ResourceNotFoundError(message, recommendation), ExitCode.NOT_FOUND)


@dataclass(frozen=True)
class LocalSource:
    """A folder on this machine, to be packed and uploaded."""

    folder: Path


def parse_source(text: str) -> LocalSource | RemoteSource:
    """What `text` names. A path that exists wins over everything but URLs, as in az's own.

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


def _local_source(path: Path) -> LocalSource | None:
    """What is at a path; None if nothing is. Raises UsageError for what is no folder."""
    shown = printable(str(path))
    try:
        status = look_at(path)
    except OSError as error:
        raise UsageError(f"The source location '{shown}' cannot be used: {error.strerror}.") from error
    if status is None:
        return None
    if stat.S_ISDIR(status.st_mode):
        return LocalSource(path)
    raise UsageError(
        f"The source location '{shown}' is a file; a folder, or the URL of a git repository or tarball is needed.",
        "Give the folder that holds the build context. A Dockerfile elsewhere is named with --file.",
    )


def _no_source(text: str) -> CommandError:
    shown = printable(redact(text))
    if text.lower().startswith("github.com/"):
        return UsageError(
            f"'{shown}' is no folder, and as a GitHub repository its URL must end in '.git' or '.git#REF'.",
            f"Try: {printable(redact(repaired(f'https://{text}').removeprefix('https://')))}",
        )
    return SourceMissingError(
        f"The source location '{shown}' does not exist.",
        "Give a folder, the URL of a git repository (ending in '.git') or tarball, or oci://REGISTRY/REPOSITORY:TAG.",
    )
