"""COPY and ADD: which sources they name, and whether those are in the context.

Rules and messages are those of Docker's classic builder; BuildKit words them differently.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

from .archive import ContextArchive
from .dockerfile import Instruction
from .errors import BuildFailedError
from .gomatch import BadPatternError, has_wildcards, match
from .stages import StagePlan

__all__ = ["CopyCheck"]

REMOTE = re.compile(r"https?://|git://|git@|ssh://")


class CopyCheck:
    """Checks the sources of one stage's COPY and ADD instructions."""

    def __init__(self, context: ContextArchive, plan: StagePlan, index: int, buildkit: bool) -> None:
        self._context = context
        self._plan = plan
        self._index = index
        self._buildkit = buildkit

    def sources(self, instruction: Instruction, expand: Callable[[str], str]) -> list[object]:
        """What the instruction copies, in a form to compute a digest from.

        Raises BuildFailedError for a source that isn't there or a destination that cannot be.
        """
        *patterns, destination = [expand(word) for word in instruction.words()]
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
            elif not (instruction.heredocs and pattern.startswith("<<")):
                matches = self._matches(instruction.name, pattern)
                found += matches
                used += [self._fingerprint(path) for path in matches]
        if len(found) > 1 and not destination.endswith("/"):
            raise BuildFailedError(
                f"When using {instruction.name} with more than one source file, the destination must be a directory "
                "and end with a /"
            )
        return used

    def _check_origin(self, origin: str) -> None:
        is_later_stage = origin.isdecimal() and self._plan.find(origin, self._index) is None
        if is_later_stage:
            raise BuildFailedError(f"invalid from flag value {origin}: refers to no stage before this one")

    def _matches(self, name: str, pattern: str) -> list[str]:
        """The names in the context that one source means."""
        path = pattern.removeprefix("/").removeprefix("./")
        if has_wildcards(path):
            matches = [candidate for candidate in self._context.paths() if _match(path, candidate)]
            if not matches:
                raise BuildFailedError(f"{name} failed: no source files were specified")
            return matches
        clean = posixpath.normpath(path) if path else "."
        if clean.split("/")[0] == "..":
            raise BuildFailedError(f"{name} failed: forbidden path outside the build context: {pattern} ()")
        resolved = self._context.resolve(clean)
        if resolved is None:
            raise BuildFailedError(self._not_found(name, clean))
        return [resolved]

    def _not_found(self, name: str, path: str) -> str:
        if self._buildkit:
            return (
                f"failed to solve: failed to compute cache key: failed to calculate checksum of ref: "
                f'"/{path}": not found'
            )
        return (
            f"{name} failed: file not found in build context or excluded by .dockerignore: "
            f"stat {path}: file does not exist"
        )

    def _fingerprint(self, path: str) -> list[list[object]]:
        prefix = len(path) + 1 if path else 0
        rows: list[list[object]] = []
        for name in self._context.below(path):
            entry = self._context.entry(name)
            relative = posixpath.basename(path) if name == path else name[prefix:]
            rows.append([relative, entry.type, entry.executable, entry.digest, entry.target])
        return rows


def _match(pattern: str, name: str) -> bool:
    try:
        return match(pattern, name)
    except BadPatternError:
        return False
