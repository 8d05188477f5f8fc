"""Which stages of a Dockerfile are built, and what each one starts from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .dockerfile import Dockerfile, Stage
from .errors import BuildFailedError

__all__ = ["StagePlan", "plan_stages"]


@dataclass(frozen=True)
class StagePlan:
    """Stages by index: `order` as built, `parents` for those that start from an earlier stage."""

    stages: tuple[Stage, ...]
    order: tuple[int, ...]
    parents: Mapping[int, int]
    target: int

    def origin(self, index: int) -> int:
        """The stage at the root of `index`'s ancestry: the one whose base is an image."""
        while index in self.parents:
            index = self.parents[index]
        return index

    def find(self, name: str, before: int) -> int | None:
        """The stage before index `before` that `name` (a name or a number) means; None if it is an image."""
        return _find(self.stages, name, before)


def plan_stages(dockerfile: Dockerfile, target: str, base_name: Callable[[Stage], str], only_needed: bool) -> StagePlan:
    """Decide what to build up to `target` (a name or a number; empty for the last stage).

    `only_needed` leaves out stages that the target does not use. Raises BuildFailedError for an unknown one.
    """
    stages = dockerfile.stages
    last = _find(stages, target, len(stages)) if target else len(stages) - 1
    if last is None:
        raise BuildFailedError(f"failed to reach build target {target} in Dockerfile")
    parents: dict[int, int] = {}
    for index, stage in enumerate(stages[: last + 1]):
        parent = _find_name(stages, base_name(stage), index)
        if parent is not None:
            parents[index] = parent
    order = set(range(last + 1))
    if only_needed:
        order = _needed(stages, parents, last)
    return StagePlan(stages, tuple(sorted(order)), parents, last)


def _needed(stages: tuple[Stage, ...], parents: Mapping[int, int], target: int) -> set[int]:
    needed: set[int] = set()
    open_ends = [target]
    while open_ends:
        index = open_ends.pop()
        if index in needed:
            continue
        needed.add(index)
        sources = [instruction.flag("from") for instruction in stages[index].instructions]
        found = [_find(stages, name, index) for name in sources if name is not None]
        open_ends += [source for source in (*found, parents.get(index)) if source is not None]
    return needed


def _find(stages: tuple[Stage, ...], name: str, before: int) -> int | None:
    by_name = _find_name(stages, name, before)
    if by_name is None and name.isdecimal() and int(name) < before:
        return int(name)
    return by_name


def _find_name(stages: tuple[Stage, ...], name: str, before: int) -> int | None:
    found = [index for index, stage in enumerate(stages[:before]) if stage.name == name.lower()]
    return found[-1] if found else None
