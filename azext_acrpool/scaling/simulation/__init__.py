"""What a way of scaling would have done: runs are replayed on a pool that exists only here. Pure.

    replayed = replay(
        recorded_runs(pool, records, start, end),
        PolicyAutoscaler(policy, start),
        [Evaluator()],
        ServiceModel(growth=480.0),
        until=(end - start).total_seconds(),
        count=pool.count,
    )
    replayed.percentile(95), replayed.instance_seconds, replayed.changes

Times are seconds since the replay's start, as floats.
"""

from __future__ import annotations

from .autoscaler import Autoscaler, Wish
from .model import Change, Evaluator, Replay, ServiceModel, SimulatedRun, percentile
from .policy_autoscaler import PolicyAutoscaler
from .recorded import recorded_runs, recorded_waits
from .replaying import replay

__all__ = [
    "Autoscaler",
    "Change",
    "Evaluator",
    "PolicyAutoscaler",
    "Replay",
    "ServiceModel",
    "SimulatedRun",
    "Wish",
    "percentile",
    "recorded_runs",
    "recorded_waits",
    "replay",
]
