"""What an autoscaler is to a replay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from .agents import SimulatedPool

__all__ = ["Autoscaler", "Wish"]


@dataclass(frozen=True)
class Wish:
    """What an autoscaler asks for: `count` instances, None for no change.

    `until` is when, if nothing happens before, it may ask for something else; None: never.
    """

    count: int | None = None
    until: float | None = None


class Autoscaler(Protocol):
    """What looks at a pool and says how many instances it shall have."""

    @property
    def looks_again(self) -> bool:
        """Whether it looks at the pool once more when a scaling in was accepted, and goes back if a run has come."""

    def decide(self, pool: SimulatedPool, seen: float) -> Wish:
        """What it asks for at `seen`, by the clock that it goes by."""
