"""Writing to a path that a user names, whatever is there: a file gets all that is to be in it, or is not touched.

Every failure is an OSError whose `strerror` says why. Nothing is kept open from one call to the next.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import Final

from .files import look_at

__all__ = ["require_writable", "take_away", "write_whole"]

_FOLDER: Final = "It is a folder"
_SOMETHING_ELSE: Final = "It holds something else; name another file, or remove it"
# What opens none of the files that are there already.
_ANEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
# Opening a named pipe must not wait for somebody to read from it.
_DO_NOT_WAIT: Final = getattr(os, "O_NONBLOCK", 0)
_OWN_DESCRIPTOR: Final = re.compile(r"/(?:dev|proc/self)/fd/(\d+)")
_STDOUT_AND_STDERR: Final = (1, 2)


def require_writable(path: str) -> None:
    """Raise OSError unless `write_whole` could write there now. What is there stays."""
    if _own_descriptor(path) is not None:
        return
    target, status = _find(path)
    if status is None:
        _try_to_make(target)
    elif stat.S_ISREG(status.st_mode):
        _try_to_make(_beside(target))
    elif not os.access(target, os.W_OK):
        raise OSError(errno.EACCES, os.strerror(errno.EACCES), path)


def take_away(path: str, *, beginning: bytes = b"") -> None:
    """Remove the file that is there, if there is one. A link to it stays, and so does what is no regular file.

    Raises OSError for a file that neither begins with `beginning` nor is empty: it was not written here.
    """
    if _own_descriptor(path) is not None:
        return
    target, status = _find(path)
    if status is not None and stat.S_ISREG(status.st_mode):
        with suppress(FileNotFoundError):
            if beginning and _first_bytes(target, len(beginning)) not in (b"", beginning):
                raise OSError(errno.EPERM, _SOMETHING_ELSE, path)
            target.unlink()


def _first_bytes(path: Path, count: int) -> bytes:
    with path.open("rb") as file:
        return file.read(count)


def write_whole(path: str, content: bytes) -> None:
    """Make `content` all that the file holds, with the permissions of a new one. If that fails, it is as it was.

    The file that a link leads to is written. What is no regular file (a device, a named pipe that somebody reads), and
    what stdout or stderr go to, is written to as it is.
    """
    descriptor = _own_descriptor(path)
    if descriptor is not None:
        _write_all(os.dup(descriptor), content)
        return
    target, status = _find(path)
    if status is None or stat.S_ISREG(status.st_mode):
        _replace(target, content)
    else:
        _write_all(os.open(target, os.O_WRONLY | _DO_NOT_WAIT), content)


def _own_descriptor(path: str) -> int | None:
    """The file descriptor of this process that the path names, or whose file it names if output goes there.

    Such a file is not to be replaced: what is written to the descriptor afterwards would be in no file at all.
    """
    named = _OWN_DESCRIPTOR.fullmatch(os.path.normpath(path))
    if named:
        os.fstat(int(named[1]))
        return int(named[1])
    status = look_at(Path(path))
    for descriptor in _STDOUT_AND_STDERR if status else ():
        with suppress(OSError):
            # Windows numbers no devices and pipes: all of them would be the same.
            if status and status.st_ino and os.path.samestat(status, os.fstat(descriptor)):
                return descriptor
    return None


def _find(path: str) -> tuple[Path, os.stat_result | None]:
    """Where the path leads, all links followed, and what is there, None if nothing is. Raises OSError for a folder."""
    status = look_at(Path(path))
    if (status is not None and stat.S_ISDIR(status.st_mode)) or path.endswith(("/", os.sep)):
        raise IsADirectoryError(errno.EISDIR, _FOLDER, path)
    try:
        return Path(os.path.realpath(path)), status
    except ValueError as error:
        raise OSError(errno.EINVAL, f"It is no path ({error})", path) from None


def _beside(target: Path) -> Path:
    """The path of a new file in the same folder."""
    return target.with_name(f".acrpool-{token_hex(8)}.tmp")


def _try_to_make(path: Path) -> None:
    os.close(os.open(path, _ANEW, 0o600))
    path.unlink()


def _replace(target: Path, content: bytes) -> None:
    beside = _beside(target)
    try:
        # The umask takes from these permissions what it takes from those of any new file.
        _write_all(os.open(beside, _ANEW, 0o666), content, sync=True)
        beside.replace(target)
    finally:
        with suppress(OSError):
            beside.unlink()


def _write_all(descriptor: int, content: bytes, *, sync: bool = False) -> None:
    """Write all, and close it. `sync`: it is on the disk then, or the disk has said that it is full."""
    with open(descriptor, "wb", buffering=0) as file:
        if _DO_NOT_WAIT:
            os.set_blocking(descriptor, True)
        left = memoryview(content)
        while left:
            left = left[file.write(left) :]
        if sync:
            os.fsync(descriptor)
