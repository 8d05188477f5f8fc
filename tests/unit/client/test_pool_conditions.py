"""Waiting for a pool to be as wanted, on a clock that jumps."""

from __future__ import annotations

from typing import Any

import pytest
from azure.core.exceptions import ServiceResponseError
from scripted_arm import REGISTRY, RoutedTransport, arm_error, arm_over, pool_body, scripted_arm
from scripted_transport import Reply
from whole_messages import raises

from azext_acrpool.client import errors
from azext_acrpool.client.patience import Progress
from azext_acrpool.client.pool_conditions import PoolConditions, PoolWait, WaitLimits
from azext_acrpool.clock import Deadline
from azext_acrpool.testing import JumpingClock

MISSING = arm_error(404, "ResourceNotFound")
CREATED, DELETED, EXISTS = PoolConditions(created=True), PoolConditions(deleted=True), PoolConditions(exists=True)
UPDATED, IDLE = PoolConditions(updated=True), PoolConditions(idle=True)
TWO = PoolConditions(custom=lambda pool: pool.count == 2)


def pool(state: str = "Succeeded", **properties: Any) -> Reply:
    return Reply(200, pool_body(state=state, **properties))


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


def wait(
    clock: JumpingClock,
    conditions: PoolConditions,
    *replies: Reply | Exception,
    limits: WaitLimits | None = None,
) -> list[Progress]:
    """Wait until all replies are used up; what was told meanwhile."""
    arm, transport = scripted_arm(*replies)
    seen: list[Progress] = []
    PoolWait(arm, REGISTRY, "mypool", conditions).wait(limits or WaitLimits(), clock, seen.append)
    assert len(transport.requests) == len(replies)
    return seen


@pytest.mark.parametrize(
    ("conditions", "replies"),
    [
        (CREATED, [MISSING, pool("Creating"), pool()]),
        (UPDATED, [pool("Updating"), pool()]),
        (DELETED, [pool("Deleting"), MISSING]),
        (DELETED, [pool(), pool("Deleting"), MISSING]),
        (EXISTS, [MISSING, pool("Creating")]),
        (EXISTS, [pool("Failed")]),
        (TWO, [MISSING, pool(count=1), pool("Updating", count=2)]),
        (PoolConditions(custom=lambda found: found.provisioning_state == "Failed"), [pool("Updating"), pool("Failed")]),
        (PoolConditions(created=True, deleted=True), [pool("Creating"), MISSING, MISSING]),
        # Nobody saw it going: once may be one odd reply.
        (DELETED, [MISSING, MISSING]),
        (DELETED, [MISSING, pool(), MISSING, pool("Deleting"), MISSING]),
        (UPDATED, [pool("Updating"), MISSING, pool()]),
    ],
)
def test_wait_ends_with_the_first_condition_that_holds(
    clock: JumpingClock, conditions: PoolConditions, replies: list[Reply]
) -> None:
    wait(clock, conditions, *replies)


@pytest.mark.parametrize("state", ["Failed", "Canceled"])
@pytest.mark.parametrize("conditions", [CREATED, UPDATED, TWO])
def test_pool_that_failed_ends_the_wait(clock: JumpingClock, conditions: PoolConditions, state: str) -> None:
    with raises(
        errors.OperationFailedError, f"Agent pool 'mypool' is in state {state}. It will not become {conditions}."
    ):
        wait(clock, conditions, pool("Creating"), pool(state))


def test_delete_of_a_failed_pool_may_not_show_at_once(clock: JumpingClock) -> None:
    wait(clock, DELETED, pool("Failed"), pool("Failed"), pool("Deleting"), MISSING)


def test_delete_that_fails_ends_the_wait(clock: JumpingClock) -> None:
    with raises(errors.OperationFailedError, "Agent pool 'mypool' is in state Failed. It will not become deleted."):
        wait(clock, DELETED, pool("Deleting"), pool("Failed"))


