"""What the source location of a build or run is: a local folder, or something the service fetches by itself."""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from azure.cli.core import azclierror

from ...files import look_at
from ...web import redact
from ...wording import printable
from ..console.errors import CommandError, ExitCode, UsageError
from ..console.values import require_line

__all__ = ["LocalSource", "RemoteSource", "SourceKind", "SourceMissingError", "parse_source"]

# az's own rule: Azure DevOps does not end its repositories' URLs in .git, so its hosts are known by name.
_AZURE_REPOS: Final = ("visualstudio.com", "dev.azure.com")
_GIT_SUFFIX: Final = re.compile(r"\.git(?:#.+)?$")
_URL: Final = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]*://")


class SourceKind(str, Enum):
    """What the service does with a remote source."""

    GIT = "git"
    TARBALL = "tarball"
    OCI = "oci"


class SourceMissingError(CommandError):
    """There is nothing at the source location."""

    def __init__(self, message: str, recommendation: str) -> None:
        super().__init__(azclierror.ResourceNotFoundError(message, recommendation), ExitCode.NOT_FOUND)


@dataclass(frozen=True)
class LocalSource:
    """A folder on this machine, to be packed and uploaded."""

    folder: Path


@dataclass(frozen=True)
class RemoteSource:
    """A location that the service reads by itself; sent as it was typed."""

    location: str
    kind: SourceKind


def parse_source(text: str) -> LocalSource | RemoteSource:
    """What `text` names. A path that exists wins over everything else, as in az's own.

    Raises UsageError, SourceMissingError.
    """
    local = _local_source(Path(text)) if text else None
    if local:
        return local
    kind = _remote_kind(text)
    if kind:
        require_line("The source location", text)
        return RemoteSource(text, kind)
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


def _remote_kind(text: str) -> SourceKind | None:
    location = text.lower()
    if location.startswith(("git@", "git://")):
        return SourceKind.GIT
    if location.startswith("oci://"):
        return SourceKind.OCI
    if location.startswith(("https://", "http://", "github.com/")):
        if _GIT_SUFFIX.search(location) or any(host in location for host in _AZURE_REPOS):
            return SourceKind.GIT
        if not location.startswith("github.com/"):
            return SourceKind.TARBALL
    return None


def _no_source(text: str) -> CommandError:
    shown = printable(redact(text))
    if text.lower().startswith("github.com/"):
        return UsageError(
            f"'{shown}' is no folder, and as a GitHub repository its URL must end in '.git' or '.git#REF'.",
            f"Try: {shown.rstrip('/')}.git",
        )
    if _URL.match(text):
        return UsageError(
            f"The source location '{shown}' has a scheme that the service cannot read.",
            "Use a local folder, https://, git://, git@ or oci://.",
        )
    return SourceMissingError(
        f"The source location '{shown}' does not exist.",
        "Give a folder, the URL of a git repository (ending in '.git') or tarball, or oci://REGISTRY/REPOSITORY:TAG.",
    )
