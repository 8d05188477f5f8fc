"""What `/bin/sh -c LINE` makes of a line, without a shell and without running anything.

The shell is dash 0.5.12, whose words and errors these are. Nothing outside of Python's own memory is touched: commands
are what a caller's function makes of them, files are texts in a mapping.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .errors import ShellLimitError, ShellSyntaxError
from .grammar import parse_lines
from .guesses import Guesses
from .interpreter import Interpreter
from .state import CommandResult, RunCommand, ShellState
from .streams import Budget, Files, Input, Transcript
from .tree import Simple, Substitution

__all__ = [
    "CommandResult",
    "Files",
    "Guesses",
    "Input",
    "RunCommand",
    "ShellLimitError",
    "ShellResult",
    "is_lone_command",
    "run_script",
]

OWN_VARIABLES: Final = {"IFS": " \t\n", "OPTIND": "1", "PPID": "0", "PS1": "# ", "PS2": "> ", "PS4": "+ "}

LONGEST_SCRIPT = 1 << 20
"""Characters: the emulator's limit."""


@dataclass(frozen=True)
class ShellResult:
    """How a line ended, and what was written, each text with the number of its output (1, 2), in order."""

    exit_code: int
    written: tuple[tuple[int, str], ...]

    @property
    def output(self) -> str:
        """What was written to standard output."""
        return "".join(text for descriptor, text in self.written if descriptor == 1)

    @property
    def errors(self) -> str:
        """What was written to standard error."""
        return "".join(text for descriptor, text in self.written if descriptor == 2)


def run_script(
    script: str,
    environment: Mapping[str, str],
    command: RunCommand,
    files: Files | None = None,
    *,
    name: str = "/bin/sh",
    arguments: Sequence[str] = (),
) -> ShellResult:
    """What `name -c script name arguments..` does, in the directory of `files`, by default an empty one.

    `command` carries out what is not the shell's own. Raises ShellLimitError for a script that takes too much.
    """
    files = files or Files({}, "/")
    budget = Budget()
    state = ShellState(
        variables={**OWN_VARIABLES, "PWD": files.directory, **environment},
        exported={*environment, "PWD"},
        files=files,
        name=name,
        directory=files.directory,
        arguments=list(arguments),
    )
    if len(script) > LONGEST_SCRIPT:
        raise ShellLimitError(f"a line for the shell is longer than {LONGEST_SCRIPT} characters")
    written: list[tuple[int, str]] = []
    outputs = {descriptor: Transcript(budget, descriptor, written) for descriptor in (1, 2)}
    interpreter = Interpreter(state, {0: Input(), **outputs}, command, budget)
    try:
        exit_code = interpreter.run(script)
    except RecursionError as error:
        raise ShellLimitError("a line for the shell nests too deep") from error
    return ShellResult(exit_code, tuple(written))


def is_lone_command(script: str) -> bool:
    """Whether a script is one command and nothing else: what that prints, and how it ends, is the script's own."""
    if len(script) > LONGEST_SCRIPT:
        return False
    try:
        items = [item for commands in parse_lines(script) for item in commands.items]
    except (ShellSyntaxError, RecursionError):
        return False
    if len(items) != 1 or items[0].is_background or not isinstance(items[0].command, Simple):
        return False
    command = items[0].command
    parts = [part for word in command.words for part in word]
    return not command.redirects and not any(isinstance(part, Substitution) for part in parts)
