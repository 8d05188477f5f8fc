"""What to do about a pool's size before and after a run. Pure: what is known comes in, what to ask for goes out.

The pool itself keeps the record, in a tag: whoever scales it up writes down what to go back to, and whoever finishes
last goes back to it and removes the tag. So builds that know nothing of each other agree, and a build that was killed
leaves a record that the next one carries out.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from ...client.pools import AgentPoolChanges

__all__ = ["RECORD_TAG", "CapacityRecord", "Plan", "PoolNow", "Step", "plan_raise", "plan_restore"]

RECORD_TAG: Final = "acrpool-restore-count"
_RECORD: Final = re.compile(r"(\d+) \(raised to (\d+)\)")
_BUSY: Final = ("creating", "updating")
_USELESS: Final = ("failed", "deleting", "canceled")


@dataclass(frozen=True)
class CapacityRecord:
    """``restore``: how many instances the pool had; ``raised``: how many it was given."""

    restore: int
    raised: int

    def __str__(self) -> str:
        """As in the tag, so that a person who looks at the pool understands it."""
        return f"{self.restore} (raised to {self.raised})"

    @classmethod
    def parse(cls, text: str) -> "CapacityRecord | None":
        """The record in a tag; None if it is not one."""
        match = _RECORD.fullmatch(text.strip())
        return cls(int(match[1]), int(match[2])) if match else None


@dataclass(frozen=True)
class PoolNow:
    """A pool's size, provisioning state and tags."""

    count: int
    state: str = "Succeeded"
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_busy(self) -> bool:
        """Whether an operation on the pool is under way."""
        return self.state.lower() in _BUSY

    @property
    def is_useless(self) -> bool:
        """Whether the pool can neither run anything nor be changed."""
        return self.state.lower() in _USELESS

    @property
    def record(self) -> CapacityRecord | None:
        """What the tag says. Names of tags have no case."""
        found = [value for name, value in self.tags.items() if name.lower() == RECORD_TAG]
        return CapacityRecord.parse(found[0]) if found else None

    @property
    def other_tags(self) -> dict[str, str]:
        """All tags but the record: a PATCH of tags replaces all of them."""
        return {name: value for name, value in self.tags.items() if name.lower() != RECORD_TAG}


class Step(Enum):
    """What comes next."""

    NOTHING = "nothing"
    WAIT = "wait for the operation that is under way"
    CHANGE = "change the pool"


@dataclass(frozen=True)
class Plan:
    """The next step; ``changes`` with CHANGE, ``reason`` where a user wonders why."""

    step: Step
    changes: AgentPoolChanges = field(default_factory=AgentPoolChanges)
    reason: str = ""


def plan_raise(pool: PoolNow, wanted: int, *, keep: bool) -> Plan:
    """How to get ``wanted`` instances. With ``keep`` nothing is recorded, since nobody shall go back."""
    if pool.is_useless:
        return Plan(Step.NOTHING, reason=f"is in state {pool.state}")
    if pool.is_busy:
        return Plan(Step.WAIT)
    if pool.count >= wanted:
        return Plan(Step.NOTHING)
    if keep:
        tags = pool.other_tags if pool.record else None
        return Plan(Step.CHANGE, AgentPoolChanges(wanted, tags))
    before = pool.record
    # A record that does not fit the count was made void by whoever changed the count.
    restore = before.restore if before and before.raised == pool.count else pool.count
    record = CapacityRecord(restore, wanted)
    return Plan(Step.CHANGE, AgentPoolChanges(wanted, {**pool.other_tags, RECORD_TAG: str(record)}))


def plan_restore(pool: PoolNow, active_runs: Sequence[str], *, own_operation: bool) -> Plan:
    """How to go back, if it is for us to do; ``own_operation`` is whether we began what is under way."""
    record = pool.record
    if record is None:
        return Plan(Step.NOTHING)
    if pool.is_useless:
        return Plan(Step.NOTHING, reason=f"it is in state {pool.state}")
    if active_runs:
        return Plan(Step.NOTHING, reason=f"it is in use by {', '.join(active_runs)}")
    if pool.is_busy:
        return Plan(Step.WAIT) if own_operation else Plan(Step.NOTHING, reason="somebody else is scaling it")
    if pool.count != record.raised:
        # Somebody decided on another count meanwhile: that stays, and the record goes.
        return Plan(Step.CHANGE, AgentPoolChanges(None, pool.other_tags))
    return Plan(Step.CHANGE, AgentPoolChanges(record.restore, pool.other_tags))
