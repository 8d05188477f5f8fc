"""What a command gives az to print, when data alone do not say it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...wording import harmless
from .errors import ExitCode

__all__ = ["Result", "Table", "harmless_data"]

# The rows that az prints for a result as a table.
Table = Callable[[Any], list[dict[str, str]]]


@dataclass(frozen=True)
class Result:
    """A result, and what happens once az has printed it.

    `table` makes the table of a terminal that is so many columns wide, with colors or without; a result that has one is
    printed as a table on a terminal unless the user chose a format. `remarks` are said on stderr after a table.
    `exit_code` is the command's although it has a result. `about` tells it from those of other resources in one command
    line, by column.
    """

    data: Any
    table: Callable[[int, bool], Table] | None = None
    remarks: Sequence[str] = ()
    exit_code: ExitCode = ExitCode.DONE
    about: Mapping[str, str] = field(default_factory=dict)


def harmless_data(data: Any) -> Any:
    """A copy of plain data for a terminal: what would act there is shown as escapes in every text.

    az prints data as they are, in all formats but JSON control characters too. A file or a program gets them so.

    >>> harmless_data({"status": "Failed", "tags": ["\\x1b[2J"], "count": 1})
    {'status': 'Failed', 'tags': ['\\\\x1b[2J'], 'count': 1}
    """
    if isinstance(data, str):
        return harmless(data)
    if isinstance(data, Mapping):
        return {harmless_data(key): harmless_data(value) for key, value in data.items()}
    return [harmless_data(item) for item in data] if isinstance(data, list) else data
