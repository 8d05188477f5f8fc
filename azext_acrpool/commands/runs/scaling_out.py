"""Letting an agent pool grow for a run, as its autoscale policy says: once it is queued, and again while it waits.

An attempt may come too early (the pool is being scaled in just then), be lost or find the quota used up: while somebody
follows the run, it is repeated. It never fails the run, which may find an agent all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ...client.errors import AcrError
from ...client.operations.operation import OperationKind
from ...client.pools import USUAL_DURATIONS
from ...clock import Deadline
from ...pool import Pool
from ...scaling.tags import has_policy
from ..console.interrupts import Interrupts

if TYPE_CHECKING:
    from ..evaluation.evaluation import Evaluation
    from ..session import Session
    from .ending import FollowedRun
    from .pool import RunPool

__all__ = ["ScalingOut"]

# Seconds. A run that finds an idle instance is taken within these, and needs nothing; and builds of a matrix are queued
# within these of each other: a pool that grew for the first alone would take no other change until it is done.
_HEAD_START: Final = 10.0
_EVERY: Final = 60.0
# An attempt takes no longer than until the next one is due.
_ATTEMPT_LIMIT: Final = 60.0
_SETTLES_WITHIN: Final = 10.0
_LOOK_EVERY: Final = 0.25
_TRIED_AGAIN: Final = "That is tried again while the run waits."


class ScalingOut:
    """The growth of the pool `target`, of which `pool` is what was read last, None if it could not be read.

    `decision` is why the policy has left the pool as it is, as a clause, "" if it has not, or that is not known.
    """

    def __init__(self, session: Session, target: RunPool, pool: Pool | None) -> None:
        self._session = session
        self._target = target
        self._pool = pool
        # A pool that could not be read may have a policy.
        self._is_wanted = pool is None or has_policy(pool)
        self._due = 0.0
        self._is_trying = False
        self._has_tried = False
        self._told = ""
        self.decision = ""

    def while_queued(self, followed: FollowedRun) -> Callable[[], None]:
        """What to call every second or two while the run that was just queued waits: it tries, aside, when due."""
        self._due = self._session.clock.monotonic() + _HEAD_START
        # Attempts before were for the run that this one is in place of.
        self._has_tried = False
        return lambda: self._try_when_due(followed)

    def leave(self, followed: FollowedRun) -> None:
        """Try, unless that was done, where nobody stays to try again, and say what could not be done.

        A first interruption is put off until that is told.
        """
        if self._is_wanted and not self._has_tried:
            with self._session.interrupts.deferred():
                self._try(self._session, followed, is_last=True)

    @contextmanager
    def settled(self) -> Iterator[None]:
        """At the end, wait a little for what is under way aside: the user shall know what the command has begun."""
        try:
            yield
        finally:
            self._settle()

    def _try_when_due(self, followed: FollowedRun) -> None:
        now = self._session.clock.monotonic()
        if self._is_wanted and not self._is_trying and now >= self._due:
            self._due = now + _EVERY
            self._is_trying = self._has_tried = True
            self._session.start_aside(lambda: self._try_aside(followed))

    def _try_aside(self, followed: FollowedRun) -> None:
        session = self._session
        # Interruptions are for the main thread to heed, or to put off.
        beside = replace(session, connect=lambda: session.arm, interrupts=Interrupts())
        try:
            self._try(beside, followed, is_last=False)
        finally:
            self._is_trying = False

    def _settle(self) -> None:
        deadline = Deadline(self._session.clock, _SETTLES_WITHIN)
        # Who interrupts does not want to wait; the command ends anyway.
        with suppress(KeyboardInterrupt):
            while self._is_trying and deadline.left:
                self._session.clock.sleep(_LOOK_EVERY)
        if self._is_trying:
            self._say(f"may be scaled out by its autoscale policy. See with: {self._target.az_command('show')}")

    def _try(self, session: Session, followed: FollowedRun, *, is_last: bool) -> None:
        # Few pools have a policy: the others do without what evaluates it.
        from ..evaluation.evaluation import scale_out

        target = self._target
        limited = session.until(Deadline(session.clock, _ATTEMPT_LIMIT))
        try:
            evaluation = scale_out(limited, target.registry, target.name, run=followed.run)
        except AcrError as error:
            # Of a pool that could not be read, nobody knows whether it has a policy: that it was not was told.
            if self._pool is not None:
                self._tell_not_done(str(error), self._prospect(is_last))
            return
        if evaluation is None:
            self._is_wanted = False
            return
        self._tell(evaluation, is_last=is_last)

    def _tell(self, evaluation: Evaluation, *, is_last: bool) -> None:
        from ...scaling.rules import Action
        from ..evaluation.telling import line_of

        decision = evaluation.decision
        self.decision = decision.reason if decision and decision.action is Action.NONE else ""
        if evaluation.problem:
            self._tell_not_done(evaluation.problem, *evaluation.advice, *(() if is_last else (_TRIED_AGAIN,)))
        elif evaluation.is_carried_out:
            self._told = ""
            usual = USUAL_DURATIONS[OperationKind.UPDATE]
            self._session.narrator.say(f"{line_of(evaluation)} (by its autoscale policy; {usual})")
        elif is_last and decision and (evaluation.is_contested or not evaluation.pool.takes_runs):
            reason = "somebody else is changing it" if evaluation.is_contested else decision.reason
            self._tell_not_done(reason, self._prospect(is_last))

    def _prospect(self, is_last: bool) -> str:
        again = f"Evaluate its policy again with: {self._target.az_command('autoscale run')}"
        return again if is_last else _TRIED_AGAIN

    def _tell_not_done(self, reason: str, *advice: str) -> None:
        """Tell it, unless it was told last."""
        if reason != self._told:
            end = "" if reason.endswith(".") else "."
            self._say(" ".join([f"is not scaled out by its autoscale policy: {reason}{end}", *advice]))
        self._told = reason

    def _say(self, text: str) -> None:
        self._session.narrator.say(f"Agent pool '{self._target.name}' {text}")
