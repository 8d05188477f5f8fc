"""What to tell those who ask for what Azure has and the emulator has not."""

from __future__ import annotations

__all__ = ["explanation"]


def explanation(what: str) -> str:
    """A sentence that says so, and where the list of what is emulated stands."""
    return f'The emulator does not emulate {what}. See "What is emulated" in docs/emulator.md.'
