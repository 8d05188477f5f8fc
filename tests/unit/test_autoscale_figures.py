"""The table in docs/autoscale.md says what the picture beside it does."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
FIGURES = re.compile(r"(.+?) ([\d,]+) instance-hours, 95 % of the runs wait at most ([\d,]+) minutes")


def rows_of(picture: str) -> list[str]:
    """A row for each shape of history: what the picture's description says of each contestant."""
    described = re.search(r"<desc[^>]*>(.*?)</desc>", picture, re.DOTALL)
    assert described
    rows = []
    for shape, contestants in re.findall(r"([\w ]+): ([^:]*)\.(?: |$)", described[1]):
        found = FIGURES.findall(contestants.replace("; ", "\n"))
        rows.append(f"| {' | '.join([shape.strip(), *(f'{hours} h, {wait} min' for _, hours, wait in found)])} |")
    return rows


def test_the_table_and_the_picture() -> None:
    document = (DOCS / "autoscale.md").read_text("utf-8")
    rows = rows_of((DOCS / "autoscale.svg").read_text("utf-8"))
    assert len(rows) == 5
    (table,) = re.findall(r"(?m)^\| Runs \|.*\n\|[-| ]+\n((?:\|.*\n)+)", document)
    assert table.splitlines() == rows
