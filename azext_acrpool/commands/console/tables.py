"""The results of one command line that is about several resources (--ids), as one table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from ...wording import printable
from .result import Result

__all__ = ["JoinedTables"]

# Where az keeps what belongs to one command line.
_TABLES: Final = "acrpool_tables"
# What az's tables have between columns.
_GAP = 2


class JoinedTables:
    """The results of a command line so far."""

    def __init__(self) -> None:
        self._results: list[Result] = []

    @classmethod
    def of(cls, cli_ctx: Any) -> JoinedTables:
        """Those of the command line that is under way."""
        tables: JoinedTables = cli_ctx.invocation.data.setdefault(_TABLES, cls())
        return tables

    def add(self, result: Result) -> None:
        """Another, after those that are there."""
        self._results.append(result)

    def rows(self, data: Any, *, columns: int, colored: bool) -> list[dict[str, str]]:
        """The rows of all, each with what it is about if there are several. `data` are what az prints of them."""
        if len(self._results) == 1:
            return self._rows_of(self._results[0], data, columns, colored)
        room = columns - sum(self._width(title) + _GAP for title in self._telling())
        rows: list[dict[str, str]] = []
        for result in self._results:
            cells = self._cells(result)
            rows += ({**cells, **row} for row in self._rows_of(result, result.data, room, colored))
        return rows

    def heading(self, result: Result) -> Iterator[str]:
        """Before what is said of one of several, what it is about."""
        if cells := self._cells(result):
            told = ", ".join(f"{title.lower()} {value}" for title, value in cells.items())
            yield f"\n{told[:1].upper()}{told[1:]}:"

    @staticmethod
    def _rows_of(result: Result, data: Any, columns: int, colored: bool) -> list[dict[str, str]]:
        return result.table(columns, colored)(data) if result.table else []

    def _cells(self, result: Result) -> dict[str, str]:
        return {title: printable(result.about.get(title, "")) for title in self._telling()}

    def _telling(self) -> list[str]:
        """The columns that tell the results from each other."""
        titles = dict.fromkeys(title for result in self._results for title in result.about)
        return [title for title in titles if len({result.about.get(title) for result in self._results}) > 1]

    def _width(self, title: str) -> int:
        return max(len(title), *(len(self._cells(result)[title]) for result in self._results))
