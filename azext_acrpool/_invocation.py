"""One command line of ours, from the moment that az loads the command to the end of its process.

az knows one way to take an interruption: it exits with 1 and says nothing. And it prints without asking whether there
is something to print to. What is done here begins when az has imported itself, has read its configuration and loads
this extension, which is where our code runs first. A signal that comes earlier does what it does to every az.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any, Final

from azure.cli.core.azclierror import AzCLIError, FileOperationError

from ._az_internals import error_at_end, explain_lost_output, is_program, refuses_ids, take_ids_in_turn
from .commands.console.console_close import interrupted_by_closing
from .commands.console.interrupts import Interrupts, leave_on_interrupt
from .commands.console.streams import StandardStreams, flush

__all__ = ["Invocation", "names_one_of", "prepared"]

# As az prints errors where it uses no colours.
_INTERRUPTED: Final = "ERROR: Interrupted.\n"
_ENDED: Final = "ERROR: Interrupted when the command had already ended.\n"
# As a shell has it, and as `ExitCode` has it, which takes long to import.
_EXIT_CODE: Final = 128 + signal.SIGINT


class Invocation:
    """What is taken over of the process for a command line: its signals and its standard streams."""

    # They are the process's, so there is one at a time: az may load an extension twice for a command line.
    _under_way: Invocation | None = None

    def __init__(self, cli_ctx: Any) -> None:
        self._cli_ctx = cli_ctx
        self._interrupts = Interrupts()
        self._streams = StandardStreams()
        self._taken = ExitStack()

    @classmethod
    def begin(cls, cli_ctx: Any) -> Invocation:
        """Take them over, unless that was done; until `hand_back`, or until az comes to the end of the command line."""
        if cls._under_way is None:
            cls._under_way = cls(cli_ctx)
            cls._under_way.take()
        return cls._under_way

    def hand_back(self) -> None:
        """Leave the process as it was found."""
        Invocation._under_way = None
        self._taken.close()

    def take(self) -> None:
        """Take over signals and streams until `hand_back`, or until az comes to the end of the command line."""
        from knack.events import EVENT_CLI_POST_EXECUTE

        self._taken.enter_context(self._interrupts)
        self._taken.enter_context(self._streams)
        self._taken.enter_context(interrupted_by_closing())
        self._cli_ctx.register_event(EVENT_CLI_POST_EXECUTE, self._end)
        self._taken.callback(self._cli_ctx.unregister_event, EVENT_CLI_POST_EXECUTE, self._end)
        explain_lost_output(self._cli_ctx, _lost_output)

    def _end(self, cli_ctx: Any, **_: Any) -> None:
        """az has done and printed everything, or has given up: the last moment at which it takes an exit code."""
        error = error_at_end(cli_ctx)
        is_told = isinstance(error, SystemExit) and error.code == _EXIT_CODE
        is_interrupted = isinstance(error, KeyboardInterrupt) or (error and self._interrupts.has_raised and not is_told)
        if is_program(cli_ctx):
            # First of all: an interruption that is raised from here on would reach nobody who tells it.
            last_words = "" if is_told else _INTERRUPTED if is_interrupted else _ENDED
            leave_on_interrupt(_EXIT_CODE, last_words, leave=os._exit)
        from .commands.command import end_told, errors_shown
        from .commands.console.errors import CommandError, ExitCode

        try:
            with errors_shown(interrupts=self._interrupts), end_told(cli_ctx):
                lost = flush(sys.stdout)
                if is_interrupted:
                    raise KeyboardInterrupt
                if lost is not None and error is None:
                    raise CommandError(_lost_output(lost))
            if refuses_ids(error):
                raise SystemExit(int(ExitCode.USAGE))
        finally:
            if is_program(cli_ctx):
                self._streams.give_back_modes()
            else:
                self.hand_back()


@contextmanager
def prepared(cli_ctx: Any, args: Sequence[str] | None, commands: Iterable[str]) -> Iterator[None]:
    """While inside, the commands are loaded. If the command line `args` is one of them, it is prepared for to its end.

    `commands` holds their names when the block ends. Without arguments, nobody wants to run anything.
    """
    if not args:
        yield
        return
    invocation = Invocation.begin(cli_ctx)
    try:
        yield
    except Exception:
        # Not for KeyboardInterrupt: az ends the command line then, and `_end` tells it.
        invocation.hand_back()
        raise
    if not names_one_of(args, commands):
        invocation.hand_back()
        return
    take_ids_in_turn(cli_ctx, partial(_run_each, cli_ctx))


def _run_each(cli_ctx: Any, jobs: Sequence[Callable[[], Any]]) -> list[Any]:
    """Do what the command line asks for, once for each of its --ids. Raises SystemExit."""
    from .commands.command import errors_shown
    from .commands.console.errors import UsageError
    from .commands.turns import run_in_turn

    with errors_shown():
        if not jobs:
            # As an unset variable gives: az takes an empty text for no ID at all, and would end with success.
            raise UsageError("--ids holds no ID.", "List them with: az acr agentpool list --query [].id -o tsv")
    return run_in_turn(cli_ctx, jobs)


def names_one_of(args: Sequence[str], commands: Iterable[str]) -> bool:
    """Whether a command line is that of one of the commands, as far as can be told before it is parsed."""
    words = [word.lower() for word in args if not word.startswith("-")]
    return any(words[: name.count(" ") + 1] == name.split() for name in commands)


def _lost_output(error: OSError) -> AzCLIError:
    return FileOperationError(
        f"The command was carried out, but its result could not be written to stdout: {error.strerror or error}.",
        "Make room for it, and see with the show or list command what there is before you repeat this one.",
    )
