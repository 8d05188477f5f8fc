"""What a run's status means for the one who waits for it.

Statuses are those of the SDK's `RunStatus`; they are compared without regard to case.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import Run

__all__ = ["RunOutcome", "is_over", "outcome", "status_name"]


class RunOutcome(Enum):
    """How a run ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    TIMED_OUT = "timed out"


_ACTIVE: Final = frozenset({"queued", "started", "running"})
_OUTCOMES: Final = {
    "succeeded": RunOutcome.SUCCEEDED,
    "failed": RunOutcome.FAILED,
    "error": RunOutcome.FAILED,
    "canceled": RunOutcome.CANCELED,
    "timeout": RunOutcome.TIMED_OUT,
}


def status_name(run: Run) -> str:
    """The run's status as the service wrote it ("Queued", ..); empty when it gave none."""
    status = run.status
    return str(status.value if isinstance(status, Enum) else status or "")


def is_over(run: Run) -> bool:
    """Whether the run has ended. A finish time ends a run whose status this version does not know."""
    status = status_name(run).lower()
    return status in _OUTCOMES or (run.finish_time is not None and status not in _ACTIVE)


def outcome(run: Run) -> RunOutcome:
    """How a run that is over ended; an ending this version does not know counts as a failure."""
    return _OUTCOMES.get(status_name(run).lower(), RunOutcome.FAILED)
