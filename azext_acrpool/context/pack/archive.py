"""Packing: a prepared context to a `.tar.gz` stream, and what such an archive would hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..progress import Progress, Totals
from ..source import BuildContext
from .folder import FolderOpener, folder_opener
from .gzipstream import Deflate, GzipStream, fast_deflate, worker_count
from .hard_links import HardLinks
from .skips import Skips
from .tarstream import TarStream
from .walk import FileEntry, LinkEntry, walk

__all__ = ["ArchiveStats", "measure", "write_archive"]


@dataclass(frozen=True)
class ArchiveStats:
    """What an archive holds.

    `files` are regular files (each name of one that has several), `links` symbolic links, `content_bytes` those of file
    content, `archive_bytes` those of the compressed archive. `notes` say what was not sent although no rule excludes
    it, and why. `dockerfile_name` is the path of the Dockerfile where that is known only now, "" elsewhere.
    """

    files: int
    folders: int
    links: int
    content_bytes: int
    archive_bytes: int
    notes: tuple[str, ...] = ()
    dockerfile_name: str = ""


def write_archive(
    context: BuildContext,
    sink: Callable[[bytes], None],
    *,
    choose_deflate: Callable[[], Deflate] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    open_root: Callable[[str], FolderOpener] = folder_opener,
    workers: int | None = None,
) -> ArchiveStats:
    """Pack a context. The same tree gives the same bytes, as long as the compressor is the same.

    `sink` takes the archive piece by piece, in the calling thread. `choose_deflate` is asked for the compressor of each
    part of about 1 MiB; the fastest by default. `on_progress` is called in the calling thread, about once for each MiB
    read; packing knows no time. `open_root` gives the opener of the folders below a root, `workers` is the number of
    compressing threads, None for as many as are worth having. Raises ContextErrors, see `walk` and `TarStream.chunks`;
    what `sink` took until then is not an archive.
    """
    skips = Skips()
    fastest = fast_deflate()
    tar = TarStream(skips, required=context.dockerfile_name, always=context.selection.always)
    entries = walk(open_root(str(context.root)), context.selection, skips)
    gzip = GzipStream(sink, choose_deflate or (lambda: fastest), workers or worker_count())
    try:
        for chunk in tar.chunks(entries, context.extra_files):
            gzip.write(chunk)
            if on_progress is not None:
                on_progress(Progress(files=tar.files, content_bytes=tar.content_bytes, archive_bytes=gzip.bytes_out))
        gzip.finish()
    finally:
        gzip.close()
    return ArchiveStats(
        files=tar.files,
        folders=tar.folders,
        links=tar.links,
        content_bytes=tar.content_bytes,
        archive_bytes=gzip.bytes_out,
        notes=skips.messages(),
    )


def measure(context: BuildContext, cancelled: Callable[[], bool] = lambda: False) -> Totals | None:
    """Count what `write_archive` would pack, without reading any file.

    `cancelled` is asked at each entry; the answer is None once it says so.
    """
    files = len(context.extra_files)
    content_bytes = sum(len(file.content) for file in context.extra_files)
    hard_links = HardLinks()
    for entry in walk(folder_opener(str(context.root)), context.selection, Skips()):
        if cancelled():
            return None
        if isinstance(entry, FileEntry) and not isinstance(entry, LinkEntry):
            try:
                status = entry.folder.link_status(entry.name)
            except OSError:
                continue
            if hard_links.first_name(entry.path, status) is None:
                content_bytes += status.st_size
            files += 1
    return Totals(files, content_bytes)
