"""What acb refuses."""

from __future__ import annotations

__all__ = ["AcbError", "AcbPanicError"]


class AcbError(Exception):
    """acb ends with exit code 1; `str(error)` is the whole text that it prints."""

    def within(self, context: str) -> AcbError:
        """The error as one that happened while something was done: `CONTEXT: TEXT`."""
        return AcbError(f"{context}: {self}")


class AcbPanicError(AcbError):
    """acb crashes with exit code 2; `str(error)` is the panic's text."""

    def within(self, context: str) -> AcbError:
        """The same: nothing catches a panic."""
        return self
