"""Cancelling runs, and seeing whether they are cancelled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from ..aside import each_aside
from ..client.errors import AcrError, ForbiddenError, NotFoundError, UnauthorizedError
from ..client.patience import CANCEL_BUDGET
from ..clock import Clock, Deadline
from .exits import is_over

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import Run

__all__ = ["CancelEnd", "CancelableRuns", "cancel_run", "cancel_runs"]

_INTERVAL: Final = 1.0
# Seconds. An answer needs some time, however little is left.
_SHORTEST_LOOK: Final = 1.0


class CancelableRuns(Protocol):
    """Cancels and reads runs (client.runs.Runs), each within `timeout` seconds."""

    def cancel(self, run_id: str, *, timeout: float) -> None:
        """Ask the service to cancel the run."""

    def get(self, run_id: str, *, timeout: float) -> Run:
        """The run as it is now."""


@dataclass(frozen=True)
class CancelEnd:
    """What came of cancelling a run: `run` as it ended, None if it was not seen to end in time.

    `error` is why it was not, if the service did not accept it.
    """

    run_id: str
    run: Run | None = None
    error: AcrError | None = None


def cancel_run(runs: CancelableRuns, run_id: str, clock: Clock, *, patience: float = CANCEL_BUDGET) -> Run | None:
    """Ask the service to cancel the run, which is there, and wait up to `patience` seconds until it is over.

    Whatever single replies say, it is asked until it has accepted once, and the run is looked at until it is over.
    Returns the run as it ended, which may be otherwise than Canceled, or None when the service did not confirm an end
    in time. Raises the last AcrError when the service did not accept it by then.
    """
    cancelling = _Cancelling(runs, run_id, clock, patience, is_there=True)
    while (end := cancelling.go_on()) is None:
        clock.sleep(_INTERVAL)
    if end.error is not None:
        raise end.error
    return end.run


def cancel_runs(
    runs: CancelableRuns, run_ids: Sequence[str], clock: Clock, *, patience: float = CANCEL_BUDGET
) -> Iterator[CancelEnd]:
    """Cancel several runs side by side, each as `cancel_run` does; what came of each, as soon as it is known.

    A run that is not there has a NotFoundError at once, and one that the caller may not cancel a ForbiddenError or an
    UnauthorizedError.
    """
    left = [_Cancelling(runs, run_id, clock, patience, is_there=False) for run_id in run_ids]
    while left:
        going_on = []
        for cancelling, end in zip(left, each_aside(_Cancelling.go_on, left), strict=True):
            if end is None:
                going_on.append(cancelling)
            else:
                yield end
        left = going_on
        if left:
            clock.sleep(_INTERVAL)


class _Cancelling:
    """Asks until the service has accepted once, then looks; the time for it begins when it is asked first.

    `is_there`: the run was seen, and a reply that says otherwise is wrong.
    """

    def __init__(self, runs: CancelableRuns, run_id: str, clock: Clock, patience: float, *, is_there: bool) -> None:
        self._runs = runs
        self._run_id = run_id
        self._clock = clock
        self._patience = patience
        self._is_there = is_there
        self._deadline: Deadline | None = None
        self._refusal: AcrError | None = None
        self._accepted = False

    def go_on(self) -> CancelEnd | None:
        """Ask once more, and look; None while it is worth going on."""
        if self._deadline is None:
            self._deadline = Deadline(self._clock, self._patience)
        self._ask(self._deadline)
        try:
            run = self._runs.get(self._run_id, timeout=_time_for_an_answer(self._deadline))
        except AcrError as error:
            if self._is_missing(error):
                return CancelEnd(self._run_id, error=error)
        else:
            if is_over(run):
                return CancelEnd(self._run_id, run)
        if self._deadline.left < _INTERVAL or self._is_forbidden:
            return CancelEnd(self._run_id, error=None if self._accepted else self._refusal)
        return None

    def _ask(self, deadline: Deadline) -> None:
        if self._accepted:
            return
        try:
            self._runs.cancel(self._run_id, timeout=_time_for_an_answer(deadline))
        except AcrError as error:
            # A run that ended this moment cannot be cancelled: its status will tell.
            self._refusal = error
        else:
            self._accepted = True

    def _is_missing(self, error: AcrError) -> bool:
        """Whether both answers, the one to the request to cancel and the one to the look, say so."""
        answers = (self._refusal, error)
        return not self._is_there and not self._accepted and all(isinstance(each, NotFoundError) for each in answers)

    @property
    def _is_forbidden(self) -> bool:
        """Whether the caller may not cancel it: whoever has queued the run may, whatever single replies say."""
        is_refused = isinstance(self._refusal, (ForbiddenError, UnauthorizedError))
        return not self._is_there and not self._accepted and is_refused


def _time_for_an_answer(deadline: Deadline) -> float:
    return max(deadline.left, _SHORTEST_LOOK)
