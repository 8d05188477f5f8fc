"""Build contexts: which files of a folder are sent, packed as a `.tar.gz` stream, uploaded while they are packed.

`prepare` finds the Dockerfile and the ignore file, `write_archive` packs, `upload` packs and uploads in one go.
No az imports, no output; progress goes to a callback.
"""

from azext_acrpool.context.errors import (
    ContextError,
    ContextNotFoundError,
    DockerfileNotFoundError,
    DockerIgnoreError,
    FileChangedError,
    UnreadableError,
    UploadError,
    UploadRefusedError,
)
from azext_acrpool.context.progress import Progress, Totals, format_progress, format_summary
from azext_acrpool.context.source import BuildContext, ContextOptions, prepare

from .pack.archive import ArchiveStats, write_archive
from .send.upload import UploadOptions, UploadResult, UploadTarget, upload

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
