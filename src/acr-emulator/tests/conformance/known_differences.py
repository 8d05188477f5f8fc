"""What is known to differ from recordings and examples, each with its reason."""

from __future__ import annotations

import re
from dataclasses import dataclass

from comparison import Difference

__all__ = ["KNOWN_DIFFERENCES", "KnownDifference", "reason_of"]


@dataclass(frozen=True)
class KnownDifference:
    """A difference that stays: in which recording or example, a pattern for where, and why."""

    name: str
    where: str
    reason: str


KNOWN_DIFFERENCES = (
    KnownDifference(
        "TaskRunsCreate",
        r"body\.properties\.runRequest\.(credentials|values|isArchiveEnabled)",
        "the example shows the schema: a recording of the same api-version has none of what is empty",
    ),
)


def reason_of(name: str, difference: Difference) -> str | None:
    """Why something differs, None if nobody knows."""
    found = (
        known.reason
        for known in KNOWN_DIFFERENCES
        if known.name == name and re.fullmatch(known.where, difference.where)
    )
    return next(found, None)