def test_failed_pool_that_nobody_deletes_is_not_waited_for_for_ever(clock: JumpingClock) -> None:
    with pytest.raises(errors.OperationFailedError):
        wait(clock, DELETED, *[pool("Failed")] * 60)
    assert 60 < clock.time < 75


@pytest.mark.parametrize("conditions", [CREATED, UPDATED, EXISTS, IDLE, TWO])
def test_pool_that_nobody_creates_is_not_waited_for_for_ever(clock: JumpingClock, conditions: PoolConditions) -> None:
    with raises(
        errors.PoolNotFoundError,
        "Could not find an agent pool named 'mypool' in registry 'myregistry', and none was created within 1 min 1 s.",
    ):
        wait(clock, conditions, *[MISSING] * 60)
    assert 60 < clock.time < 70


@pytest.mark.parametrize("conditions", [CREATED, UPDATED, EXISTS, TWO])
def test_pool_that_shows_late_is_not_missed(clock: JumpingClock, conditions: PoolConditions) -> None:
    wait(clock, conditions, *[MISSING] * 30, pool(count=2))
    assert 45 < clock.time < 60


def test_pool_may_be_deleted_and_created_again_meanwhile(clock: JumpingClock) -> None:
    wait(
        clock,
        CREATED,
        *[MISSING] * 30,
        *(pool("Creating"), pool("Deleting")),
        *[MISSING] * 8,
        *(pool("Creating"), pool()),
    )
    assert clock.time > 75


def test_timeout_comes_before_the_end_of_an_absence(clock: JumpingClock) -> None:
    with raises(
        errors.OperationTimeoutError, "Agent pool 'mypool' is still not created after 20 s (state: not there yet)."
    ):
        wait(clock, CREATED, *[MISSING] * 30, limits=WaitLimits(deadline=Deadline(clock, 20)))


@pytest.mark.parametrize("conditions", [CREATED, DELETED, EXISTS])
def test_registry_that_does_not_exist_is_an_error(clock: JumpingClock, conditions: PoolConditions) -> None:
    with pytest.raises(errors.RegistryNotFoundError):
        wait(clock, conditions, arm_error(404, "ParentResourceNotFound"))


def runs(count: int, status: str, pool_name: str = "mypool") -> Reply:
    bodies = [
        {"properties": {"runId": f"{status}{n}", "status": status, "agentPoolName": pool_name}} for n in range(count)
    ]
    return Reply(200, {"value": bodies})


def test_idle_is_when_nothing_is_queued_and_nothing_runs(clock: JumpingClock) -> None:
    transport = RoutedTransport(
        {
            "GET /agentPools/mypool": pool(),
            "POST /listQueueStatus": [Reply(200, {"count": count}) for count in (2, 1, 0)],
            "GET /runs?'Queued'": [runs(2, "Queued"), runs(1, "Queued"), runs(3, "Queued", "other")],
            "GET /runs?'Started'": [runs(0, "Started"), runs(1, "Started"), runs(0, "Started")],
            "GET /runs?'Running'": [*[runs(1, "Running")] * 3, runs(4, "Running", "other")],
        }
    )
    seen: list[Progress] = []
    PoolWait(arm_over(transport), REGISTRY, "mypool", IDLE).wait(WaitLimits(), clock, seen.append)
    states = list(dict.fromkeys(progress.state for progress in seen))
    assert states == [
        "Succeeded, 2 queued, 1 running",
        "Succeeded, 1 queued, 2 running",
        "Succeeded, 1 running",
        "Succeeded, idle",
    ]


def test_pool_is_not_idle_while_the_queue_count_says_so(clock: JumpingClock) -> None:
    """The list of runs may lag behind."""
    transport = RoutedTransport(
        {
            "GET /agentPools/mypool": pool(),
            "POST /listQueueStatus": [Reply(200, 1), Reply(200, 0)],
            "GET /runs": runs(0, "Queued"),
        }
    )
    PoolWait(arm_over(transport), REGISTRY, "mypool", IDLE).wait(WaitLimits(), clock)
    assert transport.asked("POST") == ["myregistry/agentPools/mypool/listQueueStatus"] * 2


