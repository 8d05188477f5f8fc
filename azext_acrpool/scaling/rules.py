"""What an evaluation of a policy comes to. Pure: the pool, its policy and its runs come in, one decision goes out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
from math import ceil, isinf

from ..pool import Pool
from ..wording import counted, format_duration, printable
from .activity import Activity
from .capacity_record import CapacityRecord
from .drain import Drain
from .policy import Policy

__all__ = ["Action", "Decision", "decide"]


class Action(str, Enum):
    """What is asked of the service."""

    NONE = "none"
    SCALE_OUT = "scaleOut"
    SCALE_IN = "scaleIn"


@dataclass(frozen=True)
class Decision:
    """`count` is how many instances are asked for, the present number with NONE. `reason` is a clause for people.

    `is_problem`: the policy cannot be followed, for a reason that somebody has to see to (a Failed pool, unknown
    times): the evaluation has failed. `until` is when, if nothing happens, another decision may come out; None: never.
    `warning` is what goes on costing and nobody else tells of, "" for nothing. `rests_on_ended`: it was made by what is
    known of runs that have ended, and another may come out where more is known of them.
    """

    action: Action
    count: int
    reason: str
    is_problem: bool = False
    until: datetime | None = None
    warning: str = ""
    rests_on_ended: bool = field(default=False, compare=False)


def decide(pool: Pool, policy: Policy, activity: Activity, *, fitting: int | None = None) -> Decision:
    """What the policy asks for now. `fitting` is the count that the vCPU quota has room for, None for any.

    Out, in one jump, to what queued and running runs need, if waiting for the present instances takes longer than
    growing (unknown: it does); to the minimum of now at once. In, to the minimum of now, if nothing is queued or runs
    and nothing did for the idle time, nor was the pool changed. The record of `--ensure-capacity` is a floor.
    """
    if pool.is_being_deleted:
        return Decision(Action.NONE, pool.count, "it is being deleted")
    if pool.is_changing:
        return Decision(Action.NONE, pool.count, "it is being changed")
    if pool.is_failed:
        why = f"it is in state Failed and cannot be changed; see why: {pool.az_command('check-health')}"
        return Decision(Action.NONE, pool.count, why, is_problem=True)
    if pool.state and not (pool.is_ready or pool.was_canceled):
        why = f"its state is '{printable(pool.state)}', of which nothing is known"
        return Decision(Action.NONE, pool.count, why, is_problem=True)
    case = _Case.of(pool, policy, activity, fitting)
    return _scale_out(case) or _repeat_broken_off(case) or _keep_in_use(case) or _keep_minimum(case) or _scale_in(case)


@dataclass(frozen=True)
class _Case:
    """What the rules go by. Pools are given at least the `minimum` and at most the `maximum` of now, as far as the
    quota goes, of which `fitting` is what it has room for; they keep at least `kept` instances.
    """

    pool: Pool
    policy: Policy
    activity: Activity
    minimum: int
    maximum: int
    fitting: int | None
    kept: int

    @classmethod
    def of(cls, pool: Pool, policy: Policy, activity: Activity, fitting: int | None) -> _Case:
        bounds = policy.bounds_at(activity.seen)
        record = CapacityRecord.of(pool)
        # A record that does not fit the count was made void by whoever scaled the pool in.
        raised = record.raised if record and record.raised <= pool.count else 0
        return cls(pool, policy, activity, bounds.minimum, bounds.maximum, fitting, max(bounds.minimum, raised))

    @property
    def needed(self) -> int:
        """How many instances would do for the runs that have not ended."""
        return ceil(self.activity.active / self.policy.runs_per_instance)

    @property
    def limit(self) -> int:
        """The most instances that are asked for."""
        return self.maximum if self.fitting is None else min(self.maximum, self.fitting)

    @property
    def limited_by(self) -> str:
        """Why not more, as a clause."""
        if self.limit == self.maximum:
            return f"the maximum of now is {self.maximum}"
        return f"the vCPU quota has room for {self.limit}"

    def may_be_asked_for(self, count: int) -> bool:
        """Whether that many instances leave each run its own. Where the last change was broken off there may be more
        than the pool says, and that many would be fewer.
        """
        return not self.pool.was_canceled or count >= len(self.activity.running)

    @property
    def demand(self) -> str:
        """What needs how many instances, and what stands against it, as a clause."""
        queued, running = self.activity.queued, len(self.activity.running)
        parts = [f"{count} {state}" for count, state in ((queued, "queued"), (running, "running")) if count]
        runs, need = ("run", "needs") if queued + running == 1 else ("runs", "need")
        clause = f"{' and '.join(parts)} {runs} {need} {counted(self.needed, 'instance')}"
        return f"{clause}, {self.limited_by}" if self.needed > self.limit else clause

    @property
    def lack(self) -> str:
        """The minimum, and what stands against it, as a clause."""
        clause = f"the minimum of now is {self.minimum}"
        return f"{clause}, {self.limited_by}" if self.minimum > self.limit else clause

    def change(self, action: Action, count: int, reason: str, *others: datetime | None) -> Decision:
        """A change that is asked for until the bounds are others or it is one of the `others`."""
        return Decision(action, count, reason, until=self._earliest(others))

    def stay(self, reason: str, *others: datetime | None, is_problem: bool = False, warning: str = "") -> Decision:
        """No change until the bounds are others or it is one of the `others`."""
        until = self._earliest(others)
        return Decision(Action.NONE, self.pool.count, reason, is_problem=is_problem, until=until, warning=warning)

    def _earliest(self, moments: Iterable[datetime | None]) -> datetime | None:
        moments = (self.policy.next_change(self.activity.seen), *moments)
        return min((moment for moment in moments if moment), default=None)


def _scale_out(case: _Case) -> Decision | None:
    """More instances, or why not although the runs need more and may have them; None if neither is so."""
    count = case.pool.count
    wanted = min(max(case.needed, case.minimum), case.limit)
    if wanted <= count or not case.may_be_asked_for(wanted):
        return None
    # The minimum is not weighed against waiting: it is there for runs that nobody knows of yet.
    if count < case.minimum:
        return case.change(Action.SCALE_OUT, wanted, case.demand if case.needed >= case.minimum else case.lack)
    # Nobody knows how many there are where the last change was broken off.
    if not count or case.pool.was_canceled:
        return case.change(Action.SCALE_OUT, wanted, case.demand)
    return replace(_scale_out_if_waiting_takes_longer(case, wanted), rests_on_ended=True)


def _scale_out_if_waiting_takes_longer(case: _Case, wanted: int) -> Decision:
    activity, drain = case.activity, Drain(case.activity.durations)
    wait = drain.wait(case.pool.count, activity.running, activity.queued)
    expected_until = _after(activity.seen, drain.holds_for(activity.running))
    if wait is None or activity.growth is None:
        return case.change(Action.SCALE_OUT, wanted, case.demand, expected_until)
    if wait <= activity.growth:
        reason = f"all runs would have an agent within {_span(wait)}, growing takes {_span(activity.growth)}"
        return case.stay(reason, expected_until)
    is_soon_enough = _after(activity.seen, wait - activity.growth)
    return case.change(Action.SCALE_OUT, wanted, case.demand, expected_until, is_soon_enough)


def _repeat_broken_off(case: _Case) -> Decision | None:
    """The last change again if it was broken off and runs wait: the pool may have fewer instances than it says."""
    count, queued = case.pool.count, case.activity.queued
    if not (case.pool.was_canceled and count and queued and case.may_be_asked_for(count)):
        return None
    waiting = f"{counted(queued, 'run')} {'waits' if queued == 1 else 'wait'}"
    return case.change(Action.SCALE_OUT, count, f"its last change was broken off, and {waiting}")


def _keep_in_use(case: _Case) -> Decision | None:
    """No instance fewer while a run has not ended: which one goes is the service's to say."""
    count = case.pool.count
    if not case.activity.active:
        return None
    if not count and case.limit == 0 < case.maximum:
        hint = "if the registry's was raised, 'autoscale enable' takes it with --vcpu-quota"
        return case.stay(f"{case.demand}: {hint}", is_problem=True)
    if case.needed >= count:
        return case.stay(case.demand)
    return case.stay(f"{case.demand}, and none of {count} goes while a run is active")


