"""What the rules have to reach, and whether they did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from .contests import CLAIRVOYANT, INTERVAL, OURS, OWN, RIVALS, Sums

__all__ = ["COST_GOAL", "missed", "wait_goal"]

COST_GOAL = 1.25


def wait_goal(clairvoyant: Sums, growth: Sequence[float]) -> float:
    """How many seconds 95 % of the runs may wait at most: as for the clairvoyant, and until somebody evaluates, and
    until the pool has grown, for which a time is taken that 95 % of the growth times do not exceed.
    """
    return clairvoyant.wait(95) + INTERVAL + sorted(growth)[int(len(growth) * 0.95)]


def missed(of: Mapping[str, Sums], growth: Sequence[float]) -> Iterator[str]:
    """Which goals were not reached on histories of a shape, each as a clause."""
    ours, best = of[OURS], of[CLAIRVOYANT]
    for name in OWN:
        for member in ("interrupted", "bounds_broken", "flaps"):
            if getattr(of[name], member):
                yield f"{name}: {member} is {getattr(of[name], member)}"
    if ours.instance_seconds > COST_GOAL * best.instance_seconds:
        yield f"instance-hours are {ours.instance_seconds / best.instance_seconds:.3f} times the clairvoyant's"
    if ours.wait(95) > wait_goal(best, growth):
        yield f"95 % of the runs wait for up to {ours.wait(95):.0f} s, {wait_goal(best, growth):.0f} s are allowed"
    for rival in RIVALS:
        if ours.wait(95) >= of[rival].wait(95):
            yield f"95 % of the runs wait less with {rival}"
        if not any(_is_better(of[name], of[rival]) for name in OWN):
            yield f"no policy both costs less and lets wait less than {rival}"


def _is_better(one: Sums, other: Sums) -> bool:
    return one.instance_seconds < other.instance_seconds and one.wait(95) < other.wait(95)
