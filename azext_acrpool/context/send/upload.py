"""Uploading a context while it is packed: blocks of 4 MiB over several connections, then a block list.

The blob appears with the last request or not at all: before that there are uncommitted blocks only, which the storage
service drops by itself. A context of up to 1 MiB, packed, is sent with a single request. REST API:
https://learn.microsoft.com/rest/api/storageservices/put-block-list
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field, replace

from ...clock import Clock
from ..errors import ContextError, UploadError
from ..pack.archive import ArchiveStats, measure, write_archive
from ..pack.given import AnyContext, copy_archive
from ..pack.given_content import ArchiveContext
from ..pack.gzipstream import Deflate, dense_deflate, fast_deflate
from ..progress import Progress, Totals
from ..source import BuildContext
from .blocks import BlockLimits, BlockUploader
from .destination import BlobMovedError, Destination, UploadTarget
from .transport import RequestsTransport, Transport

__all__ = ["UploadOptions", "UploadResult", "UploadTarget", "upload"]

_MOST_RESTARTS = 3
_JUDGE_AFTER_SECONDS = 1.0
_MEASURE_AFTER_SECONDS = 2.0
_REPORT_EVERY_SECONDS = 0.1
_SLOW_LINK_BYTES_PER_SECOND = 15_000_000  # above, zlib on a few cores would be slower than the link


@dataclass(frozen=True)
class UploadOptions:
    """How to upload.

    `clock` measures the upload and the pauses after failures. `transport` None is HTTP by `requests`; `verify` says
    whether that checks certificates. `limits` are those of blocks. In the calling thread, `tell` is called when
    the upload stands still for long, and `on_progress` up to ten times a second.
    """

    clock: Clock
    transport: Transport | None = None
    verify: bool = True
    limits: BlockLimits = field(default_factory=BlockLimits)
    tell: Callable[[str], None] = lambda _: None
    on_progress: Callable[[Progress], None] | None = None


@dataclass(frozen=True)
class UploadResult:
    """What was uploaded.

    `relative_path` is that of the blob, the `sourceLocation` of a run request; `progress` are the final figures, for
    the summary line.
    """

    relative_path: str
    stats: ArchiveStats
    progress: Progress


def upload(context: AnyContext, fetch_target: Callable[[], UploadTarget], options: UploadOptions) -> UploadResult:
    """Pack a context and upload it at the same time. Any exception, KeyboardInterrupt too, leaves no blob behind.

    `fetch_target` asks the registry for an upload URL; it is called in another thread, and again when the URL expires.
    Raises UploadError when the upload failed, ForeignHostError when the URL leads where nothing may be sent, another
    ContextError when the context cannot be packed, and whatever `fetch_target` raises.
    """
    destination = Destination(fetch_target)
    for attempt in range(1 + _MOST_RESTARTS):
        try:
            return _Upload(context, destination, options).run(attempt)
        except BlobMovedError as error:
            # Nothing of the archive is kept, so it is packed once more for the new blob.
            if isinstance(context, ArchiveContext) and context.is_gone_once_read:
                raise UploadError(
                    f"The storage account refused the upload ({error.refusal}). With the new upload URL it has to "
                    "begin again, but standard input cannot be read twice. Put the archive into a file, and give that "
                    "file as the source location instead of '-'."
                ) from error
    raise UploadError(
        f"The upload URL expired {1 + _MOST_RESTARTS} times before the context was uploaded. "
        "Use a faster connection, or list what the build does not need in .dockerignore."
    )


class _Upload:
    """One attempt, with one blob as its target."""

    def __init__(self, context: AnyContext, destination: Destination, options: UploadOptions) -> None:
        self._context = context
        self._destination = destination
        self._options = options
        self._started = options.clock.monotonic()
        self._last_report = self._started
        self._progress = Progress()
        self._totals: Totals | None = None
        self._measuring: threading.Thread | None = None
        self._done = threading.Event()
        self._fast = fast_deflate()
        self._dense = dense_deflate()
        self._uploader: BlockUploader | None = None

    def run(self, attempt: int) -> UploadResult:
        transport, closing = self._transport()
        with closing:
            self._uploader = uploader = BlockUploader(
                transport,
                self._destination,
                self._options.clock,
                self._options.limits,
                attempt=attempt,
                on_wait=self._report,
                tell=self._options.tell,
            )
            try:
                stats = self._pack(uploader.write)
                self._progress = _packed(stats)
                uploader.finish()
            finally:
                self._done.set()
                uploader.close()
        final = replace(self._progress, sent_bytes=stats.archive_bytes, seconds=self._seconds())
        return UploadResult(self._destination.wait(self._done).relative_path, stats, final)

    def _pack(self, sink: Callable[[bytes], None]) -> ArchiveStats:
        if isinstance(self._context, ArchiveContext):
            return copy_archive(self._context, sink, choose_deflate=self._choose_deflate, on_progress=self._on_packed)
        return write_archive(self._context, sink, choose_deflate=self._choose_deflate, on_progress=self._on_packed)

    def _transport(self) -> tuple[Transport, AbstractContextManager[object]]:
        if self._options.transport is not None:
            return self._options.transport, nullcontext()
        transport = RequestsTransport(verify=self._options.verify)
        return transport, transport

    def _choose_deflate(self) -> Deflate:
        """On a slow link, which blocks wait for, bytes matter; else time does."""
        uploader = self._uploader
        if uploader is None or not link_is_bottleneck(uploader.is_behind, uploader.sent_bytes, self._seconds()):
            return self._fast
        return self._dense

    def _seconds(self) -> float:
        return self._options.clock.monotonic() - self._started

    def _on_packed(self, progress: Progress) -> None:
        self._progress = progress
        self._report()

    def _report(self) -> None:
        on_progress = self._options.on_progress
        now = self._options.clock.monotonic()
        if on_progress is None or self._uploader is None or now - self._last_report < _REPORT_EVERY_SECONDS:
            return
        self._last_report = now
        if now - self._started > _MEASURE_AFTER_SECONDS and self._measuring is None and not self._progress.packed:
            # The link is what takes time, so that there is some to spare for finding out how much is left.
            self._measuring = threading.Thread(target=self._measure, name="measure-context", daemon=True)
            self._measuring.start()
        on_progress(
            replace(
                self._progress, sent_bytes=self._uploader.sent_bytes, seconds=now - self._started, totals=self._totals
            )
        )

    def _measure(self) -> None:
        # What an archive holds is not known before its end.
        if isinstance(self._context, BuildContext):
            with suppress(ContextError):  # the packing thread will meet the same trouble, and report it
                self._totals = measure(self._context, self._done.is_set)


def link_is_bottleneck(is_behind: bool, sent_bytes: int, seconds: float) -> bool:
    """Whether fewer bytes are worth more time of the processor.

    `is_behind`: blocks wait for a connection. `sent_bytes` went out in `seconds`, since the start.
    """
    return is_behind and seconds >= _JUDGE_AFTER_SECONDS and sent_bytes < _SLOW_LINK_BYTES_PER_SECOND * seconds


def _packed(stats: ArchiveStats) -> Progress:
    return Progress(
        files=stats.files, content_bytes=stats.content_bytes, archive_bytes=stats.archive_bytes, packed=True
    )