def _keep_minimum(case: _Case) -> Decision | None:
    """No instance fewer than the minimum of now."""
    if case.pool.count > case.minimum or case.pool.was_canceled:
        return None
    return case.stay(f"nothing is queued or runs, and {case.lack}")


def _scale_in(case: _Case) -> Decision:
    """Fewer instances if the pool, of which no run is active, has been idle for long enough."""
    activity, idle_time = case.activity, case.policy.idle_time
    # What lies ahead by the clock of whoever wrote it is now.
    times = [min(moment, activity.seen) for moment in (activity.last_busy, case.pool.modified) if moment]
    since = max(times, default=None)
    if since and activity.seen < since + idle_time:
        idle = (activity.seen - since).total_seconds()
        decision = case.stay(f"idle for {_span(idle)} of {_span(idle_time.total_seconds())}", since + idle_time)
    else:
        decision = _idle_time_unknown(case, since) or _kept_by_record(case, since) or _after_idle_time(case)
    return replace(decision, rests_on_ended=True)


def _idle_time_unknown(case: _Case, since: datetime | None) -> Decision | None:
    """A problem if it may not have been idle for as long; `since` is when it was last busy or changed, if known.

    A run that is not among the newest and has ended since is not known of either. All that comes of it is that the pool
    is scaled in too soon after it.
    """
    activity, known_since = case.activity, case.activity.known_since
    if known_since and not activity.last_busy and activity.seen < known_since + case.policy.idle_time:
        reach = max(0.0, (activity.seen - known_since).total_seconds())
        why = f"the registry's newest runs reach back {_span(reach)} only: whether it was idle before is not known"
        return case.stay(why, known_since + case.policy.idle_time, is_problem=True)
    return None if since else case.stay("when it was last busy or changed is not known", is_problem=True)


