"""An evaluation in words and as data."""

from __future__ import annotations

from typing import Any, Final

from ...scaling.rules import Action
from ...wording import counted
from .outcome import Evaluation

__all__ = ["as_data", "line_of", "problem_of", "warning_of"]

_CONTESTED: Final = "somebody else is changing it just now"


def line_of(evaluation: Evaluation, *, what_if: bool = False) -> str:
    """What came of it, in a line; of one that failed, why."""
    pool, decision = evaluation.pool, evaluation.decision
    if evaluation.problem or decision is None:
        return problem_of(evaluation)
    if decision.action is Action.NONE:
        return f"Agent pool '{pool.name}' stays at {pool.instances}: {decision.reason}"
    change = f"{_verb(evaluation)} to {counted(decision.count, 'instance')}"
    if evaluation.is_contested:
        return f"Agent pool '{pool.name}' is not {change}: {_CONTESTED}"
    line = f"Agent pool '{pool.name}' {'would be' if what_if else 'is'} {change}: {decision.reason}"
    if evaluation.went_back_to is None:
        return line
    return f"{line}; as a run came meanwhile, it goes back to {counted(evaluation.went_back_to, 'instance')}"


def problem_of(evaluation: Evaluation) -> str:
    """Why it failed, as a sentence."""
    return f"The evaluation of agent pool '{evaluation.pool.name}' failed: {evaluation.problem}"


def warning_of(evaluation: Evaluation) -> str:
    """What goes on costing and nobody else tells of, as a sentence; "" for nothing."""
    warning = evaluation.decision.warning if evaluation.decision else ""
    return f"Agent pool '{evaluation.pool.name}': {warning}" if warning else ""


def as_data(evaluation: Evaluation, *, what_if: bool = False) -> dict[str, Any]:
    """For stdout. Counts of runs and bounds are null as far as they are not known."""
    pool, policy, activity, decision = evaluation.pool, evaluation.policy, evaluation.activity, evaluation.decision
    bounds = policy.bounds_at(activity.seen) if policy and activity else None
    return {
        "agentPoolName": pool.name,
        "registryName": str(pool.registry),
        "action": evaluation.action.value,
        "count": pool.count,
        "targetCount": decision.count if decision else pool.count,
        "minCount": bounds.minimum if bounds else None,
        "maxCount": bounds.maximum if bounds else None,
        "queuedRuns": activity.queued if activity else None,
        "runningRuns": len(activity.running) if activity else None,
        "reason": _CONTESTED if evaluation.is_contested else decision.reason if decision else "",
        "warning": decision.warning if decision else "",
        "whatIf": what_if,
        "carriedOut": evaluation.is_carried_out,
        "wentBackTo": evaluation.went_back_to,
        "evaluatedAt": activity.seen.isoformat() if activity else None,
        "problem": evaluation.problem,
    }


def _verb(evaluation: Evaluation) -> str:
    pool, decision = evaluation.pool, evaluation.decision
    if decision is None or decision.count == pool.count:
        return "scaled again"
    return f"scaled {'out' if decision.action is Action.SCALE_OUT else 'in'} from {pool.count}"
