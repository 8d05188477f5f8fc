"""What the policy of a pool would have made of the runs of the last day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final

from ...client.run_history import RunHistory
from ...pool import Pool
from ...scaling.activity import Activity
from ...scaling.idleness import longest_idle
from ...scaling.policy import Policy
from ...scaling.simulation import (
    Evaluator,
    PolicyAutoscaler,
    Replay,
    ServiceModel,
    percentile,
    recorded_runs,
    recorded_waits,
    replay,
)
from ...wording import counted, format_duration

__all__ = ["DAY", "LastDay"]

DAY: Final = timedelta(hours=24)
# Seconds: what changes of pools usually take (`client.pools.USUAL_DURATIONS`), and how often `run --loop` evaluates.
_USUAL_GROWTH: Final = 360.0
_INTERVAL: Final = 60.0


@dataclass(frozen=True)
class LastDay:
    """The runs of `pool` in the day that ended when `activity` was seen, as far as they are known, and its policy.

    `fitting` is the count that the vCPU quota has room for, None for any.
    """

    pool: Pool
    policy: Policy
    activity: Activity
    history: RunHistory
    fitting: int | None = None

    @property
    def start(self) -> datetime:
        """When the day begins, or what is known of it."""
        return max(self.end - DAY, self.history.known_since)

    @property
    def end(self) -> datetime:
        """When it ends."""
        return self.activity.seen

    @property
    def is_cut(self) -> bool:
        """Whether only a part of the day is known."""
        return self.start > self.end - DAY

    @property
    def known(self) -> str:
        """How long the known part is, in words."""
        return format_duration((self.end - self.start).total_seconds()) if self.is_cut else "24 hours"

    @property
    def idle(self) -> timedelta:
        """The longest time without a run that was queued or ran."""
        return longest_idle(self.pool.name, self.history.runs, self.start, self.end)

    @property
    def never_idle(self) -> bool:
        """Whether it was not idle for long enough to be scaled in at any time."""
        return self.idle < self.policy.idle_time

    def as_data(self) -> dict[str, Any]:
        """For stdout: what was, and what would have been with the policy."""
        replayed, waited = self._replayed, self._waited
        return {
            "since": self.start.isoformat(),
            "until": self.end.isoformat(),
            "isComplete": not self.is_cut,
            "runs": len(self._waits_with_policy),
            "waitSeconds": _describe_waits(waited),
            "longestIdleMinutes": int(self.idle.total_seconds() // 60),
            "neverIdle": self.never_idle,
            "instanceHoursOfPresentCount": round(self._hours_of_present_count, 2),
            "withPolicy": {
                "waitSeconds": _describe_waits(self._waits_with_policy),
                "instanceHours": round(replayed.instance_seconds / 3600, 2),
                "changes": [
                    {
                        "time": (self.start + timedelta(seconds=change.time)).isoformat(timespec="seconds"),
                        "from": change.before,
                        "to": change.after,
                    }
                    for change in replayed.changes
                ],
            },
            "assumed": {
                "growthSeconds": int(self._growth),
                "growthIsMeasured": self.activity.growth is not None,
                "evaluatedEverySeconds": int(_INTERVAL),
                "countAtStart": self.pool.count,
            },
        }

    def in_words(self) -> str:
        """The gist of that: how long runs would have waited, and what for."""
        hours = f"{self._replayed.instance_seconds / 3600:,.1f} instance-hours"
        if self.pool.count:
            kept = f"{counted(self.pool.count, 'instance')} all the time: {self._hours_of_present_count:,.1f}"
            hours = f"{hours} ({kept})"
        waits = self._waits_with_policy
        if not waits:
            return f"With this policy, the last {self.known}, without a run, would have taken {hours}"
        waited = format_duration(max(self._waited)) if self._waited else "none has had an agent yet"
        return (
            f"With this policy, {counted(len(waits), 'run')} of the last {self.known} would have waited"
            f" {format_duration(max(waits))} at most (in fact {waited}), for {hours}"
        )

    @cached_property
    def _waited(self) -> list[float]:
        return recorded_waits(self.pool.name, self.history.runs, self.start, self.end)

    @property
    def _hours_of_present_count(self) -> float:
        return (self.end - self.start).total_seconds() / 3600 * self.pool.count

    @cached_property
    def _replayed(self) -> Replay:
        return self._replay(self.end - self.start)

    @cached_property
    def _waits_with_policy(self) -> tuple[float, ...]:
        """Of runs that would wait still when the day ends, the whole wait: the replay goes on for them."""
        return self._replay(self.end - self.start + DAY).waits

    @property
    def _growth(self) -> float:
        return _USUAL_GROWTH if self.activity.growth is None else self.activity.growth

    def _replay(self, length: timedelta) -> Replay:
        """The same runs, each for as long as it ran, on a pool that begins with as many instances as it has now."""
        return replay(
            recorded_runs(self.pool.name, self.history.runs, self.start, self.end),
            PolicyAutoscaler(self.policy, self.start, like=self.pool, fitting=self.fitting),
            [Evaluator(interval=_INTERVAL)],
            ServiceModel(growth=self._growth),
            until=length.total_seconds(),
            count=self.pool.count,
        )


def _describe_waits(waits: Sequence[float]) -> dict[str, int]:
    return {
        "median": round(percentile(waits, 50)),
        "percentile95": round(percentile(waits, 95)),
        "longest": round(percentile(waits, 100)),
    }
