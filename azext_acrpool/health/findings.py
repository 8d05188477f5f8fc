"""What a check found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from .facts import SecurityRule, Unreadable

__all__ = ["Finding", "Opening", "Severity", "has_errors", "not_checked", "worst_first"]


class Severity(str, Enum):
    """ERROR: it will not work. WARNING: it may not. NOT_CHECKED: the facts could not be read. OK: nothing wrong.

    In this order: the worst comes first.
    """

    ERROR = "error"
    WARNING = "warning"
    NOT_CHECKED = "not checked"
    OK = "ok"


@dataclass(frozen=True)
class Opening:
    """Traffic that a network security group shall let through.

    `targets` are service tags or addresses, `obstacle` the first rule in its way, `name` goes into the new rule's name.
    """

    name: str
    targets: tuple[str, ...]
    ports: tuple[int, ...]
    obstacle: SecurityRule
    protocol: str = "Tcp"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one check says.

    `code` is stable and for scripts; `check` names what was looked at, `message` says what is wrong and why, and
    `evidence` what was seen there. `brief` is the message for a line of a table, of which `subjects` are the end: what
    else is found the same of is told in the same line. Without it, the message's beginning is the line.

    `recommendation` says what to do, and `fix` holds the commands that do it, in order. What a check proposes is a plan
    only together with what the others propose (`plan.plan_fixes`): `openings` are the traffic that rules of the network
    security group must let through besides, `actions` what the commands need on the registry, and `otherwise` is the
    recommendation where no rules can be given. What `hinders` must be mended before any pool can be changed. What is
    `by_choice` only somebody who knows what is wanted can decide: the plan leaves its commands to the recommendation.
    """

    code: str
    severity: Severity
    check: str
    message: str
    evidence: str = ""
    recommendation: str = ""
    fix: tuple[str, ...] = ()
    openings: tuple[Opening, ...] = ()
    # What is found is the same, however it is told briefly and whatever its plan depends on.
    brief: str = field(default="", compare=False)
    subjects: tuple[str, ...] = field(default=(), compare=False)
    actions: tuple[str, ...] = field(default=(), compare=False)
    otherwise: str = field(default="", compare=False)
    hinders: bool = field(default=False, compare=False)
    by_choice: bool = field(default=False, compare=False)


def not_checked(*, code: str, check: str, why: Unreadable | str, evidence: str = "") -> Finding:
    """What a check says that lacks its facts. `why` is a sentence's end, without its full stop."""
    return Finding(
        code=code,
        severity=Severity.NOT_CHECKED,
        check=check,
        message=f"Not checked: {why}.",
        evidence=evidence,
        brief=_briefly(why),
    )


def _briefly(why: Unreadable | str) -> str:
    """Without the provider, whose name would leave no room for what is lacking."""
    lacking = why.permission.partition("/")[2] if isinstance(why, Unreadable) else ""
    return f"needs {lacking}" if lacking else str(why)


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """The findings by severity; those that are equally bad keep their order."""
    ranks = {severity: rank for rank, severity in enumerate(Severity)}
    return sorted(findings, key=lambda finding: ranks[finding.severity])


def has_errors(findings: Iterable[Finding]) -> bool:
    """Whether something will not work."""
    return any(finding.severity is Severity.ERROR for finding in findings)
