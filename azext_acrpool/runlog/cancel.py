"""Cancelling a run, and seeing whether it is cancelled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from ..client.errors import AcrError
from ..client.patience import CANCEL_BUDGET
from ..clock import Clock, Deadline
from .exits import is_over

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import Run

__all__ = ["CancelableRuns", "cancel_run"]

_INTERVAL: Final = 1.0
# Seconds. An answer needs some time, however little is left.
_SHORTEST_LOOK: Final = 1.0


class CancelableRuns(Protocol):
    """Cancels and reads runs (client.runs.Runs), each within `timeout` seconds."""

    def cancel(self, run_id: str, *, timeout: float) -> None:
        """Ask the service to cancel the run."""

    def get(self, run_id: str, *, timeout: float) -> Run:
        """The run as it is now."""


def cancel_run(runs: CancelableRuns, run_id: str, clock: Clock, *, patience: float = CANCEL_BUDGET) -> Run | None:
    """Ask the service to cancel the run and wait up to `patience` seconds until the run is over.

    Whatever single replies say, it is asked until it has accepted once, and the run is looked at until it is over.
    Returns the run as it ended, which may be otherwise than Canceled, or None when the service did not confirm an end
    in time. Raises the last AcrError when the service did not accept it by then.
    """
    deadline = Deadline(clock, patience)
    cancelling = _Cancelling(runs, run_id, deadline)
    while True:
        cancelling.ask()
        run = cancelling.look()
        if run is not None:
            return run
        if deadline.left < _INTERVAL:
            cancelling.require_accepted()
            return None
        clock.sleep(_INTERVAL)


class _Cancelling:
    """Asks until the service has accepted once, then looks."""

    def __init__(self, runs: CancelableRuns, run_id: str, deadline: Deadline) -> None:
        self._runs = runs
        self._run_id = run_id
        self._deadline = deadline
        self._refusal: AcrError | None = None
        self._accepted = False

    def ask(self) -> None:
        if self._accepted:
            return
        try:
            self._runs.cancel(self._run_id, timeout=self._time_for_an_answer())
        except AcrError as error:
            # A run that ended this moment cannot be cancelled: its status will tell.
            self._refusal = error
        else:
            self._accepted = True

    def look(self) -> Run | None:
        """The run if it is over."""
        try:
            run = self._runs.get(self._run_id, timeout=self._time_for_an_answer())
        except AcrError:
            return None
        return run if is_over(run) else None

    def require_accepted(self) -> None:
        """Raise why the service did not accept it, if it did not."""
        if not self._accepted and self._refusal is not None:
            raise self._refusal

    def _time_for_an_answer(self) -> float:
        return max(self._deadline.left, _SHORTEST_LOOK)
