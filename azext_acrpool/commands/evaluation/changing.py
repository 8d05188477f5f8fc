"""Asking the service for the number of instances that was decided, and knowing what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from ...client.errors import AcrError, ConflictError, OperationTimeoutError
from ...client.operations.operation import Operation, OperationKind
from ...client.pools import USUAL_DURATIONS, AgentPoolChanges, AgentPools, read_pool
from ...pool import Pool
from ...scaling.rules import Action
from ...wording import counted, format_duration
from ..console.narrator import OperationProgress
from .outcome import Evaluation

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import AgentPool

    from ...client.registries import RegistryId
    from ..session import Session

__all__ = ["Changer"]

# Seconds. A run may have come and got an agent unseen in the first, in which each of the few requests takes a moment;
# in the second, somebody else may have let the pool grow beyond what is asked for (recorded: 5 minutes at least).
_STALE: Final = {Action.SCALE_IN: 90.0, Action.SCALE_OUT: 240.0}


@dataclass(frozen=True)
class Changer:
    """Changes pools of a registry. What was decided about them rests on what was read from `read_at` on."""

    session: Session
    registry: RegistryId
    read_at: datetime
    _operations: dict[str, Operation[AgentPool]] = field(default_factory=dict)

    def carry_out(self, evaluation: Evaluation) -> Evaluation:
        """What came of asking for what was decided: one request, and one more if its reply says too little.

        Somebody else's change is none of our business, and no failure: whoever it is, the next evaluation sees.
        """
        decision = evaluation.decision
        if decision is None or decision.action is Action.NONE or evaluation.problem:
            return evaluation
        is_in = decision.action is Action.SCALE_IN
        if (age := self._age) > _STALE[decision.action]:
            how = "in" if is_in else "out"
            return evaluation.failed(
                f"what was read of its runs is {format_duration(age)} old, too old to scale it {how}"
            )
        name, changes = evaluation.pool.name, AgentPoolChanges(count=decision.count)
        try:
            # Asked again after a pause, it could take the agent of a run that has begun in it.
            self._operations[name] = self._pools.update(self.registry, name, changes, retry=not is_in)
        except AcrError as error:
            return self._after_refusal(evaluation, changes, error)
        return replace(evaluation, is_carried_out=True)

    def wait(self, evaluation: Evaluation) -> Pool:
        """The pool once what was asked for it last is done. Raises OperationErrors, AcrErrors."""
        name, narrator = evaluation.pool.name, self.session.narrator
        progress = OperationProgress(narrator, f"Agent pool '{name}'", USUAL_DURATIONS[OperationKind.UPDATE])
        with progress.following():
            model = self._operations[name].wait(self.session.clock, on_progress=progress)
        return read_pool(model, self.registry.name)

    @property
    def _age(self) -> float:
        """Seconds for which a machine may have slept, or a network kept us waiting."""
        return abs((self.session.clock.now() - self.read_at).total_seconds())

    @property
    def _pools(self) -> AgentPools:
        return AgentPools(self.session.arm)

    def _after_refusal(self, evaluation: Evaluation, changes: AgentPoolChanges, error: AcrError) -> Evaluation:
        """A request that was sent again after a lost reply is refused because of what it began itself: a look tells."""
        pool, shown = evaluation.pool, None
        instances = counted(changes.count or 0, "instance")
        if error.leaves_doubt or isinstance(error, OperationTimeoutError):
            try:
                shown = read_pool(self._pools.get(self.registry, pool.name, retry=False), self.registry.name)
            except AcrError as unread:
                return evaluation.failed(
                    f"it may be scaled to {instances}: the service was asked, but did not say ({error.message}), and "
                    f"what is there now could not be read: {unread.message}",
                    f"See whether it is with: {pool.az_command('show')}",
                )
        if shown and changes.are_shown_by(shown):
            self._operations[pool.name] = self._pools.follow(OperationKind.UPDATE, self.registry, pool.name)
            return replace(evaluation, is_carried_out=True)
        if isinstance(error, ConflictError) or (shown and shown.is_changing):
            return replace(evaluation, is_contested=True)
        return evaluation.failed_by(error, f"it could not be scaled to {instances}")
