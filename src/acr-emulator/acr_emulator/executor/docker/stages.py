"""Which stages of a Dockerfile are built, and what each one starts from."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ...golang.quoting import quote
from ..errors import BuildFailedError
from .dockerfile import Dockerfile, Instruction, Stage

__all__ = ["StageNames", "StagePlan", "plan_stages"]

STAGE_NUMBER = re.compile(r"[0-9]{1,9}")
MOUNT_ORIGIN = re.compile(r"(?:^|,)from=([^,]+)", re.IGNORECASE)


class StageNames:
    """Finds stages by name or number; of several with one name the last one before it counts.

    Only BuildKit builds several with one name.
    """

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

    def first(self, name: str) -> int | None:
        """The first stage with this name, in any case."""
        return next(iter(self._indexes.get(name.lower(), [])), None)

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
    """Decide what to build up to `target` (a name; empty for the last stage).

    `only_needed`, as BuildKit does, leaves out stages that the target does not use. Raises BuildFailedError for an
    unknown one.
    """
    stages = dockerfile.stages
    names = StageNames(stages)
    last = _target(names, target, len(stages), only_needed)
    parents: dict[int, int] = {}
    for index, stage in enumerate(stages[: last + 1]):
        parent = names.named(base_name(stage), index)
        if parent is not None:
            parents[index] = parent
    order = _needed(stages, names, parents, last) if only_needed else set(range(last + 1))
    return StagePlan(stages, names, tuple(sorted(order)), parents, last)


def _target(names: StageNames, target: str, count: int, by_buildkit: bool) -> int:
    """The stage to build, which is known by its name only, in any case (moby/buildkit#1503).

    Of several with that name the classic builder takes the first one (HasStage of BuildKit's instructions).
    """
    if not target:
        return count - 1
    found = names.named(target, count) if by_buildkit else names.first(target)
    if found is None and by_buildkit:
        raise BuildFailedError(f"failed to solve: target stage {quote(target)} could not be found")
    if found is None:
        raise BuildFailedError(f"failed to reach build target {target} in Dockerfile")
    return found


def _origins(instruction: Instruction) -> list[str]:
    """What an instruction copies or mounts from."""
    mounts = [MOUNT_ORIGIN.search(mount) for mount in instruction.flag_values("mount")]
    return [*instruction.flag_values("from"), *(match[1] for match in mounts if match is not None)]


def _needed(stages: tuple[Stage, ...], names: StageNames, parents: Mapping[int, int], target: int) -> set[int]:
    needed: set[int] = set()
    open_ends = [target]
    while open_ends:
        index = open_ends.pop()
        if index in needed:
            continue
        needed.add(index)
        found = [names.find(name, index) for entry in stages[index].instructions for name in _origins(entry)]
        open_ends += [source for source in (*found, parents.get(index)) if source is not None]
    return needed
