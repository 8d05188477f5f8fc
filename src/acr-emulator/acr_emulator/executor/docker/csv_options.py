"""Options written as a line of CSV, `key=value,key=value`, as Go's encoding/csv reads them."""

from __future__ import annotations

import csv
import re

__all__ = ["CsvError", "csv_fields"]

QUOTED_FIELD = re.compile(r'(?:^|(?<=,))"(?:[^"]|"")*"(?=,|$)')


class CsvError(ValueError):
    """A line that is no CSV; the text is Go's."""


def csv_fields(text: str) -> list[str]:
    """The fields of a line. Raises CsvError."""
    if '"' in QUOTED_FIELD.sub("", text):
        raise CsvError(f'parse error on line 1, column {text.find(chr(34)) + 1}: bare " in non-quoted field')
    rows = list(csv.reader(text.splitlines()))
    if not rows or not rows[0]:
        raise CsvError("EOF")
    return rows[0]