def _kept_by_record(case: _Case, since: datetime | None) -> Decision | None:
    """No instance fewer than the record of `--ensure-capacity` says, which is told: nobody else may see to it."""
    pool = case.pool
    if pool.count > case.kept or pool.was_canceled or since is None:
        return None
    idle = _span((case.activity.seen - since).total_seconds())
    return case.stay(
        f"--ensure-capacity raised it to {counted(case.kept, 'instance')}, which it keeps",
        warning=f"It has been idle for {idle}, and only the record of --ensure-capacity keeps {pool.instances}: a build"
        " that was killed leaves it behind. If none needs them:"
        f" {pool.az_command('update', '--count', str(case.minimum))}",
    )


def _after_idle_time(case: _Case) -> Decision:
    idle = _span(case.policy.idle_time.total_seconds())
    return case.change(Action.SCALE_IN, min(case.pool.count, case.kept), f"nothing was queued or ran for {idle}")


def _after(seen: datetime, seconds: float) -> datetime | None:
    """That many seconds later, None if they are infinite; rather earlier than later, and within a year."""
    return None if isinf(seconds) else seen + min(timedelta(days=366), timedelta(microseconds=int(seconds * 1e6)))


def _span(seconds: float) -> str:
    """Whole minutes from one on: no figure here is known better.

    >>> _span(59.9), _span(60), _span(299), _span(3600), _span(5400)
    ('59 s', '1 min', '4 min', '1 h', '1 h 30 min')
    """
    if seconds < 60:
        return format_duration(seconds)
    return format_duration(seconds // 60 * 60).removesuffix(" 0 s").removesuffix(" 0 min")
