"""How much a template may do before it is refused; Go would go on."""

from __future__ import annotations

import time
from typing import Any

from ..bounds import LONGEST_TEXT
from ..errors import LimitExceededError

__all__ = ["DEEPEST_CALLS", "Budget", "check_elements", "check_size"]

ELEMENT = 16
"""How many characters an element of a list counts as."""

MOST_STEPS = 200_000
MOST_SECONDS = 60.0
MOST_CHARACTERS = 1 << 26
DEEPEST_CALLS = 100
"""How deep templates may call templates; Go allows 100000 levels."""


def check_size(size: int) -> None:
    """Refuse a result of that many characters before it is made. Raises LimitExceededError."""
    if size > LONGEST_TEXT:
        raise LimitExceededError(f"a result of {size} characters is more than the emulator allows")


def check_elements(count: int) -> None:
    """Refuse a list of that many elements before it is made. Raises LimitExceededError."""
    if count * ELEMENT > LONGEST_TEXT:
        raise LimitExceededError(f"a list of {count} elements is more than the emulator allows")


class Budget:
    """What one execution may still do."""

    def __init__(self) -> None:
        self._steps = MOST_STEPS
        self._characters = MOST_CHARACTERS
        self._end = time.monotonic() + MOST_SECONDS

    def step(self) -> None:
        """Count one node. Raises LimitExceededError."""
        self._steps -= 1
        if self._steps < 0:
            raise LimitExceededError(f"the template takes more than the {MOST_STEPS} steps that the emulator allows")
        if time.monotonic() > self._end:
            raise LimitExceededError(f"the template takes more than the {MOST_SECONDS:.0f} s that the emulator allows")

    def spend(self, result: Any) -> None:
        """Count a function's result or a text printed. Raises LimitExceededError."""
        if isinstance(result, str):
            self._characters -= len(result)
        elif isinstance(result, list | dict):
            self._characters -= len(result) * ELEMENT
        if self._characters < 0:
            raise LimitExceededError("the template makes more text than the emulator allows")
