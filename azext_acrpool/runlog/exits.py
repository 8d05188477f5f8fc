"""What a run's status means for the one who waits for it."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from ..client.run_status import is_active, status_name

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import Run

__all__ = ["RunOutcome", "is_over", "outcome"]


class RunOutcome(Enum):
    """How a run ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    TIMED_OUT = "timed out"


_OUTCOMES: Final = {
    "succeeded": RunOutcome.SUCCEEDED,
    "failed": RunOutcome.FAILED,
    "error": RunOutcome.FAILED,
    "canceled": RunOutcome.CANCELED,
    "timeout": RunOutcome.TIMED_OUT,
}


def is_over(run: Run) -> bool:
    """Whether the run has ended. A finish time ends a run whose status this version does not know."""
    status = status_name(run)
    return status.lower() in _OUTCOMES or (run.finish_time is not None and not is_active(status))


def outcome(run: Run) -> RunOutcome:
    """How a run that is over ended; an ending this version does not know counts as a failure."""
    return _OUTCOMES.get(status_name(run).lower(), RunOutcome.FAILED)
