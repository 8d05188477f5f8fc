"""What a check found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from .facts import Unreadable

__all__ = ["Finding", "Severity", "has_errors", "not_checked", "worst_first"]


class Severity(str, Enum):
    """ERROR: it will not work. WARNING: it may not. NOT_CHECKED: the facts could not be read. OK: nothing wrong.

    In this order: the worst comes first.
    """

    ERROR = "error"
    WARNING = "warning"
    NOT_CHECKED = "not checked"
    OK = "ok"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one check says.

    `code` is stable and for scripts; `check` names what was looked at, `message` says what is wrong and why, and
    `evidence` what was seen there. `recommendation` says what to do, and `fix` holds the commands that do it, in order.
    """

    code: str
    severity: Severity
    check: str
    message: str
    evidence: str = ""
    recommendation: str = ""
    fix: tuple[str, ...] = ()


def not_checked(*, code: str, check: str, why: Unreadable | str, evidence: str = "") -> Finding:
    """What a check says that lacks its facts. `why` is a sentence's end, without its full stop."""
    message = f"Not checked: {why}."
    return Finding(code=code, severity=Severity.NOT_CHECKED, check=check, message=message, evidence=evidence)


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """The findings by severity; those that are equally bad keep their order."""
    ranks = {severity: rank for rank, severity in enumerate(Severity)}
    return sorted(findings, key=lambda finding: ranks[finding.severity])


def has_errors(findings: Iterable[Finding]) -> bool:
    """Whether something will not work."""
    return any(finding.severity is Severity.ERROR for finding in findings)
