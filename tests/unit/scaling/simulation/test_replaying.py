"""What becomes of runs and of what is paid, on pools that are small enough to follow by hand."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from azext_acrpool.scaling.simulation import Change, Evaluator, Replay, ServiceModel, SimulatedRun, Wish, replay
from azext_acrpool.scaling.simulation.agents import SimulatedPool

SERVICE = ServiceModel(growth=300.0, shrinking=100.0)


@dataclass
class Scripted:
    """Asks for a count at each of its times, and for nothing at others; notes what it saw of the pool."""

    wishes: dict[float, int]
    looks_again: bool = False
    seen: list[tuple[float, int, int]] = field(default_factory=list)

    def decide(self, pool: SimulatedPool, seen: float) -> Wish:
        self.seen.append((seen, len(pool.waiting), len(pool.running)))
        later = min((time for time in self.wishes if time > seen), default=None)
        return Wish(self.wishes.get(seen), later)


def played(
    wishes: dict[float, int],
    *runs: tuple[float, float],
    count: int = 0,
    service: ServiceModel = SERVICE,
    until: float = 3000.0,
    looks_again: bool = False,
) -> Replay:
    """A replay in which somebody looks each minute."""
    simulated = [SimulatedRun(*run) for run in runs]
    return replay(simulated, Scripted(wishes, looks_again), [Evaluator()], service, until=until, count=count)


def test_a_run_waits_until_the_pool_has_grown() -> None:
    done = played({60.0: 1}, (10.0, 120.0))
    assert done.waits == (350.0,)
    assert done.changes == (Change(60.0, 0, 1),)


def test_runs_are_taken_in_the_order_in_which_they_came() -> None:
    assert played({}, (0.0, 100.0), (10.0, 50.0), (20.0, 5.0), count=1).waits == (0.0, 90.0, 130.0)


def test_a_pool_that_grows_works_with_the_agents_that_it_has() -> None:
    done = played({0.0: 2}, (0.0, 100.0), (1.0, 100.0), (2.0, 300.0), (3.0, 1.0), count=1)
    assert done.waits == (0.0, 99.0, 198.0, 297.0)


def test_a_pool_that_is_changing_refuses_another_change() -> None:
    done = played({0.0: 1, 60.0: 2})
    assert (done.changes, done.refused) == ((Change(0.0, 0, 1),), (Change(60.0, 1, 2),))


@pytest.mark.parametrize("count", [pytest.param(-1, id="below zero"), pytest.param(5, id="beyond the quota")])
def test_what_there_is_no_room_for_is_refused(count: int) -> None:
    done = played({60.0: count}, service=ServiceModel(300.0, quota=4))
    assert (done.changes, done.refused) == ((), (Change(60.0, 0, count),))


def test_an_instance_is_paid_from_the_asking_for_it_until_the_change_that_takes_it_is_done() -> None:
    assert played({600.0: 2, 1200.0: 0}).instance_seconds == 2 * (1200 + 100 - 600)


def test_what_is_paid_at_the_end_counts() -> None:
    assert played({600.0: 2}, until=1000.0).instance_seconds == 2 * 400


def test_idle_agents_go_before_those_that_work() -> None:
    done = played({60.0: 1}, (0.0, 500.0), count=3)
    assert (done.interrupted, done.waits) == (0, (0.0,))


def test_a_run_whose_agent_goes_is_queued_again_and_begins_anew() -> None:
    done = played({60.0: 1}, (0.0, 500.0), (10.0, 200.0), count=2)
    assert (done.interrupted, done.unfinished, done.waits) == (1, 0, (0.0, 490.0))


def test_a_run_without_an_agent_has_waited_until_the_end() -> None:
    done = played({}, (100.0, 5.0), until=1000.0)
    assert (done.waits, done.unfinished) == ((900.0,), 1)


def test_runs_that_come_after_the_end_do_not_count() -> None:
    assert played({}, (100.0, 5.0), (2000.0, 5.0), until=1000.0, count=1).waits == (0.0,)


def test_a_change_is_accepted_later_than_the_pool_was_looked_at() -> None:
    done = played({60.0: 0}, (61.0, 500.0), count=1, service=ServiceModel(300.0, 100.0, latency=2.0))
    assert (done.changes[0].time, done.interrupted, done.surprised) == (62.0, 1, 1)


class ForRuns:
    """Wants an instance for each run, and none of a pool without any."""

    looks_again = True

    def decide(self, pool: SimulatedPool, _seen: float) -> Wish:
        return Wish(None if pool.is_changing else pool.active)


def test_whoever_looks_again_goes_back_as_soon_as_the_pool_can_be_changed() -> None:
    service = ServiceModel(300.0, 100.0, latency=2.0)
    late = Evaluator(phase=60.0, interval=10_000.0)
    done = replay([SimulatedRun(63.0, 50.0)], ForRuns(), [late], service, until=1000.0, count=1)
    assert done.went_back == 1
    assert done.changes == (Change(62.0, 1, 0), Change(164.0, 0, 1))


def test_lost_evaluations_are_the_share_that_was_said() -> None:
    evaluator = Evaluator(lost=0.3, seed=5)
    lost = sum(evaluator.is_lost(number) for number in range(10_000))
    assert lost == pytest.approx(3000, abs=150)


def test_each_evaluator_is_asked_after_something_has_happened_until_one_is_not_lost() -> None:
    seen = Scripted({})
    evaluators = [Evaluator(phase=5.0, lost=1.0), Evaluator(phase=20.0)]
    replay([SimulatedRun(100.0, 1000.0)], seen, evaluators, SERVICE, until=2000.0)
    assert seen.seen == [(20.0, 0, 0), (140.0, 1, 0)]


@pytest.mark.parametrize(("tells_time", "seen_at"), [(True, 60.0), (False, 90.0)])
def test_clocks_of_those_who_evaluate_matter_only_where_the_service_does_not_tell_the_time(
    tells_time: bool, seen_at: float
) -> None:
    seen = Scripted({})
    service = ServiceModel(300.0, tells_time=tells_time)
    replay([], seen, [Evaluator(phase=60.0, clock_offset=30.0)], service, until=100.0)
    assert seen.seen == [(seen_at, 0, 0)]


def test_instances_given_up_soon_after_they_were_asked_for_are_a_flap() -> None:
    done = played({0.0: 1, 600.0: 0, 1200.0: 1, 2400.0: 0})
    assert [done.flaps(seconds) for seconds in (600.0, 601.0, 1201.0)] == [0, 1, 2]


@pytest.mark.parametrize(
    ("wishes", "count", "broken"),
    [
        pytest.param({60.0: 4}, 0, 0, id="the maximum"),
        pytest.param({60.0: 5}, 0, 1, id="more"),
        pytest.param({60.0: 1}, 2, 0, id="the minimum"),
        pytest.param({60.0: 0}, 2, 1, id="less"),
        pytest.param({60.0: -1}, 0, 1, id="refused, and less than none"),
        pytest.param({60.0: 6}, 7, 1, id="fewer, and still too many"),
    ],
)
def test_bounds_are_those_of_the_time_of_asking(wishes: dict[float, int], count: int, broken: int) -> None:
    assert played(wishes, count=count).bounds_broken(lambda _: (1, 4)) == broken
