"""Looking at and reading what a user names, whatever it is: nothing takes all memory, nothing waits for ever.

Every failure is an OSError whose `strerror` says why; that includes paths that the system takes for none.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO, Final

from .wording import format_bytes

__all__ = ["LONGEST_TEXT", "is_file", "look_at", "read_file", "read_stream"]

# Bytes. A Dockerfile, an ignore file or a task file of this size would be some 100,000 lines, and ARM takes no request
# of more than 4 MB; what has more is a disk image, a device, or a pipe without end.
LONGEST_TEXT: Final = 4 * 2**20

_CHUNK_BYTES: Final = 64 * 2**10
# Opening a named pipe must not wait for somebody to write to it.
_DO_NOT_WAIT: Final = getattr(os, "O_NONBLOCK", 0)
# What says that nothing can be there: no such entry, a file in the place of a folder, a name that none can have
# (EINVAL: characters that Windows forbids, as a URL has them).
_NOTHING_THERE: Final = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EINVAL)


def look_at(path: Path, *, follow: bool = True) -> os.stat_result | None:
    """What is at `path`, a link followed unless `follow` is False; None if nothing is, or can be.

    Raises OSError when that cannot be known: a folder that may not be looked into, links in a circle.
    """
    try:
        return path.stat(follow_symlinks=follow)
    except ValueError:
        return None
    except OSError as error:
        if error.errno in _NOTHING_THERE:
            return None
        raise


def is_file(path: Path) -> bool:
    """Whether there is a regular file at `path`, links followed. Raises OSError when that cannot be known."""
    status = look_at(path)
    return status is not None and stat.S_ISREG(status.st_mode)


def read_file(path: str | Path, *, limit: int = LONGEST_TEXT) -> bytes:
    """All of a file, at most `limit` bytes. A named pipe is read to its end, and is empty if nobody writes to it.

    Raises OSError, whose `filename` is the path.
    """
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            if _DO_NOT_WAIT:
                os.set_blocking(file.fileno(), True)
            return read_stream(file, limit=limit, name=str(path))
    except OSError as error:
        # The system does not name what it fails to read, only what it fails to open.
        error.filename = str(path)
        raise
    except ValueError as error:
        raise OSError(errno.EINVAL, f"It is no path ({error})", str(path)) from None


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | _DO_NOT_WAIT)


def read_stream(stream: BinaryIO, *, limit: int = LONGEST_TEXT, name: str | None = None) -> bytes:
    """All of a stream up to its end, at most `limit` bytes. Raises OSError, whose `filename` is `name`."""
    content = bytearray()
    while chunk := stream.read(min(_CHUNK_BYTES, limit + 1 - len(content))):
        content += chunk
        if len(content) > limit:
            raise OSError(errno.EFBIG, f"It has more than {format_bytes(limit)}, the most that is read", name)
    return bytes(content)
