"""Which step waits for which, and what acb checks of steps while it finds that out (graph/dag.go, graph/step.go)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..errors import AcbError
from .document import contains_space
from .model import Step

__all__ = ["ROOT", "Order", "order_of"]

ROOT = "acb_root"
"""What steps wait for that start at once. Reserved as an ID, but may be named in `when`."""

IMMEDIATELY = "-"
CACHE_VALUES = ("enabled", "disabled")


@dataclass(frozen=True)
class Order:
    """The steps that each step waits for, by ID, in the order of the file; `ROOT` if for none.

    `never_ready`: steps that name one step several times, and how often they name any. acb counts each time, but takes
    off one when that step is done: they never start, and the run hangs.
    """

    runs_after: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    never_ready: Mapping[str, int] = field(default_factory=dict)

    def ready(self, done: Iterable[str]) -> list[str]:
        """The steps that are not done and wait for none but those that are, in the order of the file."""
        finished = {ROOT, *done}
        return [
            step
            for step, before in self.runs_after.items()
            if step not in finished and step not in self.never_ready and finished.issuperset(before)
        ]


def order_of(steps: Iterable[Step]) -> Order:
    """The order of steps. Raises AcbError for a wrong step, and for `when` that names a step which does not precede."""
    runs_after: dict[str, tuple[str, ...]] = {}
    never_ready: dict[str, int] = {}
    previous = ROOT
    for step in steps:
        if problem := _problem(step):
            raise AcbError(problem)
        if step.id == ROOT:
            raise AcbError(f"{ROOT} is a reserved ID, it can't be used")
        if step.id in runs_after:
            raise AcbError(f"{step.id} already exists as a vertex")
        before = _before(step, previous, {*runs_after, step.id, ROOT})
        runs_after[step.id] = tuple(dict.fromkeys(before))
        if len(runs_after[step.id]) < len(before):
            never_ready[step.id] = len(before)
        previous = step.id
    return Order(runs_after, never_ready)


def _before(step: Step, previous: str, known: set[str]) -> tuple[str, ...]:
    if not step.when:
        return (previous,)
    if step.when == (IMMEDIATELY,):
        return (ROOT,)
    for name in step.when:
        if not name:
            raise AcbError("from cannot be empty")
        if name not in known:
            raise AcbError(f"{name} does not exist as a vertex [from: {name}, to: {step.id}]")
    return step.when


def _problem(step: Step) -> str | None:
    """What acb refuses in a step with its defaults, the first of several problems."""
    kinds = [bool(step.command), bool(step.build), bool(step.push)].count(True)
    checks = (
        (step.retries < 0, "step must specify retries >= 0"),
        (step.repeat < 0, "step must specify repeat >= 0"),
        (kinds > 1, "step must only contain a single build, cmd, or push property"),
        (contains_space(step.id), "step ID cannot contain spaces"),
        (kinds == 0, "step is missing a cmd, build, or push property"),
    )
    problem = next((text for is_wrong, text in checks if is_wrong), None)
    return problem or _mount_problem(step) or _when_problem(step) or _cache_problem(step)


def _mount_problem(step: Step) -> str | None:
    paths: set[str] = set()
    for mount in step.mounts:
        if not mount.name or not mount.path:
            return "mount name or container file path is empty"
        if mount.path in paths:
            return "mount with duplicate container file path found"
        paths.add(mount.path)
    return None


def _when_problem(step: Step) -> str | None:
    for name in step.when:
        if name == IMMEDIATELY and len(step.when) > 1:
            return "step cannot contain other IDs in when if the immediate execution token is specified"
        if name == step.id:
            return f"Step ID: {step.id} is self-referenced"
    return None


def _cache_problem(step: Step) -> str | None:
    if step.cache and step.cache.lower() not in CACHE_VALUES:
        return "invalid value for cache property. Valid values are 'enabled', 'disabled'"
    return None
