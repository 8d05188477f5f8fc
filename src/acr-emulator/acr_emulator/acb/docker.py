"""What acb needs of docker: a client that it calls, and what a call comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Docker", "Finished", "Printed"]


@dataclass(frozen=True)
class Printed:
    """A line that a command printed, `seconds_before` seconds after the line before it."""

    text: str
    seconds_before: float = 0.0


@dataclass(frozen=True)
class Finished:
    """A command that has ended, `seconds_after` seconds after its last line."""

    exit_code: int = 0
    output: tuple[Printed, ...] = ()
    seconds_after: float = 0.0

    @property
    def seconds(self) -> float:
        """How long it took."""
        return sum(line.seconds_before for line in self.output) + self.seconds_after

    @property
    def text(self) -> str:
        """All that it printed."""
        return "".join(f"{line.text}\n" for line in self.output)


class Docker(Protocol):
    """Docker's client on the agent."""

    def run(self, arguments: Sequence[str], standard_input: str = "") -> Finished:
        """What `docker ARGUMENTS` does."""
