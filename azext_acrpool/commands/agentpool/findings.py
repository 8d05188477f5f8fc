"""How the findings of a health check are shown: az's output on stdout, what mends them on stderr."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from ..._format import health_output_format
from ...health.checks import has_errors
from ...health.findings import Finding, Severity
from ..console.after_output import after_output
from ..console.errors import ExitCode
from ..console.narrator import Narrator, narrator_for
from ..console.output import format_is_chosen, goes_to_terminal

__all__ = ["as_data", "finding_lines", "report"]

_ORDER = (Severity.ERROR, Severity.WARNING, Severity.NOT_CHECKED, Severity.OK)


def as_data(finding: Finding) -> dict[str, Any]:
    """A finding as the command's result holds it."""
    return {
        "severity": finding.severity.value,
        "code": finding.code,
        "check": finding.check,
        "message": finding.message,
        "evidence": finding.evidence,
        "recommendation": finding.recommendation,
        "fix": list(finding.fix),
    }


def report(cmd: Any, findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """The command's result. Once az has shown it, the exit code is set: 1 if there is an error.

    On a terminal the result is a table, unless the user chose an output format.
    """
    cli_ctx = cmd.cli_ctx
    on_terminal = goes_to_terminal()
    if on_terminal and not format_is_chosen(cli_ctx):
        cli_ctx.invocation.data["output"] = "table"
    is_table = cli_ctx.invocation.data["output"] == "table"
    if is_table and on_terminal:
        columns = shutil.get_terminal_size().columns
        command = cli_ctx.invocation.commands_loader.command_table[cmd.name]
        command.table_transformer = partial(health_output_format, columns=columns, colored=bool(cli_ctx.enable_color))
    narrator = narrator_for(cli_ctx)
    after_output(cli_ctx, lambda: _finish(findings, narrator if is_table else None))
    return [as_data(finding) for finding in findings]


def _finish(findings: Sequence[Finding], narrator: Narrator | None) -> None:
    if narrator:
        for line in finding_lines(findings):
            narrator.say(line)
    if has_errors(findings):
        raise SystemExit(int(ExitCode.FAILED))


def finding_lines(findings: Sequence[Finding]) -> Iterator[str]:
    """What to do about each finding, and how many there are of each severity."""
    for finding in findings:
        if finding.recommendation or finding.fix:
            yield f"\n{finding.code}: {finding.recommendation}".rstrip()
            yield from (f"    {command}" for command in finding.fix)
    counts = Counter(finding.severity for finding in findings)
    yield "\n" + ", ".join(f"{counts[severity]} {_plural(severity, counts[severity])}" for severity in _ORDER)


def _plural(severity: Severity, count: int) -> str:
    countable = severity in (Severity.ERROR, Severity.WARNING) and count != 1
    return f"{severity.value}s" if countable else severity.value
