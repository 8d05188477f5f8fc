"""`az acr agentpool autoscale show`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from azure.cli.core import azclierror

from ...client.errors import AcrError, NotFoundError
from ...client.registries import RegistryId
from ...client.run_history import read_run_history
from ...health.pool.quota import fitting_count
from ...pool import Pool
from ...scaling.tags import has_policy
from ..agentpool.options import PoolOptions
from ..command import command
from ..console.errors import CommandError
from ..evaluation.deciding import Decider
from ..evaluation.outcome import Evaluation
from ..evaluation.telling import as_data, line_of, problem_of, warning_of
from ..session import Session
from .last_day import DAY, LastDay
from .policies import describe

__all__ = ["AutoscaleShowOptions", "show_autoscale"]


@dataclass(frozen=True, kw_only=True)
class AutoscaleShowOptions(PoolOptions):
    """The command line of `show`."""


@command(AutoscaleShowOptions)
def show_autoscale(session: Session, options: AutoscaleShowOptions) -> dict[str, Any]:
    """Show the policy of a pool, what it would do now, and what it would have done in the last day.

    Raises CommandError, with that as its result, if the policy cannot be read or followed.
    """
    registry = session.locate_registry(options)
    decider = Decider(session, registry)
    pool = decider.find(options.agent_pool_name)
    if not has_policy(pool):
        enable = pool.az_command("autoscale enable", "--max-count", "N")
        session.narrator.say(f"Agent pool '{pool.name}' has no autoscale policy. Give it one with: {enable}")
        return {**describe(pool, None), "bounds": None, "now": None, "lastDay": None}
    (evaluation,) = decider.decide([pool])
    last_day = _read_last_day(session, registry, evaluation, decider.pools)
    result = {
        **describe(pool, evaluation.policy),
        "enabled": True,
        "bounds": _describe_bounds(evaluation),
        "now": _describe_now(evaluation),
        "lastDay": last_day.as_data() if last_day else None,
    }
    if last_day:
        _tell_of_last_day(session, last_day)
    if evaluation.problem:
        told = azclierror.AzureResponseError(problem_of(evaluation), list(evaluation.advice))
        raise CommandError(told, result=result)
    session.narrator.say(line_of(evaluation, what_if=True))
    if warning := warning_of(evaluation):
        session.narrator.warn(warning)
    return result


def _describe_bounds(evaluation: Evaluation) -> dict[str, Any] | None:
    """What the policy allows at the time of the evaluation, and when it may next be something else."""
    policy, activity = evaluation.policy, evaluation.activity
    if policy is None or activity is None:
        return None
    bounds, change = policy.bounds_at(activity.seen), policy.next_change(activity.seen)
    return {
        "minCount": bounds.minimum,
        "maxCount": bounds.maximum,
        "nextChange": change.isoformat(timespec="seconds") if change else None,
    }


def _describe_now(evaluation: Evaluation) -> dict[str, Any]:
    """What an evaluation comes to, beside what is said of the pool and its bounds anyway."""
    data, decision = as_data(evaluation, what_if=True), evaluation.decision
    names = ("action", "targetCount", "queuedRuns", "runningRuns", "reason", "warning", "evaluatedAt", "problem")
    until = decision.until if decision else None
    return {**{name: data[name] for name in names}, "until": until.isoformat(timespec="seconds") if until else None}


def _read_last_day(
    session: Session, registry: RegistryId, evaluation: Evaluation, pools: tuple[Pool, ...]
) -> LastDay | None:
    """None, which is told, if it cannot be read."""
    pool, policy, activity = evaluation.pool, evaluation.policy, evaluation.activity
    if policy is None or activity is None:
        return None
    try:
        history = read_run_history(session.arm, registry, activity.seen - DAY, activity.seen)
    except NotFoundError:
        raise
    except AcrError as error:
        session.narrator.warn(f"The runs of the last day could not be read: {error.message}")
        return None
    return LastDay(pool, policy, activity, history, fitting_count(pool, pools, policy.vcpu_quota))


def _tell_of_last_day(session: Session, last_day: LastDay) -> None:
    known = last_day.known
    if last_day.is_cut:
        session.narrator.warn(f"The registry's newest runs reach back {known} only: `lastDay` is no longer than that.")
    session.narrator.say(last_day.in_words())
    if last_day.never_idle:
        session.narrator.say(
            f"In the last {known}, agent pool '{last_day.pool.name}' was never idle for"
            f" {last_day.policy.idle_minutes} min: a pool that is never idle never shrinks."
        )
