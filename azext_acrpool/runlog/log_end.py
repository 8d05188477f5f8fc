"""The end of the log of a run that is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from ..client.errors import ConnectionLostError, InvalidReplyError, NotFoundError
from ..client.patience import LOG_END_BUDGET, ask_again
from ..clock import Clock, Deadline
from .sources import LogLink, SignedBlobs

if TYPE_CHECKING:
    from ..client.blobs import BlobPart

__all__ = ["LOG_END_BYTES", "read_log_end"]

LOG_END_BYTES: Final = 64 * 1024
# Seconds. The last bytes, and the mark of the end, may come a little after the end of the run.
_MARKED_WITHIN: Final = 3.0
_INTERVAL: Final = 0.5
# Seconds. A log that is an artifact can only be read as a whole.
_LONGEST_DOWNLOAD: Final = 60.0


def read_log_end(get_link: Callable[[], LogLink], blobs: SignedBlobs, clock: Clock) -> str:
    r"""The last 64 KiB of a run's log, from the start of a line on, with `\n` at the ends of lines; "" without a log.

    `get_link` gives the log's signed URLs, anew for each try. One range is read of the log blob, and all of a log that
    is an artifact. Raises AcrErrors, transient ones when they have lasted for 15 s; none holds a URL.
    """
    data, is_cut = ask_again(lambda: _read(get_link, blobs, clock), LOG_END_BUDGET, clock)
    if is_cut:
        data = data.partition(b"\n")[2]
    return data.decode("utf-8", "replace").replace("\r\n", "\n")


def _read(get_link: Callable[[], LogLink], blobs: SignedBlobs, clock: Clock) -> tuple[bytes, bool]:
    """The last bytes, and whether there are others before them."""
    try:
        link = get_link()
        if link.log_artifact_link:
            return _last_of(blobs.stream(link.log_artifact_link), Deadline(clock, _LONGEST_DOWNLOAD))
        return _read_range(link.log_link, blobs, clock) if link.log_link else (b"", False)
    except NotFoundError:
        return b"", False


def _read_range(url: str, blobs: SignedBlobs, clock: Clock) -> tuple[bytes, bool]:
    size = _finished(url, blobs, clock).size
    if size is None:
        raise InvalidReplyError("The service did not say how long the log is.")
    start = max(0, size - LOG_END_BYTES)
    data = blobs.read(url, start, LOG_END_BYTES).data if size else b""
    if start + len(data) < size:
        # What came is not the end.
        raise ConnectionLostError("The connection was lost before the end of the log.")
    return data, start > 0


def _finished(url: str, blobs: SignedBlobs, clock: Clock) -> BlobPart:
    """The log's properties when its end is marked, or has been waited for."""
    deadline = Deadline(clock, _MARKED_WITHIN)
    while not (found := blobs.properties(url)).complete and deadline.left >= _INTERVAL:
        clock.sleep(_INTERVAL)
    return found


def _last_of(pieces: Iterator[bytes], deadline: Deadline) -> tuple[bytes, bool]:
    data, is_cut = b"", False
    for piece in pieces:
        data += piece
        is_cut = is_cut or len(data) > LOG_END_BYTES
        data = data[-LOG_END_BYTES:]
        if not deadline.left:
            raise InvalidReplyError(f"The log still went on after {deadline.seconds:.0f} s.")
    return data, is_cut
