"""What the commands make of findings: refusals and warnings before a change, a report of a pool's health."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from azure.cli.core import azclierror

from ..._format import health_output_format
from ...health.findings import Finding, Severity, has_errors
from ...health.preflight import USAGE_CODES
from ..console.errors import CommandError, ExitCode
from ..console.narrator import Narrator
from ..console.result import Result, Table

__all__ = ["act_on", "as_data", "finding_lines", "report"]


def act_on(found: Iterable[Finding | None], narrator: Narrator) -> None:
    """Say the warnings and what could not be checked. Raises CommandError if there are errors."""
    findings = [finding for finding in found if finding is not None]
    for finding in findings:
        if finding.severity is Severity.WARNING:
            narrator.warn(f"{finding.message} {finding.recommendation}")
            for command in finding.fix:
                narrator.warn(f"    {command}")
        elif finding.severity is Severity.NOT_CHECKED:
            narrator.warn(f"{finding.check}: {finding.message}")
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if not errors:
        return
    message = "\n".join(finding.message for finding in errors)
    recommendations = [text for finding in errors for text in (finding.recommendation, *finding.fix) if text]
    if all(finding.code in USAGE_CODES for finding in errors):
        raise CommandError(azclierror.InvalidArgumentValueError(message, recommendations), ExitCode.USAGE)
    raise CommandError(azclierror.ValidationError(message, recommendations))


def report(findings: Sequence[Finding]) -> Result:
    """The result of a health check; the exit code is 1 if there is an error."""

    def table(columns: int, colored: bool) -> Table:
        return partial(health_output_format, columns=columns, colored=colored)

    return Result(
        [as_data(finding) for finding in findings],
        table=table,
        remarks=list(finding_lines(findings)),
        exit_code=ExitCode.FAILED if has_errors(findings) else ExitCode.DONE,
    )


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


def finding_lines(findings: Sequence[Finding]) -> Iterator[str]:
    """What to do about each finding, and how many there are of each severity."""
    for finding in findings:
        if finding.recommendation or finding.fix:
            yield f"\n{finding.code}: {finding.recommendation}".rstrip()
            yield from (f"    {command}" for command in finding.fix)
    counts = Counter(finding.severity for finding in findings)
    yield "\n" + ", ".join(f"{counts[severity]} {_plural(severity, counts[severity])}" for severity in Severity)


def _plural(severity: Severity, count: int) -> str:
    countable = severity in (Severity.ERROR, Severity.WARNING) and count != 1
    return f"{severity.value}s" if countable else severity.value
