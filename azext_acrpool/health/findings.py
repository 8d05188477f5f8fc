"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["Finding", "Severity"]


class Severity(str, Enum):
    """ERROR: it will not work. WARNING: it may not. NOT_CHECKED: the facts could not be read. OK: nothing wrong."""

    ERROR = "error"
    WARNING = "warning"
    NOT_CHECKED = "not checked"
    OK = "ok"


@dataclass(frozen=True)
class Finding:
    """What one check says.

    `code` is stable and for scripts; `message` says what is wrong and why, `recommendation` what to do. `check` names
    what was looked at, `evidence` what was seen there, and `fix` holds the commands that would mend it, in order.
    """

    code: str
    severity: Severity
    message: str
    recommendation: str = ""
    check: str = ""
    evidence: str = ""
    fix: tuple[str, ...] = ()
