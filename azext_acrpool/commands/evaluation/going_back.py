"""After a pool was scaled in: a look whether a run came meanwhile, and scaling it out again if one did.

Safe against builds without any lock: an evaluation changes the pool and then looks for runs, a build queues its run and
then looks at the pool. Whatever the order, at least one of the two sees what the other did.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ...client.errors import AcrError, OperationFailedError
from ...client.pool_activity import read_active_runs
from ...pool import Pool
from ...scaling.rules import Action
from ...wording import counted
from ..console.errors import recommend_after_failure
from .changing import Changer
from .deciding import Decider
from .outcome import Evaluation

if TYPE_CHECKING:
    from ...client.registries import RegistryId
    from ..session import Session

__all__ = ["GoingBack"]


@dataclass(frozen=True)
class GoingBack:
    """Sees to it that no run waits in vain for what an evaluation took away."""

    session: Session
    registry: RegistryId
    decider: Decider
    changer: Changer
    # By the pool's name: how many instances it needs after all, until it has got them.
    _needed: dict[str, tuple[Pool, int]] = field(default_factory=dict)

    def look_again(self, evaluations: Sequence[Evaluation]) -> None:
        """See which pools need more than they were scaled in to: one request, if any was. Raises AcrErrors."""
        scaled_in = [each for each in evaluations if each.is_carried_out and each.action is Action.SCALE_IN]
        if not scaled_in:
            return
        active = read_active_runs(self.session.arm, self.registry, self.session.clock)
        for evaluation in scaled_in:
            count = evaluation.decision.count if evaluation.decision else 0
            pool = replace(evaluation.pool, count=count, state="Succeeded", modified=active.seen)
            decision = self.decider.decide_again(evaluation, pool, active).decision
            if decision is not None and decision.action is Action.SCALE_OUT:
                self._needed[pool.name] = (pool, decision.count)

    def go_back(self, evaluation: Evaluation) -> Evaluation:
        """Scale the pool out again if it needs it, which the service accepts once it is done with scaling it in."""
        pool, count = self._needed.get(evaluation.pool.name, (None, 0))
        if pool is None:
            return evaluation
        instances = counted(count, "instance")
        self.session.narrator.say(
            f"Agent pool '{pool.name}' is scaled in to {pool.instances}, but runs came meanwhile: then it goes back to "
            f"{instances}"
        )
        try:
            now = self.changer.wait(evaluation)
            changer = replace(self.changer, read_at=self.session.clock.now())
            active = read_active_runs(self.session.arm, self.registry, self.session.clock)
            done = changer.carry_out(self.decider.decide_again(evaluation, now, active))
        except AcrError as error:
            done = evaluation.failed_by(error, f"it was scaled in while runs came, and did not go back to {instances}")
            if isinstance(error, OperationFailedError):
                done = replace(done, advice=tuple(recommend_after_failure(self.registry, pool.name, error, count)))
        del self._needed[pool.name]
        if done.problem:
            return evaluation.failed(done.problem, *done.advice)
        # Else the runs have ended meanwhile, or somebody was quicker: nothing is left to do.
        has_gone_back = done.is_carried_out and done.action is Action.SCALE_OUT
        return replace(evaluation, went_back_to=done.decision.count if done.decision and has_gone_back else None)

    def tell_left(self) -> None:
        """Tell, at a level that no quiet mode hides, which pools have not gone back: somebody wants to leave."""
        for pool, count in self._needed.values():
            self.session.narrator.alert(
                f"Agent pool '{pool.name}' was scaled in to {pool.instances} when runs came, which need "
                f"{counted(count, 'instance')}. The next evaluation sees to it; or type: "
                f"{pool.az_command('update', '--count', str(count))}",
                mark="WARNING",
            )
