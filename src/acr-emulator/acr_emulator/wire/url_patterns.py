"""Regular expressions that a user gives for URLs, kept from taking more time or memory than a request is worth."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

import regex

__all__ = ["PatternError", "SlowPatternError", "UrlPattern"]

LONGEST_PATTERN = 1000
MOST_REPETITIONS = 1000
"""Of counted repetitions, one in another multiplied: each is compiled as often as it may occur."""

REPETITION = re.compile(r"\{\s*(\d*)\s*,?\s*(\d*)\s*\}")


class PatternError(ValueError):
    """A pattern that cannot be used; the message says why."""


class SlowPatternError(RuntimeError):
    """A pattern that took too long to look at a URL."""


@dataclass(frozen=True)
class UrlPattern:
    """A regular expression, found anywhere in a URL and in any case. Raises PatternError."""

    text: str
    _compiled: regex.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_compiled", _compile(self.text))

    def is_found_in(self, target: str, seconds: float) -> bool:
        """Whether it matches a part of `target`. Raises SlowPatternError when that takes longer than `seconds`."""
        try:
            return self._compiled.search(target, timeout=max(seconds, 0.001)) is not None
        except TimeoutError as error:
            message = f"the pattern '{self.text}' takes too long for this URL; write it without repetitions in others"
            raise SlowPatternError(message) from error


def _compile(text: str) -> regex.Pattern[str]:
    if len(text) > LONGEST_PATTERN:
        raise PatternError(f"a pattern has at most {LONGEST_PATTERN} characters, not {len(text)}")
    counts = [
        max((int(count[:9]) for count in found.groups() if count), default=1) for found in REPETITION.finditer(text)
    ]
    if math.prod(max(count, 1) for count in counts) > MOST_REPETITIONS:
        raise PatternError(f"counted repetitions may come to {MOST_REPETITIONS} at most")
    try:
        return regex.compile(text, regex.IGNORECASE)
    except (regex.error, RecursionError, MemoryError, OverflowError) as error:
        raise PatternError(f"not a regular expression: {str(error) or type(error).__name__}") from error
