"""Findings for somebody at a terminal: a line for each, the same said once, and what is good as a number."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ..._format import Row, colored_severity
from ...health.findings import Finding, Severity
from ...wording import counted, printable

__all__ = ["summary_rows"]

# What az's tables have between columns, and what a column is at least wider than its title.
_GAP = 2
# What a line is given of a message however narrow the terminal is, and what a check's name takes at most.
_LEAST_ROOM, _WIDEST_CHECK = 30, 22
_CUT = ".."


def summary_rows(findings: Sequence[Finding], *, columns: int, colored: bool) -> list[Row]:
    """Rows for a terminal that is `columns` wide: each is one line there, unless it is narrower than any use.

    Messages are cut where that takes it; whole they are in the command's data.
    """
    lines = _merge(finding for finding in findings if finding.severity is not Severity.OK)
    good = sum(finding.severity is Severity.OK for finding in findings)
    checks = [_shorten(line.check, _WIDEST_CHECK) for line in lines]
    beside = _width("SEVERITY", (line.severity.value for line in lines)) + _width("CHECK", checks)
    room = max(columns - beside, _LEAST_ROOM)
    rows = [_row(line.severity, check, line.tell(room), colored) for line, check in zip(lines, checks, strict=True)]
    return [*rows, _row(Severity.OK, " ", f"{counted(good, 'check')} ok", colored)] if good else rows


def _width(title: str, cells: Iterable[str]) -> int:
    """What a column takes that is not the last."""
    return max([len(title) + _GAP, *map(len, cells)]) + _GAP


def _row(severity: Severity, check: str, found: str, colored: bool) -> Row:
    return {"SEVERITY": colored_severity(severity.value, colored), "CHECK": check, "FOUND": found}


@dataclass
class _Line:
    """What is found the same of several: `text`, of which `subjects` are the end if there are any."""

    severity: Severity
    text: str
    checks: list[str] = field(default_factory=list)
    subjects: list[str] = field(default_factory=list)

    @property
    def check(self) -> str:
        """What was looked at."""
        return ", ".join(dict.fromkeys(self.checks))

    def tell(self, room: int) -> str:
        """As much of it as there is room for."""
        return next((text for text in self._versions() if len(text) <= room), None) or _shorten(self._shortest, room)

    def _versions(self) -> Iterator[str]:
        """From the fullest to the shortest."""
        subjects = list(dict.fromkeys(self.subjects))
        if not subjects:
            yield from _beginnings(self.text)
        for shown in range(len(subjects), 0, -1):
            left = len(subjects) - shown
            yield f"{self.text}{', '.join(subjects[:shown])}" + (f" and {left} more" if left else "")

    @property
    def _shortest(self) -> str:
        *_, last = self._versions()
        return last


def _merge(findings: Iterable[Finding]) -> list[_Line]:
    lines: dict[tuple[Severity, str], _Line] = {}
    for finding in findings:
        text = printable(finding.brief or finding.message.removeprefix("Not checked: "))
        line = lines.setdefault((finding.severity, text), _Line(finding.severity, text))
        line.checks.append(printable(finding.check.partition(":")[0]))
        line.subjects += map(printable, finding.subjects)
    return list(lines.values())


def _beginnings(text: str) -> Iterator[str]:
    """The text, its first sentence, and that sentence's first clauses, without what ends them."""
    yield text.rstrip(".")
    for ending in (r"\.\s", r"[:;]\s", r",\s"):
        yield re.split(ending, text, maxsplit=1)[0].rstrip(".")


def _shorten(text: str, room: int) -> str:
    if len(text) <= room:
        return text
    cut = textwrap.shorten(text, room, placeholder=f" {_CUT}")
    return cut if cut.strip() != _CUT else text[: room - len(_CUT)] + _CUT
