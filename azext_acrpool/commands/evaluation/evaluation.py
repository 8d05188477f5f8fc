"""One evaluation of the autoscale policies of agent pools: read, decide, ask for it, look again.

At most six requests for a pool, whatever the registry's history: finding the registry, its pools, its runs that have
not ended, its newest runs, the change, and the look after scaling in. What follows an operation to its end comes on
top, where a run came in the moment of scaling in; so do sending again what a fault has lost, and a service that filters
runs by one status only, which nobody has recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from azure.cli.core import azclierror

from ...client.errors import AcrError
from ...client.pool_activity import run_record
from ...pool import Pool
from ...scaling.rules import Action
from ...scaling.tags import has_policy
from ..console.errors import CommandError
from .changing import Changer
from .deciding import Decider
from .going_back import GoingBack
from .outcome import Evaluation
from .telling import line_of

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import Run

    from ...client.registries import RegistryId
    from ..session import Session

__all__ = ["Evaluation", "evaluate", "scale_out"]


def evaluate(
    session: Session, registry: RegistryId, pool_names: tuple[str, ...], *, what_if: bool = False
) -> list[Evaluation]:
    """Evaluate the policies of these pools, of all that have one if none is named. `what_if`: change nothing.

    Raises CommandError if a named pool has none, AcrErrors for what is about all of the pools; what is about one is in
    its evaluation.
    """
    decider = Decider(session, registry)
    evaluations = decider.decide(_choose(decider, pool_names))
    return evaluations if what_if else _carry_out(session, registry, decider, evaluations)


def scale_out(session: Session, registry: RegistryId, pool_name: str, *, run: Run | None = None) -> Evaluation | None:
    """Let a pool grow if its policy says so, for a run that is queued; it is never scaled in. None: it has no policy.

    `run` is the run as the service has just shown it, which its lists may not show yet. Raises AcrErrors; what is about
    the policy is in the evaluation. A first interruption is put off while the change is asked for: aside, the session
    has others.
    """
    decider = Decider(session, registry)
    # Nobody has recorded that the reply to scheduleRun names the pool.
    queued = [replace(run_record(run), pool=pool_name)] if run else []
    evaluation = next(iter(decider.decide([decider.find(pool_name)], queued)), None)
    if evaluation is None or evaluation.action is not Action.SCALE_OUT:
        return evaluation
    with session.interrupts.deferred():
        return Changer(session, registry, decider.read_at).carry_out(evaluation)


def _choose(decider: Decider, names: Sequence[str]) -> list[Pool]:
    if not names:
        return list(decider.pools)
    chosen = [decider.find(name) for name in names]
    for pool in chosen:
        if not has_policy(pool):
            raise CommandError(
                azclierror.ValidationError(
                    f"Agent pool '{pool.name}' has no autoscale policy.",
                    f"Give it one with: {pool.az_command('autoscale enable', '--max-count', 'N')}",
                )
            )
    return chosen


def _carry_out(
    session: Session, registry: RegistryId, decider: Decider, evaluations: Sequence[Evaluation]
) -> list[Evaluation]:
    changer = Changer(session, registry, decider.read_at)
    back = GoingBack(session, registry, decider, changer)
    done: list[Evaluation] = []
    # A first interruption is put off until it is known whether a run waits for what was taken away.
    try:
        with session.interrupts.deferred():
            done += map(changer.carry_out, evaluations)
            try:
                back.look_again(done)
            except AcrError as error:
                return [_not_looked_at_again(evaluation, error) for evaluation in done]
        return [back.go_back(evaluation) for evaluation in done]
    except KeyboardInterrupt:
        for evaluation in done:
            if evaluation.is_carried_out:
                session.narrator.say(line_of(evaluation))
        back.tell_left()
        raise


def _not_looked_at_again(evaluation: Evaluation, error: AcrError) -> Evaluation:
    if not (evaluation.is_carried_out and evaluation.action is Action.SCALE_IN):
        return evaluation
    return evaluation.failed_by(error, "it is scaled in, and whether a run came meanwhile could not be read")
