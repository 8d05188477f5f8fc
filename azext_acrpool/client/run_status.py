"""What the status of a run says, by itself.

Statuses are those of the SDK's `RunStatus`; they are compared without regard to case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .replies import text_of

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import Run

__all__ = ["ACTIVE_RUN_STATUSES", "has_ended", "is_active", "is_queued", "status_name"]

# In the order in which a run goes through them.
ACTIVE_RUN_STATUSES: Final = ("Queued", "Started", "Running")
_ACTIVE: Final = frozenset(status.lower() for status in ACTIVE_RUN_STATUSES)
_ENDED: Final = frozenset({"succeeded", "failed", "canceled", "error", "timeout"})


def status_name(run: Run) -> str:
    """The run's status as the service wrote it ("Queued", ..); empty when it gave none."""
    return text_of(run.status)


def is_queued(status: str) -> bool:
    """Whether a run of this status waits for an agent."""
    return status.lower() == "queued"


def is_active(status: str) -> bool:
    """Whether a run of this status has not ended."""
    return status.lower() in _ACTIVE


def has_ended(status: str) -> bool:
    """Whether a run of this status has ended. Of a status that nobody knows yet, neither is said."""
    return status.lower() in _ENDED
