"""What the policies of a registry's pools ask for now: pools and runs are read, nothing is changed.

At most three requests, for however many pools and whatever the registry's history: its pools, its runs that have not
ended and, only if a decision depends on what has ended, a page of the newest runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from ...client.pool_activity import RegistryRuns, read_active_runs, read_newest_runs
from ...client.pools import AgentPools, pick_pool, read_pool
from ...health.pool.quota import fitting_count
from ...pool import Pool
from ...scaling.activity import activity_of
from ...scaling.errors import PolicyError
from ...scaling.policy import Policy
from ...scaling.rules import Action, Decision, decide
from ...scaling.run_record import RunRecord
from .outcome import Evaluation

if TYPE_CHECKING:
    from ...client.registries import RegistryId
    from ..session import Session

__all__ = ["Decider"]

_TOO_MANY_RUNS: Final = "more runs of the registry have not ended than one page of their list shows"


@dataclass(frozen=True)
class _Subject:
    """A pool whose policy can be read."""

    pool: Pool
    policy: Policy


class Decider:
    """Decides about pools of one registry, all of which are read when it is made: one request. Raises AcrErrors.

    `pools` are all of them, `read_at` is since when what was decided is known, by this machine's clock.
    """

    def __init__(self, session: Session, registry: RegistryId) -> None:
        self._session = session
        self._registry = registry
        self.read_at = session.clock.now()
        self.pools = tuple(read_pool(model, registry.name) for model in AgentPools(session.arm).list(registry))
        # As they will be once what was decided is done: they share a quota.
        self._planned = list(self.pools)
        self._runs = RegistryRuns((), self.read_at, None)

    def find(self, name: str) -> Pool:
        """The pool `name`, in any case. Raises PoolNotFoundError."""
        return pick_pool(self.pools, self._registry, name)

    def decide(self, pools: Iterable[Pool], seen_queued: Iterable[RunRecord] = ()) -> list[Evaluation]:
        """What the policies of those of these pools ask for that have one. Raises AcrErrors.

        `seen_queued` are runs of which the caller knows, and which the service's list may not show yet.
        """
        readings = [reading for reading in map(_read_policy, pools) if reading is not None]
        if not any(isinstance(reading, _Subject) for reading in readings):
            return [reading for reading in readings if isinstance(reading, Evaluation)]
        active = read_active_runs(self._session.arm, self._registry, self._session.clock)
        # Whatever the lists say of a run is later than what the caller knows.
        self._runs = replace(active, runs=(*seen_queued, *active.runs))
        evaluations = self._decide_each(readings)
        if any(each.decision and each.decision.rests_on_ended for each in evaluations):
            self._runs = read_newest_runs(self._session.arm, self._registry, self._runs)
            evaluations = self._decide_each(readings)
        return evaluations

    def decide_again(self, evaluation: Evaluation, pool: Pool, active: RegistryRuns) -> Evaluation:
        """The same for a `pool` that is otherwise now, and runs that have come meanwhile; nothing is read."""
        # What had not ended then shows now, or has ended since.
        ended = (run for run in self._runs.runs if not run.is_active)
        self._runs = replace(active, runs=(*ended, *active.runs), known_since=self._runs.known_since)
        return self._decide(_Subject(pool, evaluation.policy)) if evaluation.policy else evaluation

    def _decide_each(self, readings: Sequence[_Subject | Evaluation]) -> list[Evaluation]:
        self._planned = list(self.pools)
        return [reading if isinstance(reading, Evaluation) else self._decide(reading) for reading in readings]

    def _decide(self, subject: _Subject) -> Evaluation:
        pool, policy, runs = subject.pool, subject.policy, self._runs
        activity = activity_of(pool, runs.runs, runs.seen, known_since=runs.known_since)
        fitting = fitting_count(pool, self._planned, policy.vcpu_quota)
        decision = decide(pool, policy, activity, fitting=fitting)
        evaluation = Evaluation(pool, policy, activity, decision)
        if decision.is_problem:
            return evaluation.failed(decision.reason, *_advice(pool))
        maximum = policy.bounds_at(activity.seen).maximum
        limit = maximum if fitting is None else min(maximum, fitting)
        if not runs.is_complete and _needs_all_runs(pool, decision, limit):
            return evaluation.failed(_TOO_MANY_RUNS)
        self._planned = [
            replace(other, count=decision.count) if other.name == pool.name else other for other in self._planned
        ]
        return evaluation


def _read_policy(pool: Pool) -> _Subject | Evaluation | None:
    try:
        policy = Policy.of(pool)
    except PolicyError as error:
        return Evaluation(pool).failed(str(error))
    return _Subject(pool, policy) if policy else None


def _needs_all_runs(pool: Pool, decision: Decision, limit: int) -> bool:
    """Whether runs that are not known might make it another decision, for a pool of at most `limit` instances.

    Those that are known are a demand at least.
    """
    might_grow = pool.can_be_changed and pool.count < limit
    return decision.action is Action.SCALE_IN or (decision.action is Action.NONE and might_grow)


def _advice(pool: Pool) -> tuple[str, ...]:
    if not pool.is_failed:
        return ()
    return (f"A Failed pool cannot be changed: delete it with `{pool.az_command('delete')}` and create it again.",)