def test_looks_come_often_at_first(clock: JumpingClock) -> None:
    wait(clock, CREATED, *[pool("Creating")] * 30, pool())
    assert clock.time < 31 * 2.5
    assert max(clock.sleeps) <= 1.0


def test_interval_is_kept(clock: JumpingClock) -> None:
    wait(clock, CREATED, *[pool("Creating")] * 4, pool(), limits=WaitLimits(interval=30))
    assert clock.time == pytest.approx(120, abs=0.1)


def test_timeout_comes_after_a_last_look(clock: JumpingClock) -> None:
    with raises(errors.OperationTimeoutError, "Agent pool 'mypool' is still not created after 45 s (state: Creating)."):
        wait(clock, CREATED, *[pool("Creating")] * 3, limits=WaitLimits(30, Deadline(clock, 45)))
    assert clock.time == pytest.approx(45, abs=0.1)
    wait(clock, CREATED, pool("Creating"), pool("Creating"), pool(), limits=WaitLimits(30, Deadline(clock, 45)))


def test_timeout_of_zero_looks_once(clock: JumpingClock) -> None:
    wait(clock, CREATED, pool(), limits=WaitLimits(deadline=Deadline(clock, 0)))
    with pytest.raises(errors.OperationTimeoutError):
        wait(clock, CREATED, pool("Creating"), limits=WaitLimits(deadline=Deadline(clock, 0)))


@pytest.mark.parametrize(
    "hiccup",
    [
        arm_error(429, "TooManyRequests", Retry_After="7"),
        arm_error(503, "ServerBusy"),
        ServiceResponseError("connection reset"),
        Reply(200, "<html>", {"Content-Type": "text/html"}),
        Reply(404, "<html>", {"Content-Type": "text/html"}),
        Reply(200, {"name": "mypool", "properties": "x"}),
        arm_error(401, "ExpiredAuthenticationToken"),
        arm_error(403, "AuthorizationFailed"),
    ],
)
def test_hiccups_are_waited_out_and_told(clock: JumpingClock, hiccup: Reply | Exception) -> None:
    seen = wait(clock, CREATED, pool("Creating"), hiccup, hiccup, pool())
    assert {progress.state for progress in seen if progress.trouble} == {"Creating"}
    assert not seen[-1].trouble


@pytest.mark.parametrize(
    "impostor", [Reply(404, "<html>"), Reply(404), Reply(404, {"message": "no"}), Reply(200, "<html>"), Reply(204)]
)
def test_only_arm_itself_says_that_a_pool_is_gone(clock: JumpingClock, impostor: Reply) -> None:
    wait(clock, DELETED, impostor, impostor, pool("Deleting"), impostor, MISSING)


def test_failures_until_the_timeout_are_a_timeout(clock: JumpingClock) -> None:
    with pytest.raises(errors.OperationTimeoutError):
        wait(clock, CREATED, *[arm_error(503, "ServerBusy")] * 100, limits=WaitLimits(deadline=Deadline(clock, 60)))
    assert clock.time == pytest.approx(60, abs=0.1)


def test_failures_that_last_end_the_wait(clock: JumpingClock) -> None:
    with raises(
        errors.OperationLostError,
        "Whether agent pool 'mypool' is created could not be found out for 5 min 5 s; it may go on at the service. "
        "The last error was: No.",
    ):
        wait(clock, CREATED, *[arm_error(503, "ServerBusy")] * 100)


def test_what_may_not_be_read_is_an_error_at_once(clock: JumpingClock) -> None:
    with pytest.raises(errors.ForbiddenError):
        wait(clock, CREATED, arm_error(403, "AuthorizationFailed"))


@pytest.mark.parametrize(
    ("conditions", "text"),
    [(CREATED, "created"), (PoolConditions(deleted=True, exists=True, idle=True), "deleted or there or idle")],
)
def test_conditions_in_words(conditions: PoolConditions, text: str) -> None:
    assert str(conditions) == text
