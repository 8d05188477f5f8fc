"""Build contexts: which files of a folder are sent, packed as a `.tar.gz` stream, uploaded while they are packed.

`prepare` finds the Dockerfile and the ignore file, `check_links` refuses links that the service would refuse,
`write_archive` packs, `upload` packs and uploads in one go. What is an archive already is looked at (`prepare_archive`)
and uploaded as well.
No az imports, no output; progress goes to a callback.
"""

from __future__ import annotations

from .agents_view import Builder, DockerfileJudge
from .errors import (
    ContextError,
    ContextNotFoundError,
    DockerfileNotFoundError,
    DockerIgnoreError,
    FileChangedError,
    LeavingLinksError,
    NotInArchiveError,
    UnreadableError,
    UnusableArchiveError,
    UnusableFileError,
    UploadError,
    UploadRefusedError,
)
from .pack.archive import ArchiveStats, write_archive
from .pack.given import AnyContext, prepare_archive
from .pack.given_content import ArchiveContext
from .pack.links import check_links
from .progress import Progress, Totals, format_progress, format_summary
from .send.upload import UploadOptions, UploadResult, UploadTarget, upload
from .source import BuildContext, ContextOptions, prepare

__all__ = [
    "AnyContext",
    "ArchiveContext",
    "ArchiveStats",
    "BuildContext",
    "Builder",
    "ContextError",
    "ContextNotFoundError",
    "ContextOptions",
    "DockerIgnoreError",
    "DockerfileJudge",
    "DockerfileNotFoundError",
    "FileChangedError",
    "LeavingLinksError",
    "NotInArchiveError",
    "Progress",
    "Totals",
    "UnreadableError",
    "UnusableArchiveError",
    "UnusableFileError",
    "UploadError",
    "UploadOptions",
    "UploadRefusedError",
    "UploadResult",
    "UploadTarget",
    "check_links",
    "format_progress",
    "format_summary",
    "prepare",
    "prepare_archive",
    "upload",
    "write_archive",
]
