"""`--ensure-capacity`: giving an agent pool enough instances for a run, and taking them away again.

Going back is safe against a build that begins meanwhile, without any lock: we change the pool and then look for runs,
the other one queues its run and then looks at the pool. Whatever the order, at least one of the two sees what the other
did, and scales up again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from ...client.errors import (
    AcrError,
    ConflictError,
    InvalidReplyError,
    OperationFailedError,
    PoolNotFoundError,
    TransientError,
)
from ...client.operations.operation import OperationKind
from ...client.patience import RESTORE_BUDGET
from ...client.pools import USUAL_DURATIONS
from ...pool import Pool
from ...runlog.exits import is_over
from ...scaling.capacity_record import RECORD_TAG, CapacityRecord
from ...scaling.tags import allowed_at, has_policy
from ...web import Failures
from ...wording import counted, format_duration, listed
from ..console.errors import InterruptedCommandError, pool_failure_explained
from ..console.narrator import OperationProgress
from .capacity_plan import Plan, Step, plan_restore, plan_scale_up

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import AgentPool

    from ...client.operations.operation import Operation
    from ...client.runs import Runs
    from ..session import Session
    from .pool import RunPool
    from .queue import Submission

__all__ = ["Capacity", "ensured_capacity"]

# Each waits for an operation or for what refused us.
_ATTEMPTS: Final = 8
_AFTER_CONFLICT: Final = 5.0
# More runs than these are not looked at one by one: the pool is in use.
_DOUBTFUL: Final = 2


class Capacity:
    """A pool that shall have `wanted` instances while a run is there; `pool` is what was read of it last."""

    def __init__(self, target: RunPool, wanted: int, *, keep: bool, runs: Runs, session: Session) -> None:
        self.pool: Pool | None = None
        self._target = target
        self._wanted = wanted
        self._keep = keep
        self._runs = runs
        self._narrator = session.narrator
        self._clock = session.clock
        self._interrupts = session.interrupts
        self._began = False
        self._own_operation: Operation[AgentPool] | None = None
        self._has_raised = False
        # What the pool goes back to, as far as it is known.
        self._count_before: int | None = None
        # What the service was asked for to go back, until that shows.
        self._asked_for: Plan | None = None

    def ensure(self) -> None:
        """Return when the pool has the instances, or is in a state that no scaling helps. Raises AcrErrors."""
        self._began = True
        self._scale_up()

    def confirm(self) -> None:
        """See to it once more, now that the run is queued: somebody may have scaled the pool back in between."""
        try:
            pool = self._read()
            plan = plan_scale_up(pool, self._wanted, keep=self._keep)
            if pool.count < self._wanted and plan.step is not Step.NOTHING:
                self._say("was scaled down meanwhile and is scaled up again")
                self._scale_up()
        except AcrError as error:
            self._say(f"could not be scaled up again: {error}")

    def restore(self) -> None:
        """Give the instances back, if it is for us to do, whatever single replies say. Raises KeyboardInterrupt only.

        What cannot be done within its budget is told at a level that no quiet mode hides.
        """
        if self._keep or not self._began:
            return
        failures = Failures(RESTORE_BUDGET)
        try:
            while (error := self._try_to_restore()) is not None:
                pause = failures.pause(self._clock.monotonic(), error.retry_after)
                if pause is None:
                    self._tell_not_restored(error)
                    return
                self._say(f"could not be scaled back yet, and that is tried again in {format_duration(pause)}: {error}")
                self._clock.sleep(pause)
        except KeyboardInterrupt:
            self._alert("may not have been scaled back.")
            raise

    def _tell_not_restored(self, error: AcrError) -> None:
        if isinstance(error, PoolNotFoundError):
            self._say("does not exist any more: there is nothing to scale back")
        else:
            self._alert(f"could not be scaled back: {error}")

    def _try_to_restore(self) -> AcrError | None:
        try:
            self._restore()
        except AcrError as error:
            return error
        return None

    def _scale_up(self) -> None:
        for _ in range(_ATTEMPTS):
            pool = self._read()
            plan = plan_scale_up(pool, self._wanted, keep=self._keep)
            if plan.step is Step.NOTHING:
                self._own_operation = None
                return
            if plan.step is Step.WAIT and self._own_operation is not None:
                self._wait_for_own()
            elif plan.step is Step.WAIT:
                # How somebody else's change ends does not matter: the pool is looked at again.
                with suppress(OperationFailedError):
                    self._wait(self._target.follow())
            elif self._change(plan):
                self._has_raised = self._has_raised or pool.count < self._wanted
                self._say_scaled_up(pool)
                self._wait_for_own()
        raise ConflictError(
            f"Agent pool '{self._target.name}' could not be scaled up: it is being changed again and again."
        )

    def _say_scaled_up(self, before: Pool) -> None:
        if before.count < self._wanted:
            allowed = allowed_at(self._clock.now(), before)
            beyond = (
                f", more than the {allowed.maximum} that its autoscale policy allows now"
                if allowed and allowed.maximum < self._wanted
                else ""
            )
            self._say(f"is scaled up to {counted(self._wanted, 'instance')}{beyond}")
        elif before.was_canceled:
            self._say(f"is scaled to {before.instances} again: its last change was broken off")
        else:
            self._say(f"keeps its {before.instances}, which another build would have taken away again")

    def _restore(self) -> None:
        for _ in range(_ATTEMPTS):
            active = self._active_runs()
            plan = self._plan_restore(active)
            if plan.step is Step.NOTHING:
                if plan.reason:
                    self._alert(f"is not scaled back: {plan.reason}.", mark="WARNING")
                elif self._asked_for is not None:
                    # The reply to our change, or the look after it, was lost, but it was carried out.
                    self._after_restore(self._asked_for)
                elif self._is_raised:
                    self._tell_kept()
                return
            if plan.step is Step.WAIT:
                self._say("goes back once it has been scaled up (interrupt again to leave at once)")
                self._wait_for_own()
            else:
                self._asked_for = plan
                if self._change(plan):
                    self._require_shown(plan)
                    self._after_restore(plan)
                    return
        self._alert("could not be scaled back: it is being changed again and again.")

    def _plan_restore(self, active: Sequence[str]) -> Plan:
        pool = self._read()
        allowed = allowed_at(self._clock.now(), pool)
        return plan_restore(
            pool,
            active,
            own_operation=self._own_operation is not None,
            minimum=allowed.minimum if allowed else 0,
        )

    @property
    def _is_raised(self) -> bool:
        """Whether the pool has what we gave it, so that somebody who took the record away left it with that."""
        return self._has_raised and self.pool is not None and self.pool.count >= self._wanted

    def _require_shown(self, plan: Plan) -> None:
        """Raise InvalidReplyError if the pool does not show what the service has accepted: nobody looks again."""
        pool = self._read()
        # Other tags may differ: policies add theirs to what is asked for.
        if plan.changes.count not in (None, pool.count) or CapacityRecord.of(pool) is not None:
            raise InvalidReplyError(
                f"The service accepted it, but the pool still shows {pool.instances} and not what was asked for."
            )

    def _after_restore(self, plan: Plan) -> None:
        self._asked_for = None
        if plan.changes.count is None:
            is_autoscaled = self.pool is not None and has_policy(self.pool)
            who = "its autoscale policy or somebody" if is_autoscaled else "somebody"
            self._say(f"keeps the number of instances that {who} gave it meanwhile")
            return
        self._say(f"goes back to {counted(plan.changes.count, 'instance')}")
        newcomers = self._active_runs()
        if newcomers and plan.changes.count < self._wanted:
            self._say(f"is needed by {listed(newcomers)} and is scaled up again")
            self._wait_for_own()
            self._scale_up()

    def _change(self, plan: Plan) -> bool:
        """Begin to change the pool; whether the service accepted it.

        A first interruption is put off: what was asked for has to be known for it to be taken back.
        """
        try:
            with self._interrupts.deferred():
                self._own_operation = self._target.update(plan.changes)
        except AcrError as error:
            if not (isinstance(error, (ConflictError, TransientError)) or error.after_doubt):
                raise
            self._clock.sleep(_AFTER_CONFLICT)
            # It may have been carried out: what is under way then is ours. A request that was sent again after a lost
            # reply is refused because of what it began itself; else somebody was quicker.
            if error.leaves_doubt or plan.changes.are_in(self._read()):
                self._own_operation = self._target.follow()
            return False
        return True

    def _wait_for_own(self) -> None:
        if self._own_operation is None:
            return
        try:
            self._wait(self._own_operation)
        except OperationFailedError:
            # Whatever else ends the wait leaves it under way, and ours.
            self._own_operation = None
            raise
        self._own_operation = None

    def _wait(self, operation: Operation[AgentPool]) -> None:
        progress = OperationProgress(
            self._narrator, f"Agent pool '{self._target.name}'", USUAL_DURATIONS[OperationKind.UPDATE]
        )
        with progress.following():
            operation.wait(self._clock, on_progress=progress)

    def _read(self) -> Pool:
        self.pool = self._target.read()
        record = CapacityRecord.of(self.pool)
        if record is not None:
            self._count_before = record.restore
        elif self._count_before is None:
            self._count_before = self.pool.count
        return self.pool

    def _active_runs(self) -> tuple[str, ...]:
        """The runs on the pool that have not ended. A list may lag behind, so a single run is looked at itself."""
        run_ids = [active.run_id for active in self._target.active_runs()]
        if len(run_ids) > _DOUBTFUL:
            return tuple(run_ids)
        return tuple(run_id for run_id in run_ids if not is_over(self._runs.get(run_id)))

    def _say(self, text: str) -> None:
        self._narrator.say(f"Agent pool '{self._target.name}' {text}")

    def _alert(self, text: str, *, mark: str = "ERROR") -> None:
        """Tell of instances that go on costing, and what to type."""
        text = text if text.endswith(".") else f"{text}."
        self._narrator.alert(
            f"Agent pool '{self._target.name}' {text} The next build with --ensure-capacity to finish on it does so; "
            f"or {self._by_hand}",
            mark=mark,
        )

    def _tell_kept(self) -> None:
        """Tell of instances that nobody will take away, as nothing says any more what the pool had before."""
        self._narrator.alert(
            f"Agent pool '{self._target.name}' is not scaled back: its tag {RECORD_TAG}, which says to what, was taken "
            f"away. If nobody wants to keep the instances, {self._by_hand}",
            mark="WARNING",
        )

    @property
    def _by_hand(self) -> str:
        """What to type, as the end of a sentence."""
        if self._count_before is None:
            # The pool could not be read even once.
            return f"see what it has with: {self._target.az_command('show')}"
        return f"type: {self._target.az_command('update', '--count', str(self._count_before))}"


@contextmanager
def ensured_capacity(submission: Submission) -> Iterator[Capacity | None]:
    """The pool has the instances that the options ask for while inside; None if they ask for nothing.

    However the block ends, also by an interruption, the pool is scaled back if it is for us to do.
    """
    target, options = submission.pool, submission.options
    if target is None or options.ensure_capacity is None:
        yield None
        return
    capacity = Capacity(
        target,
        options.ensure_capacity,
        keep=options.keep_capacity,
        runs=submission.runs,
        session=submission.session,
    )
    try:
        with pool_failure_explained(target.registry, target.name, options.ensure_capacity):
            capacity.ensure()
        yield capacity
    except BaseException as reason:
        try:
            capacity.restore()
        except KeyboardInterrupt:
            raise reason from None
        raise
    try:
        capacity.restore()
    except KeyboardInterrupt:
        raise InterruptedCommandError(
            "Interrupted after the run had succeeded.", f"See the pool with: {target.az_command('show')}"
        ) from None
