"""How far packing and uploading have come, and how to say it in one line. No output, no clock."""

from __future__ import annotations

from dataclasses import dataclass

from ..wording import counted, format_bytes, format_duration

__all__ = ["Progress", "Totals", "format_progress", "format_summary"]


@dataclass(frozen=True)
class Totals:
    """What a whole context comes to: the number of regular files, and the bytes in them."""

    files: int
    content_bytes: int


@dataclass(frozen=True)
class Progress:
    """A moment of packing and uploading, `seconds` after the start.

    `files` are the regular files packed, `content_bytes` the bytes read of them, `archive_bytes` those of the archive
    made of these, `sent_bytes` those of the archive that went out. `packed`: nothing is left to be read. `totals` are
    those of the whole context, None while these are not known.
    """

    files: int = 0
    content_bytes: int = 0
    archive_bytes: int = 0
    sent_bytes: int = 0
    seconds: float = 0.0
    packed: bool = False
    totals: Totals | None = None

    @property
    def rate(self) -> float:
        """Bytes sent per second, since the start."""
        return self.sent_bytes / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """An estimate from the rate and the compression so far; None while there is nothing to tell by."""
        if not self.rate:
            return None
        expected = float(self.archive_bytes)
        if not self.packed:
            if self.totals is None or not self.content_bytes:
                return None
            expected *= max(1.0, self.totals.content_bytes / self.content_bytes)
        return max(0.0, expected - self.sent_bytes) / self.rate


def format_progress(progress: Progress) -> str:
    """One line for a terminal, such as `1,204 of 20,000 files, 51.2 MB read, 17.0 MB sent, 11.8 MB/s, 4 s left`."""
    files = f"{progress.files:,}"
    if progress.totals is not None and not progress.packed:
        files += f" of {max(progress.totals.files, progress.files):,}"
    parts = [
        f"{files} {'file' if files == '1' else 'files'}",
        f"{format_bytes(progress.content_bytes)} read",
        f"{format_bytes(progress.sent_bytes)} sent",
    ]
    if progress.sent_bytes:
        parts.append(f"{format_bytes(progress.rate)}/s")
    left = progress.seconds_left
    if left is not None:
        parts.append(f"{format_duration(left)} left")
    return ", ".join(parts)


def format_summary(progress: Progress) -> str:
    """One line for the end, such as `Sent 20,000 files (82.0 MB) as 21.3 MB in 1.9 s (11.2 MB/s)`."""
    content, sent, rate = (format_bytes(n) for n in (progress.content_bytes, progress.sent_bytes, progress.rate))
    return f"Sent {counted(progress.files, 'file')} ({content}) as {sent} in {progress.seconds:.1f} s ({rate}/s)"
