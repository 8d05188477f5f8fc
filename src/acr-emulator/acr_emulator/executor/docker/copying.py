"""COPY and ADD: which sources they name, and whether those are in the context.

Rules and messages are those of Docker's classic builder; BuildKit words them differently.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

from ..archive import ContextArchive
from ..errors import BuildFailedError
from .dockerfile import Instruction
from .gomatch import BadPatternError, Glob, has_wildcards
from .heredocs import heredoc_of
from .stages import StagePlan

__all__ = ["CopyCheck", "checksum_problem"]

REMOTE = re.compile(r"https?://|git://|git@|ssh://")


class CopyCheck:
    """Checks the sources of one stage's COPY and ADD instructions.

    `image` or `stage` (its index) is what the last one copied from, if any.
    """

    def __init__(self, context: ContextArchive, plan: StagePlan, index: int, buildkit: bool) -> None:
        self._context = context
        self._plan = plan
        self._index = index
        self._buildkit = buildkit
        self.image: str | None = None
        self.stage: int | None = None

    def sources(self, instruction: Instruction, expand: Callable[[str], str]) -> list[object]:
        """What the instruction copies, in a form to compute a digest from.

        Raises BuildFailedError for a source that isn't there or a destination that cannot be.
        """
        words = [word for word in instruction.words() if not (instruction.heredocs and heredoc_of(word))]
        *patterns, destination = [expand(word) for word in words]
        origin = instruction.flag("from")
        if origin is not None:
            self._check_origin(expand(origin))
            return [origin, *patterns]
        found: list[str] = []
        used: list[object] = []
        for pattern in patterns:
            if instruction.name == "ADD" and REMOTE.match(pattern):
                used.append(pattern)
                found.append(pattern)
            else:
                matches = self._matches(instruction.name, pattern)
                found += matches
                used += [self._context.fingerprint(path) for path in matches]
        if not found and not instruction.heredocs and not self._buildkit:
            raise BuildFailedError(f"{instruction.name} failed: no source files were specified")
        if len(found) > 1 and not destination.endswith("/"):
            raise BuildFailedError(
                f"When using {instruction.name} with more than one source file, the destination must be a directory "
                "and end with a /"
            )
        return used

    def _check_origin(self, origin: str) -> None:
        self.stage = self._plan.find(origin, self._index)
        if self.stage is not None:
            return
        self.image = origin
        if origin.isdecimal():
            raise BuildFailedError(f"invalid from flag value {origin}: refers to no stage before this one")

    def _matches(self, name: str, pattern: str) -> list[str]:
        """The names in the context that one source means; of a pattern there may be none."""
        path = pattern.removeprefix("/").removeprefix("./")
        if has_wildcards(path):
            return _matching(path, self._context)
        clean = posixpath.normpath(path) if path else "."
        if clean.split("/")[0] == "..":
            raise BuildFailedError(f"{name} failed: forbidden path outside the build context: {pattern} ()")
        resolved = self._context.resolve(clean)
        if resolved is None:
            raise BuildFailedError(self._not_found(name, clean))
        return [resolved]

    def _not_found(self, name: str, path: str) -> str:
        if self._buildkit:
            return checksum_problem(path)
        return (
            f"{name} failed: file not found in build context or excluded by .dockerignore: "
            f"stat {path}: file does not exist"
        )


def checksum_problem(path: str) -> str:
    """What BuildKit says of a path that is not in the context."""
    return f'failed to solve: failed to compute cache key: failed to calculate checksum of ref: "/{path}": not found'


def _matching(pattern: str, context: ContextArchive) -> list[str]:
    try:
        return list(context.matching(Glob(pattern).matches))
    except BadPatternError:
        return []
