"""Build contexts: which files of a folder are sent, packed as a `.tar.gz` stream, uploaded while they are packed.

`prepare` finds the Dockerfile and the ignore file, `write_archive` packs, `upload` packs and uploads in one go.
No az imports, no output; progress goes to a callback.
"""

from __future__ import annotations

from .errors import (
    ContextError,
    ContextNotFoundError,
    DockerfileNotFoundError,
    DockerIgnoreError,
    FileChangedError,
    UnreadableError,
    UnusableFileError,
    UploadError,
    UploadRefusedError,
)
from .pack.archive import ArchiveStats, write_archive
from .progress import Progress, Totals, format_progress, format_summary
from .send.upload import UploadOptions, UploadResult, UploadTarget, upload
from .source import BuildContext, ContextOptions, prepare

__all__ = [
    "ArchiveStats",
    "BuildContext",
    "ContextError",
    "ContextNotFoundError",
    "ContextOptions",
    "DockerIgnoreError",
    "DockerfileNotFoundError",
    "FileChangedError",
    "Progress",
    "Totals",
    "UnreadableError",
    "UnusableFileError",
    "UploadError",
    "UploadOptions",
    "UploadRefusedError",
    "UploadResult",
    "UploadTarget",
    "format_progress",
    "format_summary",
    "prepare",
    "upload",
    "write_archive",
]
