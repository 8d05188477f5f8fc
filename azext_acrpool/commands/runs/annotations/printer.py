"""Printing a log whose steps a CI service folds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...console.log_printer import Printer
from .failure import FailureReader
from .markup import Markup
from .sections import Boundary, LogSections

__all__ = ["FoldingPrinter"]


class FoldingPrinter:
    """Puts marks around the steps of a log, on lines of their own; without these lines it is the log as it was given.

    `reader` is given all that is printed.
    """

    def __init__(self, printer: Printer, markup: Markup, reader: FailureReader) -> None:
        self._printer = printer
        self._markup = markup
        self._reader = reader
        self._sections = LogSections()
        self._is_open = False
        self._is_after_return = False

    def write(self, text: str) -> None:
        """Write text, but for the start of a line that may begin another step."""
        self._printer.write("".join(self._marked(self._sections.feed(text))))

    def finish(self) -> None:
        """End the last line, and the fold that it is in."""
        self._printer.write("".join(self._marked(self._sections.finish())))
        if self._is_after_return:
            # That ends no line, and a mark would not stand on one of its own.
            self._is_after_return = False
            self._printer.write("\n")
        self._printer.finish()
        if self._is_open:
            self._is_open = False
            self._printer.write(f"{self._markup.end_group}\n")

    def _marked(self, log: Iterable[str | Boundary]) -> Iterator[str]:
        for found in log:
            self._reader.take(found)
            if isinstance(found, str):
                self._is_after_return = found.endswith("\r")
                yield found
                continue
            if self._is_open:
                yield f"{self._markup.end_group}\n"
            if found.opens:
                yield f"{self._markup.group(found.opens.title)}\n"
            self._is_open = found.opens is not None
