"""What a command gives az to print, when data alone do not say it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .errors import ExitCode

__all__ = ["Result", "Table"]

# The rows that az prints for a result as a table.
Table = Callable[[Any], list[dict[str, str]]]


@dataclass(frozen=True)
class Result:
    """A result, and what happens once az has printed it.

    `table` makes the table of a terminal that is so many columns wide, with colors or without; a result that has one is
    printed as a table on a terminal unless the user chose a format. `remarks` are said on stderr after a table.
    `exit_code` is the command's although it has a result.
    """

    data: Any
    table: Callable[[int, bool], Table] | None = None
    remarks: Sequence[str] = ()
    exit_code: ExitCode = ExitCode.DONE
