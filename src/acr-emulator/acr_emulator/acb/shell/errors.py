"""How a line fails."""

from __future__ import annotations

from ..errors import AcbError

__all__ = ["ShellLimitError", "ShellSyntaxError"]


class ShellSyntaxError(Exception):
    """A line that the shell cannot parse: dash's text, and the number of the line that it names."""

    def __init__(self, text: str, line: int) -> None:
        super().__init__(f"Syntax error: {text}")
        self.line = line


class ShellLimitError(AcbError):
    """A line that would take more time or memory than the emulator grants it."""
