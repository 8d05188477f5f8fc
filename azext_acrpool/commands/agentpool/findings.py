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
from .summary import summary_rows

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
    # What is to be done about several is said before the first of them.
    told = dict.fromkeys(text for finding in errors for text in (finding.recommendation, *finding.fix) if text)
    recommendations = list(told)
    if all(finding.code in USAGE_CODES for finding in errors):
        raise CommandError(azclierror.InvalidArgumentValueError(message, recommendations), ExitCode.USAGE)
    raise CommandError(azclierror.ValidationError(message, recommendations))


def report(findings: Sequence[Finding], *, registry: str, pool: str = "", verbose: bool = False) -> Result:
    """The result of a health check of `pool` ("": a wanted one); the exit code is 1 if there is an error.

    On a terminal it is a summary, or with `verbose` all that was found, good findings too.
    """

    def table(columns: int, colored: bool) -> Table:
        if verbose:
            return partial(health_output_format, columns=columns, colored=colored)
        return lambda _: summary_rows(findings, columns=columns, colored=colored)

    return Result(
        [{**as_data(finding), "agentPoolName": pool or None, "registryName": registry} for finding in findings],
        table=table,
        remarks=list(finding_lines(findings)),
        about={"REGISTRY": registry, "AGENT POOL": pool},
        exit_code=ExitCode.FAILED if has_errors(findings) else ExitCode.DONE,
    )


def as_data(finding: Finding) -> dict[str, Any]:
    """A finding as the command's result holds it, beside the names of the pool and its registry."""
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
    """The commands to type, in their order, what else is to be said, and how many findings there are of each severity.

    Nothing stands between the commands, so that they can be pasted into any shell. What is said the same of several
    findings is said once.
    """
    commands = [command for finding in findings for command in finding.fix]
    if commands:
        yield "\nTo mend:"
        yield from (f"    {command}" for command in commands)
    told: dict[str, list[str]] = {}
    for finding in findings:
        if advice := _advice(finding):
            told.setdefault(advice, []).append(finding.code)
    if told:
        yield "\nNotes:"
        yield from (f"    {', '.join(dict.fromkeys(codes))}: {advice}" for advice, codes in told.items())
    counts = Counter(finding.severity for finding in findings)
    yield "\n" + ", ".join(f"{counts[severity]} {_plural(severity, counts[severity])}" for severity in Severity)


def _advice(finding: Finding) -> str:
    if finding.severity is Severity.NOT_CHECKED:
        return f"{finding.message.removeprefix('Not checked: ')} {finding.recommendation}".rstrip()
    return finding.recommendation


def _plural(severity: Severity, count: int) -> str:
    countable = severity in (Severity.ERROR, Severity.WARNING) and count != 1
    return f"{severity.value}s" if countable else severity.value
