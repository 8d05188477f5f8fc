"""Printing a run's log, whatever it is printed to."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any, TextIO

__all__ = ["LogPrinter"]


class LogPrinter:
    """Writes log text at once, also into a pipe.

    Unless `raw`, colours are shown on a terminal, on Windows too, and left out elsewhere, as az's own does it. What
    the stream's encoding cannot show is replaced; a stream that takes no more is left alone. Nothing is ever raised.
    """

    def __init__(self, stream: TextIO, *, raw: bool) -> None:
        self._stream = stream
        self._target: Any = stream if raw else _without_escapes_where_not_understood(stream)
        self._encoding = getattr(stream, "encoding", None) or "utf-8"
        self._closed = False
        self._at_line_start = True

    def write(self, text: str) -> None:
        """Write text and flush."""
        if self._closed or not text:
            return
        self._at_line_start = text.endswith(("\n", "\r"))
        try:
            # Looking for escapes in megabytes of log takes longer than printing them.
            target = self._target if "\x1b" in text else self._stream
            target.write(self._presentable(text))
            self._stream.flush()
        except BlockingIOError:
            # A pipe that somebody switched to non-blocking and that is full just now.
            return
        except (OSError, ValueError):
            self._closed = True
            self._detach()

    def finish(self) -> None:
        """End the last line."""
        if not self._at_line_start:
            self.write("\n")

    def _presentable(self, text: str) -> str:
        try:
            text.encode(self._encoding)
        except UnicodeEncodeError:
            return text.encode(self._encoding, "replace").decode(self._encoding)
        return text

    def _detach(self) -> None:
        """Let the stream's file lead nowhere: Python flushes it at exit, and a failure then would be the exit code."""
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)


def _without_escapes_where_not_understood(stream: TextIO) -> Any:
    from colorama import AnsiToWin32

    wrapper = AnsiToWin32(stream)
    return wrapper.stream if wrapper.should_wrap() else stream
