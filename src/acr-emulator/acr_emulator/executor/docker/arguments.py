"""Build arguments: what ARG instructions declare, before the first FROM and in stages, and what replaces variables."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import BuildFailedError
from .dockerfile import Dockerfile, Instruction
from .stage_state import StageState
from .words import SubstitutionError, expand, split_words

__all__ = ["AGENT_PLATFORM", "BuildArguments"]

AGENT_PLATFORM = "linux/amd64"
PREDEFINED = frozenset(
    name
    for plain in ("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY")
    for name in (plain, plain.lower())
)


class BuildArguments:
    """The arguments of one build. `given` are those of the client; BuildKit knows `platform` and the agent's besides.

    `everywhere` are the values of what is declared before the first FROM.
    """

    def __init__(self, dockerfile: Dockerfile, given: Mapping[str, str], platform: str, by_buildkit: bool) -> None:
        self._escape = dockerfile.escape
        self._by_buildkit = by_buildkit
        self._given = given
        self._used: set[str] = set()
        self.everywhere = _platforms(platform) if by_buildkit else {}
        for instruction in dockerfile.arguments:
            for name, default in self._declared(instruction, self.everywhere):
                self.everywhere[name] = given.get(name, default or "")

    def declare(self, instruction: Instruction, state: StageState) -> list[object]:
        """Set a stage's arguments; returns what counts for the image.

        One that has a value, and is declared again without any, loses it in the classic builder (AddArg of
        moby/builder/dockerfile).
        """
        used: list[object] = []
        for name, default in self._declared(instruction, state.scope):
            inherited = self.everywhere.get(name) if default is None else default
            value = self._given.get(name, inherited)
            if value is not None:
                state.variables[name] = value
                used.append([name, value])
            elif not self._by_buildkit:
                state.variables.pop(name, None)
        return used

    def expand(self, word: str, scope: Mapping[str, str]) -> str:
        """A word with its variables replaced. Raises BuildFailedError."""
        try:
            return expand(word, scope, self._escape)
        except SubstitutionError as error:
            raise BuildFailedError(f'failed to process "{word}": {error}') from error

    def unused(self) -> list[str]:
        """The arguments that no ARG has declared, in order."""
        return sorted(set(self._given) - self._used - PREDEFINED)

    def _declared(self, instruction: Instruction, scope: Mapping[str, str]) -> list[tuple[str, str | None]]:
        declared: list[tuple[str, str | None]] = []
        for word in split_words(instruction.value, self._escape):
            name, equals, default = word.partition("=")
            self._used.add(name)
            declared.append((name, self.expand(default, scope) if equals else None))
        return declared


def _platforms(target: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for prefix, platform in (("TARGET", target), ("BUILD", AGENT_PLATFORM)):
        os, architecture, variant, *_ = [*platform.split("/"), "", ""]
        values[f"{prefix}PLATFORM"] = platform
        values[f"{prefix}OS"] = os
        values[f"{prefix}ARCH"] = architecture
        values[f"{prefix}VARIANT"] = variant
    return values
