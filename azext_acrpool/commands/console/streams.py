"""Standard streams as they are found: closed by the shell, given up by their reader, full, or switched to non-blocking.

Python has None for a stream whose file descriptor was closed, and the next file or socket that is opened gets its
number. az passes streams on and prints to them without asking.
"""

from __future__ import annotations

import errno
import os
import select
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TextIO

__all__ = [
    "StandardStreams",
    "UnfailingStream",
    "flush",
    "keep_blocking",
    "lead_nowhere",
    "reader_has_gone",
    "write_unless_full",
]

_MODES: Final = {"stdin": "r", "stdout": "w", "stderr": "w"}


class StandardStreams:
    """Makes standard streams that can be used, for as long as they are wanted.

    A missing one reads nothing and takes everything. All are blocking, so that a reader who is slow is waited for. What
    is written to stderr never fails: it is there to tell how the work goes, and must not end it.
    """

    def __init__(self) -> None:
        self._replaced: list[tuple[str, Any]] = []
        self._switched: list[int] = []

    def __enter__(self) -> StandardStreams:
        _fill_file_descriptors()
        for name, mode in _MODES.items():
            if getattr(sys, name) is None:
                self._replace(name, Path(os.devnull).open(mode, encoding="utf-8"))
        self._switched = [stream.fileno() for stream in (sys.stdout, sys.stderr) if keep_blocking(stream)]
        self._replace("stderr", UnfailingStream(sys.stderr))
        return self

    def __exit__(self, *_: object) -> None:
        self.give_back_modes()
        while self._replaced:
            setattr(sys, *self._replaced.pop())

    def give_back_modes(self) -> None:
        """Make those non-blocking again that were. Whoever has the same pipe may count on it."""
        while self._switched:
            with suppress(OSError):
                os.set_blocking(self._switched.pop(), False)

    def _replace(self, name: str, stream: Any) -> None:
        self._replaced.append((name, getattr(sys, name)))
        setattr(sys, name, stream)


class UnfailingStream:
    """Writes to `stream` until that fails; from then on nowhere, without saying so."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write text, if it is taken. Returns how much that would have been."""
        try:
            return self._stream.write(text)
        except (OSError, ValueError):
            lead_nowhere(self._stream)
            return len(text)

    def flush(self) -> None:
        """Pass on what was written, if it is taken."""
        try:
            self._stream.flush()
        except (OSError, ValueError):
            lead_nowhere(self._stream)


def lead_nowhere(stream: TextIO) -> None:
    """Let the stream's file lead nowhere: Python flushes it at exit, and a failure then would be the exit code."""
    with suppress(AttributeError, OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def reader_has_gone(error: OSError) -> bool:
    """Whether a stream takes no more because nobody reads it: a pipe that is closed, a terminal that has gone."""
    return error.errno in (errno.EPIPE, errno.EIO)


def flush(stream: TextIO) -> OSError | None:
    """Pass on what was written. Returns what prevented that, unless it is that nobody reads any more."""
    try:
        stream.flush()
    except OSError as error:
        lead_nowhere(stream)
        return None if reader_has_gone(error) else error
    except ValueError:
        # It is closed.
        return None
    return None


def keep_blocking(stream: TextIO) -> bool:
    """Let the next write wait for a slow reader. Returns whether that had to be changed.

    Whoever has the same pipe may have switched it to non-blocking, and Python loses text then when it is full.
    """
    # Windows has no such pipes, and no such functions before Python 3.12.
    if sys.platform == "win32":
        return False
    try:
        descriptor = stream.fileno()
        if os.get_blocking(descriptor):
            return False
        os.set_blocking(descriptor, True)
    except (AttributeError, OSError, ValueError):
        # No file stands behind it.
        return False
    return True


def write_unless_full(descriptor: int, data: bytes) -> None:
    """Write to a file descriptor, unless that would have to wait, or fails."""
    with suppress(OSError):
        # Windows can select sockets only.
        if sys.platform == "win32" or select.select((), (descriptor,), (), 0)[1]:
            os.write(descriptor, data)


def _fill_file_descriptors() -> None:
    """Open those of the standard streams that are closed, so that no socket is taken for one of them."""
    descriptor = os.open(os.devnull, os.O_RDWR)
    while descriptor < len(_MODES):
        # Programs that are started get it, too.
        os.set_inheritable(descriptor, True)
        descriptor = os.open(os.devnull, os.O_RDWR)
    os.close(descriptor)
