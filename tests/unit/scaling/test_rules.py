"""What an evaluation of a policy comes to."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scaling_strategies import NOON, activities, policies, pools, usual_schedules

from azext_acrpool.pool import Pool
from azext_acrpool.scaling.activity import Activity
from azext_acrpool.scaling.capacity_record import RECORD_TAG, CapacityRecord
from azext_acrpool.scaling.policy import Policy
from azext_acrpool.scaling.rules import Action, Decision, decide
from azext_acrpool.scaling.schedules import Schedule

NONE, OUT, IN = Action.NONE, Action.SCALE_OUT, Action.SCALE_IN
MAX_4 = Policy(4)
# It is noon, UTC.
OFFICE = Policy(4, schedules=(Schedule.parse("daily 09:00-18:00 UTC min=2"),))
NIGHT = Policy(4, schedules=(Schedule.parse("daily 18:00-09:00 UTC min=2"),))


def ago(minutes: float) -> datetime:
    return NOON - timedelta(minutes=minutes)


def ahead(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def pool(count: int, state: str = "Succeeded", *, record: str = "", modified: float | None = 120) -> Pool:
    """A pool that was changed so many minutes ago."""
    tags = {RECORD_TAG: record} if record else None
    changed = None if modified is None else ago(modified)
    return Pool("mypool", "myregistry", "S1", count, state, tags=tags, modified=changed)


def busy(
    queued: int, *running: float | None, durations: tuple[float, ...] = (), growth: float | None = None
) -> Activity:
    return Activity(NOON, queued, running, durations=durations, growth=growth)


def idle(last_busy: float | None = None, *, known_since: float | None = None) -> Activity:
    """No run that has not ended; the last one ended so many minutes ago."""
    return Activity(
        NOON,
        last_busy=None if last_busy is None else ago(last_busy),
        known_since=None if known_since is None else ago(known_since),
    )


@pytest.mark.parametrize(
    ("state", "decision"),
    [
        ("Creating", Decision(NONE, 1, "it is being changed")),
        ("Updating", Decision(NONE, 1, "it is being changed")),
        ("Deleting", Decision(NONE, 1, "it is being deleted")),
        (
            "Failed",
            Decision(
                NONE,
                1,
                "it is in state Failed and cannot be changed; see why:"
                " az acr agentpool check-health -r myregistry -n mypool",
                is_problem=True,
            ),
        ),
        ("Odd\x1b", Decision(NONE, 1, "its state is 'Odd\\x1b', of which nothing is known", is_problem=True)),
    ],
    ids=["creating", "updating", "deleting", "failed", "unknown"],
)
@pytest.mark.parametrize("activity", [busy(3), idle(120)], ids=["busy", "idle"])
def test_a_pool_that_cannot_be_changed(state: str, decision: Decision, activity: Activity) -> None:
    assert decide(pool(1, state), MAX_4, activity) == decision


@pytest.mark.parametrize(
    ("found", "policy", "activity", "fitting", "decision"),
    [
        (pool(0), MAX_4, busy(1), None, Decision(OUT, 1, "1 queued run needs 1 instance")),
        (pool(1), MAX_4, busy(3, 60.0), None, Decision(OUT, 4, "3 queued and 1 running runs need 4 instances")),
        (pool(0), MAX_4, busy(9), None, Decision(OUT, 4, "9 queued runs need 9 instances, the maximum of now is 4")),
        (pool(4), MAX_4, busy(9), None, Decision(NONE, 4, "9 queued runs need 9 instances, the maximum of now is 4")),
        (pool(6), MAX_4, busy(9), None, Decision(NONE, 6, "9 queued runs need 9 instances, the maximum of now is 4")),
        (pool(0), MAX_4, busy(9), 3, Decision(OUT, 3, "9 queued runs need 9 instances, the vCPU quota has room for 3")),
        (pool(0), MAX_4, busy(9), 8, Decision(OUT, 4, "9 queued runs need 9 instances, the maximum of now is 4")),
        (
            pool(1),
            MAX_4,
            busy(2),
            0,
            Decision(NONE, 1, "2 queued runs need 2 instances, the vCPU quota has room for 0"),
        ),
        (
            pool(1),
            Policy(4, runs_per_instance=2),
            busy(2, 5),
            None,
            Decision(OUT, 2, "2 queued and 1 running runs need 2 instances"),
        ),
        (
            pool(1),
            Policy(4, runs_per_instance=3),
            busy(2, 5),
            None,
            Decision(NONE, 1, "2 queued and 1 running runs need 1 instance"),
        ),
        # The minimum, at once.
        (pool(0), Policy(4, 1), idle(1), None, Decision(OUT, 1, "the minimum of now is 1")),
        (pool(0), Policy(2, 2), idle(1), 2, Decision(OUT, 2, "the minimum of now is 2")),
        (pool(0), Policy(2, 2), busy(2), 2, Decision(OUT, 2, "2 queued runs need 2 instances")),
        (pool(1), OFFICE, busy(0, 60), None, Decision(OUT, 2, "the minimum of now is 2", until=ahead(360))),
        (
            pool(1),
            OFFICE,
            busy(2, 60),
            None,
            Decision(OUT, 3, "2 queued and 1 running runs need 3 instances", until=ahead(360)),
        ),
        (pool(0), Policy(4, 2), idle(1), 1, Decision(OUT, 1, "the minimum of now is 2, the vCPU quota has room for 1")),
        (
            pool(1),
            Policy(4, 2),
            idle(1),
            1,
            Decision(NONE, 1, "nothing is queued or runs, and the minimum of now is 2, the vCPU quota has room for 1"),
        ),
    ],
)
def test_scaling_out(found: Pool, policy: Policy, activity: Activity, fitting: int | None, decision: Decision) -> None:
    assert decide(found, policy, activity, fitting=fitting) == decision


def test_runs_that_are_not_wanted_now() -> None:
    closed = Policy(4, schedules=(Schedule.parse("daily 09:00-18:00 UTC max=0"),))
    assert decide(pool(0), closed, busy(2), fitting=0) == Decision(
        NONE, 0, "2 queued runs need 2 instances, the maximum of now is 0", until=ahead(360)
    )


def test_runs_that_the_quota_leaves_no_instance_for() -> None:
    assert decide(pool(0), MAX_4, busy(2), fitting=0) == Decision(
        NONE,
        0,
        "2 queued runs need 2 instances, the vCPU quota has room for 0: if the registry's was raised, 'autoscale"
        " enable' takes it with --vcpu-quota",
        is_problem=True,
    )


@pytest.mark.parametrize(
    ("activity", "decision"),
    [
        # The run that runs has 4 minutes to go, by what runs took lately.
        (
            busy(1, 60, durations=(300, 300, 300), growth=360),
            Decision(NONE, 1, "all runs would have an agent within 4 min, growing takes 6 min", until=ahead(4)),
        ),
        (
            busy(1, 60, durations=(300, 300, 300), growth=180),
            Decision(OUT, 2, "1 queued and 1 running runs need 2 instances", until=ahead(1)),
        ),
        (
            busy(1, 60, durations=(300, 300, 300), growth=240),
            Decision(NONE, 1, "all runs would have an agent within 4 min, growing takes 4 min", until=ahead(4)),
        ),
        # One after the other: 9 minutes.
        (
            busy(2, 60, durations=(300, 300, 300), growth=360),
            Decision(OUT, 3, "2 queued and 1 running runs need 3 instances", until=ahead(3)),
        ),
        # Unknown: it took longer than any, or there is none, or no instance was seen to come.
        (busy(1, 301, durations=(300,), growth=360), Decision(OUT, 2, "1 queued and 1 running runs need 2 instances")),
        (busy(1, None, durations=(300,), growth=360), Decision(OUT, 2, "1 queued and 1 running runs need 2 instances")),
        (busy(1, 60, growth=360), Decision(OUT, 2, "1 queued and 1 running runs need 2 instances")),
        (
            busy(1, 60, durations=(300,)),
            Decision(OUT, 2, "1 queued and 1 running runs need 2 instances", until=ahead(4)),
        ),
    ],
)
@pytest.mark.parametrize("minimum", [0, 1])
def test_growing_only_if_waiting_takes_longer(minimum: int, activity: Activity, decision: Decision) -> None:
    assert decide(pool(1), Policy(4, minimum), activity) == decision


@pytest.mark.parametrize(
    ("found", "policy", "activity", "decision"),
    [
        (pool(2), MAX_4, idle(15), Decision(IN, 0, "nothing was queued or ran for 15 min")),
        (pool(2), MAX_4, idle(4.5), Decision(NONE, 2, "idle for 4 min of 15 min", until=ahead(10.5))),
        (pool(2), MAX_4, idle(0.5), Decision(NONE, 2, "idle for 30 s of 15 min", until=ahead(14.5))),
        (
            pool(2),
            Policy(4, idle_minutes=90),
            idle(60),
            Decision(NONE, 2, "idle for 1 h of 1 h 30 min", until=ahead(30)),
        ),
        # It was changed since: for a run that is to come, as far as anybody knows.
        (pool(2, modified=5), MAX_4, idle(120), Decision(NONE, 2, "idle for 5 min of 15 min", until=ahead(10))),
        (pool(2, modified=-5), MAX_4, idle(120), Decision(NONE, 2, "idle for 0 s of 15 min", until=ahead(15))),
        (pool(2, modified=None), MAX_4, idle(20), Decision(IN, 0, "nothing was queued or ran for 15 min")),
        (pool(2), MAX_4, idle(), Decision(IN, 0, "nothing was queued or ran for 15 min")),
        # To the minimum of now.
        (pool(3), Policy(4, 1), idle(20), Decision(IN, 1, "nothing was queued or ran for 15 min")),
        (pool(3), OFFICE, idle(20), Decision(IN, 2, "nothing was queued or ran for 15 min", until=ahead(360))),
        (pool(3), NIGHT, idle(20), Decision(IN, 0, "nothing was queued or ran for 15 min", until=ahead(360))),
        (pool(3), NIGHT, idle(10), Decision(NONE, 3, "idle for 10 min of 15 min", until=ahead(5))),
        (
            pool(2),
            OFFICE,
            idle(20),
            Decision(NONE, 2, "nothing is queued or runs, and the minimum of now is 2", until=ahead(360)),
        ),
        (pool(0), MAX_4, idle(20), Decision(NONE, 0, "nothing is queued or runs, and the minimum of now is 0")),
        # Above the maximum of now as at any time.
        (pool(6), MAX_4, idle(5), Decision(NONE, 6, "idle for 5 min of 15 min", until=ahead(10))),
        # Never while a run is active.
        (
            pool(3),
            MAX_4,
            busy(0, 9),
            Decision(NONE, 3, "1 running run needs 1 instance, and none of 3 goes while a run is active"),
        ),
        (pool(1), MAX_4, busy(0, 9), Decision(NONE, 1, "1 running run needs 1 instance")),
        (
            pool(6),
            MAX_4,
            busy(1),
            Decision(NONE, 6, "1 queued run needs 1 instance, and none of 6 goes while a run is active"),
        ),
    ],
)
def test_scaling_in(found: Pool, policy: Policy, activity: Activity, decision: Decision) -> None:
    assert decide(found, policy, activity) == decision


@pytest.mark.parametrize(
    ("found", "activity", "decision"),
    [
        (
            pool(1),
            idle(known_since=9),
            Decision(
                NONE,
                1,
                "the registry's newest runs reach back 9 min only: whether it was idle before is not known",
                is_problem=True,
                until=ahead(6),
            ),
        ),
        (pool(1), idle(known_since=15), Decision(IN, 0, "nothing was queued or ran for 15 min")),
        # It does not matter yet, or not at all.
        (pool(1, modified=5), idle(known_since=1), Decision(NONE, 1, "idle for 5 min of 15 min", until=ahead(10))),
        (pool(0), idle(known_since=1), Decision(NONE, 0, "nothing is queued or runs, and the minimum of now is 0")),
        (
            pool(1, modified=None),
            idle(known_since=60),
            Decision(NONE, 1, "when it was last busy or changed is not known", is_problem=True),
        ),
    ],
)
def test_what_is_not_known_is_not_guessed(found: Pool, activity: Activity, decision: Decision) -> None:
    assert decide(found, MAX_4, activity) == decision


@pytest.mark.parametrize(
    ("found", "activity", "decision"),
    [
        (pool(0, "Canceled"), busy(2), Decision(OUT, 2, "2 queued runs need 2 instances")),
        # Nobody knows how long runs would wait for those that it has.
        (
            pool(1, "Canceled"),
            busy(1, 60, durations=(300,), growth=360),
            Decision(OUT, 2, "1 queued and 1 running runs need 2 instances"),
        ),
        (pool(2, "Canceled"), busy(1), Decision(OUT, 2, "its last change was broken off, and 1 run waits")),
        (pool(4, "Canceled"), busy(5), Decision(OUT, 4, "its last change was broken off, and 5 runs wait")),
        (
            pool(2, "Canceled"),
            busy(0, 60),
            Decision(NONE, 2, "1 running run needs 1 instance, and none of 2 goes while a run is active"),
        ),
        # It has more than it says.
        (
            pool(4, "Canceled"),
            busy(1, 1, 2, 3, 4, 5),
            Decision(NONE, 4, "1 queued and 5 running runs need 6 instances, the maximum of now is 4"),
        ),
        (
            pool(1, "Canceled"),
            busy(0, 1, 2, 3, 4, 5),
            Decision(NONE, 1, "5 running runs need 5 instances, the maximum of now is 4"),
        ),
        (pool(1, "Canceled"), busy(0, 1, 2, 3), Decision(OUT, 3, "3 running runs need 3 instances")),
        (pool(0, "Canceled"), idle(20), Decision(IN, 0, "nothing was queued or ran for 15 min")),
        (pool(2, "Canceled"), idle(20), Decision(IN, 0, "nothing was queued or ran for 15 min")),
        (pool(2, "Canceled"), idle(5), Decision(NONE, 2, "idle for 5 min of 15 min", until=ahead(10))),
    ],
)
def test_a_change_that_was_broken_off(found: Pool, activity: Activity, decision: Decision) -> None:
    assert decide(found, MAX_4, activity) == decision


@pytest.mark.parametrize(
    ("found", "activity", "decision"),
    [
        (pool(3, record="0 (raised to 2)"), idle(20), Decision(IN, 2, "nothing was queued or ran for 15 min")),
        (pool(2, record="0 (raised to 2)"), idle(5), Decision(NONE, 2, "idle for 5 min of 15 min", until=ahead(10))),
        (
            pool(2, record="0 (raised to 2)"),
            idle(90),
            Decision(
                NONE,
                2,
                "--ensure-capacity raised it to 2 instances, which it keeps",
                warning="It has been idle for 1 h 30 min, and only the record of --ensure-capacity keeps 2 instances: a"
                " build that was killed leaves it behind. If none needs them:"
                " az acr agentpool update -r myregistry -n mypool --count 0",
            ),
        ),
        # Who scaled it in made the record void.
        (pool(1, record="0 (raised to 2)"), idle(20), Decision(IN, 0, "nothing was queued or ran for 15 min")),
        (pool(1, record="nonsense"), idle(20), Decision(IN, 0, "nothing was queued or ran for 15 min")),
        # It is no maximum.
        (pool(2, record="0 (raised to 2)"), busy(4), Decision(OUT, 4, "4 queued runs need 4 instances")),
    ],
)
def test_the_record_of_ensure_capacity_is_a_floor(found: Pool, activity: Activity, decision: Decision) -> None:
    assert decide(found, MAX_4, activity) == decision


_fitting = st.none() | st.integers(0, 8)


@given(pools(), policies(usual_schedules), activities, _fitting)
@settings(max_examples=150)
def test_no_bound_is_broken(found: Pool, policy: Policy, activity: Activity, fitting: int | None) -> None:
    decision = decide(found, policy, activity, fitting=fitting)
    bounds = policy.bounds_at(activity.seen)
    if decision.action is NONE:
        assert decision.count == found.count
    elif decision.action is OUT and found.was_canceled and decision.count == found.count:
        assert decision.count >= len(activity.running)
    elif decision.action is OUT:
        assert not found.was_canceled or decision.count >= len(activity.running)
        assert found.count < decision.count <= min(bounds.maximum, 99 if fitting is None else fitting)
    else:
        record = CapacityRecord.of(found)
        kept = record.raised if record and record.raised <= found.count else 0
        assert activity.active == 0
        assert min(bounds.minimum, found.count) <= decision.count
        assert kept <= decision.count <= found.count
        for moment in (activity.last_busy, found.modified):
            assert moment is None or activity.seen - moment >= policy.idle_time
    if decision.is_problem or found.is_changing or found.is_failed:
        assert decision.action is NONE


@given(pools(), policies(usual_schedules), activities, _fitting, st.integers(0, 999_999))
@settings(max_examples=200)
def test_nothing_else_comes_out_before_it_says_so(
    found: Pool, policy: Policy, activity: Activity, fitting: int | None, part: int
) -> None:
    decision = decide(found, policy, activity, fitting=fitting)
    until = decision.until or activity.seen + timedelta(days=30)
    assert until > activity.seen
    passed = ((until - activity.seen) * part / 1_000_000).total_seconds()
    later = replace(
        activity,
        seen=activity.seen + timedelta(seconds=passed),
        running=tuple(None if age is None else age + passed for age in activity.running),
    )
    then = decide(found, policy, later, fitting=fitting)
    assert (then.action, then.count, then.is_problem) == (decision.action, decision.count, decision.is_problem)


@given(pools(), policies(usual_schedules), activities, _fitting)
@settings(max_examples=150)
def test_what_was_done_is_enough(found: Pool, policy: Policy, activity: Activity, fitting: int | None) -> None:
    decision = decide(found, policy, activity, fitting=fitting)
    if decision.action is NONE:
        return
    changed = replace(found, count=decision.count, state="Succeeded", modified=activity.seen)
    assert decide(changed, policy, activity, fitting=fitting).action is NONE


@given(pools(), policies(usual_schedules), activities, _fitting)
@settings(max_examples=100)
def test_it_says_if_runs_that_have_ended_matter(
    found: Pool, policy: Policy, activity: Activity, fitting: int | None
) -> None:
    unknown = replace(activity, last_busy=None, known_since=activity.seen, durations=(), growth=None)
    first = decide(found, policy, unknown, fitting=fitting)
    decision = decide(found, policy, activity, fitting=fitting)
    assert first.rests_on_ended is decision.rests_on_ended
    assert first == decision or decision.rests_on_ended
