"""What to do about a pool's size before and after a run. Pure: what is known comes in, what to ask for goes out.

The pool itself keeps the record, in a tag: whoever scales it up writes down what to go back to, and whoever finishes
last goes back to it and removes the tag. So builds that know nothing of each other agree, and a build that was killed
leaves a record that the next one carries out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from ...client.pools import AgentPoolChanges
from ...pool import Pool
from ...scaling.capacity_record import RECORD_TAG, CapacityRecord
from ...wording import listed

__all__ = ["Plan", "Step", "plan_restore", "plan_scale_up"]


def _other_tags(pool: Pool) -> dict[str, str]:
    """All tags but the record: a PATCH of tags replaces all of them."""
    return pool.tags_besides(RECORD_TAG)


class Step(Enum):
    """What comes next."""

    NOTHING = "nothing"
    WAIT = "wait for the operation that is under way"
    CHANGE = "change the pool"


@dataclass(frozen=True)
class Plan:
    """The next step; `changes` with CHANGE, `reason` where a user wonders why."""

    step: Step
    changes: AgentPoolChanges = field(default_factory=AgentPoolChanges)
    reason: str = ""


def plan_scale_up(pool: Pool, wanted: int, *, keep: bool) -> Plan:
    """How to get `wanted` instances. With `keep` nothing is recorded, since nobody shall go back."""
    if pool.is_being_deleted or pool.is_failed:
        return Plan(Step.NOTHING)
    if pool.is_changing:
        return Plan(Step.WAIT)
    record = CapacityRecord.of(pool)
    if pool.count >= wanted:
        if keep and record and record.restore < wanted:
            # Whoever raised it would take away again what is to be kept.
            return Plan(Step.CHANGE, AgentPoolChanges(None, _other_tags(pool)))
        # It may have fewer instances than it says.
        return Plan(Step.CHANGE, AgentPoolChanges(pool.count)) if pool.was_canceled else Plan(Step.NOTHING)
    if keep:
        return Plan(Step.CHANGE, AgentPoolChanges(wanted, _other_tags(pool) if record else None))
    # A record that does not fit the count was made void by whoever changed the count.
    restore = record.restore if record and record.raised == pool.count else pool.count
    tags = {**_other_tags(pool), RECORD_TAG: str(CapacityRecord(restore, wanted))}
    return Plan(Step.CHANGE, AgentPoolChanges(wanted, tags))


def plan_restore(pool: Pool, active_runs: Sequence[str], *, own_operation: bool, minimum: int = 0) -> Plan:
    """How to go back, if it is for us to do; `own_operation` is whether we began what is under way.

    `minimum` is how many instances the pool's autoscale policy keeps now, at least: it would scale out to them again.
    """
    record = CapacityRecord.of(pool)
    if record is None:
        return Plan(Step.NOTHING)
    if pool.is_being_deleted or pool.is_failed:
        return Plan(Step.NOTHING, reason=f"it is in state {pool.state}")
    if active_runs:
        return Plan(Step.NOTHING, reason=f"it is in use by {listed(active_runs)}")
    if pool.is_changing:
        return Plan(Step.WAIT) if own_operation else Plan(Step.NOTHING, reason="somebody else is scaling it")
    count = max(record.restore, minimum)
    if pool.count != record.raised or count >= pool.count:
        # Somebody decided on another count meanwhile: that stays, and the record goes.
        return Plan(Step.CHANGE, AgentPoolChanges(None, _other_tags(pool)))
    return Plan(Step.CHANGE, AgentPoolChanges(count, _other_tags(pool)))
