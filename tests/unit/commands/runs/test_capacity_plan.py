"""What `--ensure-capacity` decides: pool and record in, change out."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from azext_acrpool.client.pools import AgentPoolChanges
from azext_acrpool.commands.runs.capacity_plan import Step, plan_restore, plan_scale_up
from azext_acrpool.pool import Pool
from azext_acrpool.scaling.capacity_record import RECORD_TAG, CapacityRecord

TEAM = {"team": "build"}


def pool(count: int, state: str = "Succeeded", tags: Mapping[str, str] | None = None) -> Pool:
    return Pool("mypool", "myregistry", "S1", count, state, tags=tags)


def recorded(text: str) -> dict[str, str]:
    return {**TEAM, RECORD_TAG: text}


@pytest.mark.parametrize(
    ("found", "step", "changes"),
    [
        (pool(2), Step.NOTHING, None),
        (pool(3), Step.NOTHING, None),
        (pool(0, "Updating"), Step.WAIT, None),
        (pool(2, "Creating"), Step.WAIT, None),
        (pool(0, "Failed"), Step.NOTHING, None),
        (pool(0, "Deleting"), Step.NOTHING, None),
        (pool(0), Step.CHANGE, AgentPoolChanges(2, {RECORD_TAG: "0 (raised to 2)"})),
        (pool(1, tags=TEAM), Step.CHANGE, AgentPoolChanges(2, recorded("1 (raised to 2)"))),
        # Somebody raised it before us: what it had before that is what counts.
        (pool(1, tags=recorded("0 (raised to 1)")), Step.CHANGE, AgentPoolChanges(2, recorded("0 (raised to 2)"))),
        # Somebody changed the count by hand since: the record is void.
        (pool(1, tags=recorded("0 (raised to 5)")), Step.CHANGE, AgentPoolChanges(2, recorded("1 (raised to 2)"))),
        (pool(1, tags=recorded("nonsense")), Step.CHANGE, AgentPoolChanges(2, recorded("1 (raised to 2)"))),
        # The last change was broken off: the pool may have fewer instances than its count says.
        (pool(0, "Canceled"), Step.CHANGE, AgentPoolChanges(2, {RECORD_TAG: "0 (raised to 2)"})),
        (pool(2, "Canceled", TEAM), Step.CHANGE, AgentPoolChanges(2)),
        (pool(3, "Canceled"), Step.CHANGE, AgentPoolChanges(3)),
        (pool(2, "Canceled", recorded("0 (raised to 2)")), Step.CHANGE, AgentPoolChanges(2)),
    ],
)
def test_raising(found: Pool, step: Step, changes: AgentPoolChanges | None) -> None:
    plan = plan_scale_up(found, 2, keep=False)
    assert (plan.step, plan.changes) == (step, changes or AgentPoolChanges())


@pytest.mark.parametrize(("tags", "sent"), [({}, None), (TEAM, None), (recorded("0 (raised to 1)"), TEAM)])
def test_raising_to_stay_leaves_no_record(tags: dict[str, str], sent: dict[str, str] | None) -> None:
    assert plan_scale_up(pool(1, tags=tags), 2, keep=True).changes == AgentPoolChanges(2, sent)


@pytest.mark.parametrize(
    ("found", "active", "own", "step", "changes"),
    [
        (pool(2, tags=TEAM), (), False, Step.NOTHING, None),
        (pool(2, tags=recorded("0 (raised to 2)")), (), False, Step.CHANGE, AgentPoolChanges(0, TEAM)),
        (pool(2, tags={RECORD_TAG.upper(): "1 (raised to 2)"}), (), False, Step.CHANGE, AgentPoolChanges(1, {})),
        (pool(2, tags=recorded("0 (raised to 2)")), ("cf7",), False, Step.NOTHING, None),
        (pool(2, "Updating", recorded("0 (raised to 2)")), (), True, Step.WAIT, None),
        (pool(2, "Updating", recorded("0 (raised to 2)")), (), False, Step.NOTHING, None),
        (pool(2, "Failed", recorded("0 (raised to 2)")), (), True, Step.NOTHING, None),
        (pool(2, "Canceled", recorded("0 (raised to 2)")), (), True, Step.CHANGE, AgentPoolChanges(0, TEAM)),
        (pool(5, tags=recorded("0 (raised to 2)")), (), False, Step.CHANGE, AgentPoolChanges(None, TEAM)),
    ],
)
def test_going_back(
    found: Pool, active: tuple[str, ...], own: bool, step: Step, changes: AgentPoolChanges | None
) -> None:
    plan = plan_restore(found, active, own_operation=own)
    assert (plan.step, plan.changes) == (step, changes or AgentPoolChanges())


@pytest.mark.parametrize(
    ("minimum", "changes"),
    [
        (0, AgentPoolChanges(1, TEAM)),
        (1, AgentPoolChanges(1, TEAM)),
        (2, AgentPoolChanges(2, TEAM)),
        (3, AgentPoolChanges(None, TEAM)),
        (4, AgentPoolChanges(None, TEAM)),
    ],
)
def test_going_back_to_no_less_than_a_policy_keeps(minimum: int, changes: AgentPoolChanges) -> None:
    plan = plan_restore(pool(3, tags=recorded("1 (raised to 3)")), (), own_operation=False, minimum=minimum)
    assert (plan.step, plan.changes) == (Step.CHANGE, changes)


def test_a_run_that_keeps_the_pool_up_is_named() -> None:
    plan = plan_restore(pool(2, tags=recorded("0 (raised to 2)")), ("cf7", "cf9"), own_operation=False)
    assert plan.reason == "it is in use by cf7, cf9"


@pytest.mark.parametrize("record", [CapacityRecord(0, 1), CapacityRecord(12, 345)])
def test_a_record_survives_the_tag(record: CapacityRecord) -> None:
    assert CapacityRecord.of(pool(1, tags={RECORD_TAG: f" {record} "})) == record


@pytest.mark.parametrize("text", ["", "0", "-1 (raised to 2)", "0 (raised to 2) and more"])
def test_what_is_no_record_is_none(text: str) -> None:
    assert CapacityRecord.of(pool(1, tags={RECORD_TAG: text})) is None
