"""What a shell knows and does, apart from its commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from .streams import Files, Input
from .tree import Command

__all__ = [
    "Break",
    "CommandResult",
    "Continue",
    "Exit",
    "Return",
    "RunCommand",
    "ShellCommandError",
    "ShellState",
]


@dataclass(frozen=True)
class CommandResult:
    """What a command that is not the shell's own did: exit code, texts written, seconds taken.

    `is_guess`: that is what it is taken to do, by nobody who knows it.
    """

    exit_code: int = 0
    output: str = ""
    errors: str = ""
    seconds: float = 0.0
    is_guess: bool = False


RunCommand: TypeAlias = Callable[[Sequence[str], Input, Mapping[str, str]], CommandResult | None]
"""Carries out a command: its words, its input and its environment; None if there is no such command."""


class Exit(Exception):  # noqa: N818 - no error: `exit` on its way out of the shell
    """The shell, or a subshell, ends."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Return(Exit):
    """A function ends."""


class Break(Exception):  # noqa: N818 - no error: `break` on its way to its loop
    """Loops end, `levels` of them."""

    def __init__(self, levels: int) -> None:
        super().__init__(levels)
        self.levels = levels


class Continue(Break):
    """As Break, but the last of the loops goes on."""


class ShellCommandError(Exception):
    """A command of the shell's own goes wrong; the text is what the shell prints after the command's name."""

    def __init__(self, text: str, status: int = 2) -> None:
        super().__init__(text)
        self.status = status


@dataclass
class ShellState:
    """A shell's variables and settings; a subshell has a copy. A list of arguments is replaced, never changed."""

    variables: dict[str, str]
    exported: set[str]
    files: Files
    name: str
    directory: str
    arguments: list[str] = field(default_factory=list)
    constants: set[str] = field(default_factory=set)
    functions: dict[str, Command] = field(default_factory=dict)
    options: set[str] = field(default_factory=set)
    status: int = 0
    line: int = 1
    loops: int = 0
    locals: list[dict[str, str | None]] = field(default_factory=list)
    traps: dict[str, str] = field(default_factory=dict)

    def copy(self) -> ShellState:
        """The state of a subshell. Files are shared."""
        return ShellState(
            dict(self.variables),
            set(self.exported),
            self.files,
            self.name,
            self.directory,
            self.arguments,
            set(self.constants),
            dict(self.functions),
            set(self.options),
            self.status,
            self.line,
            self.loops,
            [dict(saved) for saved in self.locals],
            dict(self.traps),
        )

    def assign(self, name: str, value: str) -> None:
        """Set a variable. Raises ShellCommandError for a constant."""
        if name in self.constants:
            raise ShellCommandError(f"{name}: is read only")
        self.variables[name] = value
        if "a" in self.options:
            self.exported.add(name)

    def environment(self) -> dict[str, str]:
        """What commands are given."""
        return {name: self.variables[name] for name in sorted(self.exported) if name in self.variables}
