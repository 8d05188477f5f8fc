"""Which stages of a Dockerfile are built, and what each one starts from."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ..errors import BuildFailedError
from .dockerfile import Dockerfile, Stage

__all__ = ["StageNames", "StagePlan", "plan_stages"]

STAGE_NUMBER = re.compile(r"[0-9]{1,9}")


class StageNames:
    """Finds stages by name or number; of several with one name the last one before it counts."""

    def __init__(self, stages: Iterable[Stage]) -> None:
        self._indexes: dict[str, list[int]] = {}
        for index, stage in enumerate(stages):
            if stage.name is not None:
                self._indexes.setdefault(stage.name, []).append(index)

    def named(self, name: str, before: int) -> int | None:
        """The last stage before index `before` with this name, in any case."""
        indexes = self._indexes.get(name.lower(), [])
        position = bisect_left(indexes, before)
        return indexes[position - 1] if position else None

    def find(self, name: str, before: int) -> int | None:
        """The stage before index `before` with this name or number."""
        index = self.named(name, before)
        if index is None and STAGE_NUMBER.fullmatch(name) and int(name) < before:
            return int(name)
        return index


@dataclass(frozen=True)
class StagePlan:
    """Stages by index: `order` as built, `parents` for those that start from an earlier stage."""

    stages: tuple[Stage, ...]
    names: StageNames
    order: tuple[int, ...]
    parents: Mapping[int, int]
    target: int

    def find(self, name: str, before: int) -> int | None:
        """The stage before index `before` that `name` (a name or a number) means; None if it is an image."""
        return self.names.find(name, before)


def plan_stages(dockerfile: Dockerfile, target: str, base_name: Callable[[Stage], str], only_needed: bool) -> StagePlan:
    """Decide what to build up to `target` (a name or a number; empty for the last stage).

    `only_needed` leaves out stages that the target does not use. Raises BuildFailedError for an unknown one.
    """
    stages = dockerfile.stages
    names = StageNames(stages)
    last = names.find(target, len(stages)) if target else len(stages) - 1
    if last is None:
        raise BuildFailedError(f"failed to reach build target {target} in Dockerfile")
    parents: dict[int, int] = {}
    for index, stage in enumerate(stages[: last + 1]):
        parent = names.named(base_name(stage), index)
        if parent is not None:
            parents[index] = parent
    order = _needed(stages, names, parents, last) if only_needed else set(range(last + 1))
    return StagePlan(stages, names, tuple(sorted(order)), parents, last)


def _needed(stages: tuple[Stage, ...], names: StageNames, parents: Mapping[int, int], target: int) -> set[int]:
    needed: set[int] = set()
    open_ends = [target]
    while open_ends:
        index = open_ends.pop()
        if index in needed:
            continue
        needed.add(index)
        sources = [instruction.flag("from") for instruction in stages[index].instructions]
        found = [names.find(name, index) for name in sources if name is not None]
        open_ends += [source for source in (*found, parents.get(index)) if source is not None]
    return needed
