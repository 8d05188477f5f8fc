"""Printing a run's log, whatever it is printed to."""

from __future__ import annotations

from typing import Final, Protocol, TextIO

from .forgiving_stream import ForgivingStream
from .log_filter import LogFilter

__all__ = ["LogPrinter", "Printer"]

_NO_COLOR: Final = "\x1b[0m"


class Printer(Protocol):
    """Prints a log that comes piece by piece. Nothing is ever raised."""

    def write(self, text: str) -> None:
        """Write text at once."""

    def finish(self) -> None:
        """End the last line; more may come."""


class LogPrinter:
    """Writes log text at once, also into a pipe.

    Colors are shown on a terminal, on Windows too, and left out elsewhere unless `raw`, as az's own does it. Whatever
    else would act on a terminal is shown as escapes everywhere (`LogFilter`). Nothing is ever raised.
    """

    def __init__(self, stream: TextIO | None, *, raw: bool) -> None:
        from colorama import AnsiToWin32

        console = AnsiToWin32(stream)
        self._is_terminal = console.convert or not console.strip
        self._filter = LogFilter(colors=raw or self._is_terminal)
        # Only a console of old Windows needs colorama, which gets no other sequences than those of colors.
        self._stream = ForgivingStream(console.stream if console.convert and not raw else stream)

    @property
    def refusal(self) -> OSError | None:
        """Why the stream takes no more text; None while it does."""
        return self._stream.refusal

    def write(self, text: str) -> None:
        """Write text and flush."""
        self._put(self._filter.feed(text))

    def finish(self) -> None:
        """End the last line, and the colors that a terminal would go on with."""
        self._put(self._filter.finish())
        if self._filter.is_colored and self._is_terminal:
            self._put(self._filter.feed(_NO_COLOR))
        if not self._filter.at_line_start:
            self._put(self._filter.feed("\n"))

    def _put(self, text: str) -> None:
        if text:
            self._stream.write(text)
