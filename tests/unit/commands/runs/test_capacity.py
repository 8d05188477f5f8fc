"""`--ensure-capacity`: scaled up before, scaled back after, whatever happens and whoever builds at the same time."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from io import StringIO
from typing import Any

import pytest
from pool_fakes import SCALING_SECONDS, FakePool

from azext_acrpool.client.errors import ConflictError, ForbiddenError
from azext_acrpool.commands.console.errors import InterruptedCommandError
from azext_acrpool.commands.console.narrator import Narrator
from azext_acrpool.commands.runs import capacity as capacity_module
from azext_acrpool.commands.runs.capacity import Capacity, ensured_capacity
from azext_acrpool.commands.runs.capacity_plan import RECORD_TAG, PoolNow, plan_raise
from azext_acrpool.commands.runs.options import FollowOptions
from azext_acrpool.testing import JumpingClock


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> FakePool:
    fake = FakePool(JumpingClock(), tags={"team": "build"})
    monkeypatch.setattr(capacity_module, "list_active_runs", fake.list_active)
    return fake


@pytest.fixture
def told() -> StringIO:
    return StringIO()


def ensured(
    pool: FakePool, told: StringIO, count: int | None = 2, *, keep: bool = False
) -> AbstractContextManager[Capacity | None]:
    runs: Any = pool
    options = FollowOptions(ensure_capacity=count, keep_capacity=keep)
    return ensured_capacity(pool.target, options, runs, Narrator(told, quiet=False, animated=False), pool.clock)


@contextmanager
def running(pool: FakePool, run_id: str) -> Iterator[None]:
    pool.active[run_id] = "Running"
    try:
        yield
    finally:
        pool.active.pop(run_id, None)


def interruption() -> Callable[[], None]:
    def interrupt() -> None:
        raise KeyboardInterrupt

    return interrupt


def test_nothing_is_asked_for_without_the_option(pool: FakePool, told: StringIO) -> None:
    with ensured(pool, told, None) as capacity:
        assert capacity is None
    assert pool.changes == []


def test_scaled_up_and_waited_for_then_scaled_back(pool: FakePool, told: StringIO) -> None:
    with ensured(pool, told), running(pool, "cf1"):
        assert (pool.count, pool.state) == (2, "Succeeded")
        assert pool.tags == {"team": "build", RECORD_TAG: "0 (raised to 2)"}
    assert pool.counts == [2, 0]
    assert pool.tags == {"team": "build"}
    assert "Agent pool 'mypool' is scaled up to 2 instances" in told.getvalue()
    assert "Agent pool 'mypool' goes back to 0 instances" in told.getvalue()


def test_going_back_is_not_waited_for(pool: FakePool, told: StringIO) -> None:
    with ensured(pool, told):
        began = pool.clock.time
    assert pool.clock.time - began < 1


def test_a_pool_that_is_large_enough_is_left_alone(pool: FakePool, told: StringIO) -> None:
    pool.count = 3
    with ensured(pool, told):
        pass
    assert pool.changes == []


def test_kept_when_asked_to(pool: FakePool, told: StringIO) -> None:
    with ensured(pool, told, keep=True):
        pass
    assert pool.counts == [2]
    assert RECORD_TAG not in pool.tags


@pytest.mark.parametrize("ending", [SystemExit(1), InterruptedCommandError("cancelled", ""), KeyboardInterrupt()])
def test_scaled_back_however_the_run_ends(pool: FakePool, told: StringIO, ending: BaseException) -> None:
    def run() -> None:
        with ensured(pool, told):
            raise ending

    with pytest.raises(type(ending)) as caught:
        run()
    assert caught.value is ending
    assert pool.counts == [2, 0]


def test_an_interruption_while_scaling_up_scales_back(pool: FakePool, told: StringIO) -> None:
    def run() -> None:
        with ensured(pool, told):
            raise AssertionError("not reached")

    pool.clock.at(100.0, interruption())
    with pytest.raises(KeyboardInterrupt):
        run()
    assert pool.counts == [2, 0]
    assert pool.clock.time >= SCALING_SECONDS
    assert "interrupt again to leave at once" in told.getvalue()


def test_a_second_interruption_leaves_the_record_for_the_next_build(pool: FakePool, told: StringIO) -> None:
    def run() -> None:
        with ensured(pool, told):
            raise AssertionError("not reached")

    pool.clock.at(100.0, interruption())
    pool.clock.at(110.0, interruption())
    with pytest.raises(KeyboardInterrupt):
        run()
    assert pool.counts == [2]
    assert "az acr agentpool update -r myregistry -n mypool --count" in told.getvalue()
    # The next build finds the pool large enough, and goes back at its end.
    pool.clock.time += SCALING_SECONDS
    with ensured(pool, told):
        pass
    assert pool.counts == [2, 0]


def test_an_interruption_of_going_back_after_success_is_an_interruption(pool: FakePool, told: StringIO) -> None:
    def run() -> None:
        with ensured(pool, told):
            pool.before_change = interruption()

    with pytest.raises(InterruptedCommandError):
        run()


def test_two_builds_the_first_to_finish_leaves_the_pool_and_the_last_goes_back(pool: FakePool, told: StringIO) -> None:
    with ensured(pool, told), running(pool, "cf2"):
        with ensured(pool, told), running(pool, "cf1"):
            pass
        assert pool.counts == [2]
        assert "is not scaled back: it is in use by cf2" in told.getvalue()
    assert pool.counts == [2, 0]


def test_the_larger_wish_wins_and_the_first_size_comes_back(pool: FakePool, told: StringIO) -> None:
    with ensured(pool, told, 2), running(pool, "cf1"):
        with ensured(pool, told, 3), running(pool, "cf2"):
            assert pool.count == 3
        assert pool.count == 3
    assert pool.counts == [2, 3, 0]


def test_somebody_elses_scaling_is_waited_for_not_repeated(pool: FakePool, told: StringIO) -> None:
    pool.count, pool.busy_until = 2, 200.0
    with ensured(pool, told):
        assert pool.state == "Succeeded"
        assert pool.changes == []


def test_losing_the_race_to_scale_up_is_no_error(pool: FakePool, told: StringIO) -> None:
    def be_quicker() -> None:
        pool.before_change = lambda: None
        pool.update(None, "", plan_raise(PoolNow(0), 2, keep=False).changes)
        raise ConflictError("The pool is being updated.", status=409)

    pool.before_change = be_quicker
    with ensured(pool, told):
        assert (pool.count, pool.state) == (2, "Succeeded")
    assert pool.counts == [2, 0]


def test_a_build_that_queues_its_run_while_we_go_back_gets_its_agents(pool: FakePool, told: StringIO) -> None:
    def queue_another() -> None:
        pool.active["cf9"] = "Queued"

    with ensured(pool, told):
        pool.before_change = queue_another
    assert pool.counts == [2, 0, 2]
    assert "is needed by cf9" in told.getvalue()
    assert pool.tags[RECORD_TAG] == "0 (raised to 2)"


def test_a_build_whose_agents_went_while_it_queued_its_run_scales_up_again(pool: FakePool, told: StringIO) -> None:
    with ensured(pool, told) as capacity, running(pool, "cf2"):
        assert capacity is not None
        pool.count, pool.tags = 0, {"team": "build"}  # somebody who finished looked for runs just before
        capacity.confirm()
        assert (pool.count, pool.state) == (2, "Succeeded")
    assert pool.counts == [2, 2, 0]


def test_confirming_what_is_there_changes_nothing(pool: FakePool, told: StringIO) -> None:
    with ensured(pool, told) as capacity:
        assert capacity is not None
        capacity.confirm()
        assert pool.counts == [2]


def test_a_count_that_somebody_set_meanwhile_stays(pool: FakePool, told: StringIO) -> None:
    with ensured(pool, told):
        pool.count = 5
    assert pool.count == 5
    assert pool.tags == {"team": "build"}


def test_somebody_who_scales_up_for_another_run_is_left_alone(pool: FakePool, told: StringIO) -> None:
    with ensured(pool, told):
        pool.busy_until = pool.clock.time + 100
    assert pool.counts == [2]
    assert "somebody else is scaling it" in told.getvalue()


def test_a_run_that_is_only_listed_as_active_keeps_nothing_up(pool: FakePool, told: StringIO) -> None:
    with ensured(pool, told):
        pool.active["cf1"] = "Canceled"
    assert pool.counts == [2, 0]


def test_what_cannot_be_undone_is_told_and_changes_no_exit_code(pool: FakePool, told: StringIO) -> None:
    with ensured(pool, told):
        pool.error = ForbiddenError("You may not.", status=403)
    assert "could not be scaled back: You may not." in told.getvalue()


def test_a_pool_that_is_failed_is_left_to_the_check_that_tells_so(pool: FakePool, told: StringIO) -> None:
    pool.failed = True
    with ensured(pool, told):
        pass
    assert pool.changes == []
