"""What `--ensure-capacity` writes down of a pool: how many instances it had, in a tag of the pool itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ..pool import Pool

__all__ = ["RECORD_TAG", "CapacityRecord"]

RECORD_TAG: Final = "acrpool-restore-count"
_RECORD: Final = re.compile(r"(\d+) \(raised to (\d+)\)")


@dataclass(frozen=True)
class CapacityRecord:
    """`restore`: how many instances the pool had; `raised`: how many it was given."""

    restore: int
    raised: int

    def __str__(self) -> str:
        """As in the tag, so that a person who looks at the pool understands it."""
        return f"{self.restore} (raised to {self.raised})"

    @classmethod
    def of(cls, pool: Pool) -> CapacityRecord | None:
        """The record in the pool's tag, None if there is none that can be read."""
        match = _RECORD.fullmatch((pool.tag(RECORD_TAG) or "").strip())
        return cls(int(match[1]), int(match[2])) if match else None
