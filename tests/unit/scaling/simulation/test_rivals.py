"""The other autoscalers do what is written of them, at the moments that make them what they are."""

from __future__ import annotations

from autoscaling.rivals import FunctionApp, Keda

from azext_acrpool.scaling.simulation import Autoscaler, Change, Evaluator, Replay, ServiceModel, SimulatedRun, replay


def played(
    autoscaler: Autoscaler, interval: float, *runs: tuple[float, float], count: int = 0, until: float = 7200.0
) -> Replay:
    """Runs (created, duration) on a pool that takes 300 s to grow and 100 s to shrink."""
    service = ServiceModel(300.0, 100.0, quota=8)
    simulated = [SimulatedRun(*run) for run in runs]
    return replay(simulated, autoscaler, [Evaluator(interval=interval)], service, until=until, count=count)


def keda(*runs: tuple[float, float], count: int = 0, until: float = 7200.0) -> Replay:
    """Under KEDA's rules."""
    return played(Keda(4, []), Keda.INTERVAL, *runs, count=count, until=until)


def function_app(*runs: tuple[float, float], count: int = 0, until: float = 7200.0) -> Replay:
    """Under the function app's."""
    return played(FunctionApp(), FunctionApp.INTERVAL, *runs, count=count, until=until)


def test_keda_scales_to_the_queue_within_its_maximum() -> None:
    assert keda(*[(10.0, 60.0)] * 3).changes[0] == Change(30.0, 0, 3)
    assert keda(*[(10.0, 60.0)] * 9).changes[0] == Change(30.0, 0, 4)


def test_keda_takes_the_agent_of_a_run_that_goes_on_when_nothing_was_queued_for_the_cooldown() -> None:
    done = keda((10.0, 1000.0), until=1000.0)
    assert done.changes[:2] == (Change(30.0, 0, 1), Change(630.0, 1, 0))
    assert done.interrupted == 1


def test_keda_keeps_what_was_the_most_wanted_within_the_window() -> None:
    done = played(Keda(4, [(0.0, 3600.0, 1)]), Keda.INTERVAL, *[(10.0, 60.0)] * 3, until=1800.0)
    # Two were queued until 360 s.
    assert done.changes == (Change(0.0, 0, 1), Change(300.0, 1, 2), Change(660.0, 2, 1))


def test_keda_keeps_a_minimum_in_its_hours() -> None:
    done = played(Keda(4, [(600.0, 3600.0, 1)]), Keda.INTERVAL)
    assert done.changes == (Change(600.0, 0, 1), Change(3900.0, 1, 0))


def test_the_function_app_grows_by_one_at_a_time_and_from_six_queued_runs_on() -> None:
    assert [change.after for change in function_app(*[(10.0, 2000.0)] * 6, until=1800.0).changes] == [1]
    done = function_app(*[(10.0, 2000.0)] * 7, until=1800.0)
    assert done.changes == (Change(60.0, 0, 1), Change(360.0, 1, 2))


def test_the_function_app_shrinks_by_one_after_each_cooldown_and_then_asks_for_less_than_nothing() -> None:
    done = function_app((0.0, 10.0), count=2, until=3600.0)
    assert done.changes == (Change(360.0, 2, 1), Change(720.0, 1, 0))
    assert done.refused == (Change(1080.0, 0, -1),)
    assert done.bounds_broken(lambda _: (0, 4)) == 1
