"""Names of commands that are the shell's own."""

from __future__ import annotations

__all__ = ["DECLARATIONS", "SPECIAL_BUILTINS"]

SPECIAL_BUILTINS = frozenset(
    {
        *(".", ":", "break", "continue", "eval", "exec", "exit", "export", "readonly", "return", "set", "shift"),
        *("times", "trap", "unset"),
    }
)
"""An error in one of these ends the shell."""

DECLARATIONS = frozenset({"export", "local", "readonly"})
"""Their arguments `NAME=value` are expanded as assignments are."""
