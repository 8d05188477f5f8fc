"""Carries out what a line was parsed into."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from .commands import FAILURE, CommandRunner
from .errors import ShellSyntaxError
from .expansion import ExpansionError
from .grammar import parse_lines
from .state import Break, Continue, Exit, RunCommand, ShellState
from .streams import Budget, Capture, Input, Stream
from .tree import (
    AndOr,
    Case,
    Command,
    For,
    Function,
    If,
    Loop,
    Pipeline,
    Redirected,
    Simple,
    Subshell,
)
from .tree import Sequence as Commands

__all__ = ["Interpreter"]


class Interpreter(CommandRunner):
    """A shell or a subshell with its streams."""

    def __init__(
        self, state: ShellState, streams: dict[int, Stream], command: RunCommand, budget: Budget, depth: int = 0
    ) -> None:
        super().__init__(state, streams, command, budget, depth)
        self._ways: Mapping[type, Callable[[Any], None]] = {
            AndOr: self._and_or,
            Case: self._case,
            Commands: self._sequence,
            For: self._for,
            Function: self._function,
            If: self._if,
            Loop: self._loop,
            Pipeline: self._pipeline,
            Redirected: self._redirected,
            Simple: self.simple,
            Subshell: self._subshell,
        }

    def run(self, text: str) -> int:
        """Carry out a text, to the end of the shell, and answer its exit code."""
        return self._to_end(lambda: self.run_text(text))

    def run_text(self, text: str) -> None:
        """Carry out a text line by line. Raises Exit where its syntax is wrong."""
        try:
            for commands in parse_lines(text, 1, self._depth):
                self.execute(commands)
        except ShellSyntaxError as error:
            self._state.line = error.line
            self.complain(str(error))
            raise Exit(FAILURE) from error

    def output_of(self, commands: Commands) -> str:
        """What commands print in a subshell, whose exit code is kept for an assignment without a command."""
        capture = Capture(self._budget)
        self._substitution_status = self._in_subshell(commands, {**self._streams, 1: capture})
        return capture.text.replace("\0", "")

    def execute(self, command: Command) -> None:
        """Carry out a command; its exit code is the state's status afterwards."""
        self._budget.step()
        self._ways[type(command)](command)

    def _to_end(self, run: Callable[[], None]) -> int:
        self._guard(run)
        action = self._state.traps.pop("EXIT", None)
        if action:
            status = self._state.status
            self._guard(lambda: self._trap(action, status))
        return self._state.status

    def _trap(self, action: str, status: int) -> None:
        self.run_text(action)
        self._state.status = status

    def _guard(self, run: Callable[[], None]) -> None:
        try:
            run()
        except Break:
            pass
        except Exit as end:
            self._state.status = end.status
        except ExpansionError as error:
            self.complain(str(error))
            self._state.status = FAILURE

    def _in_subshell(self, command: Command, streams: dict[int, Stream]) -> int:
        state = self._state.copy()
        state.traps.clear()
        shell = Interpreter(state, dict(streams), self._command, self._budget, self._depth + 1)
        shell._tested = self._tested
        shell._carrier = self._carrier
        return shell._to_end(lambda: shell.execute(command))

    @contextmanager
    def _testing(self) -> Iterator[None]:
        self._tested += 1
        try:
            yield
        finally:
            self._tested -= 1

    def _sequence(self, commands: Commands) -> None:
        for item in commands.items:
            if item.is_background:
                self._in_subshell(item.command, {**self._streams, 0: Input()})
                self._state.status = 0
            else:
                self.execute(item.command)

    def _subshell(self, command: Subshell) -> None:
        self.end(self._in_subshell(command.body, self._streams))

    def _function(self, command: Function) -> None:
        self._state.functions[command.name] = command.body
        self._state.status = 0

    def _and_or(self, command: AndOr) -> None:
        steps = [("", command.first), *command.rest]
        for index, (operator, step) in enumerate(steps):
            if operator and (self._state.status == 0) != (operator == "&&"):
                continue
            if index + 1 < len(steps):
                with self._testing():
                    self.execute(step)
            else:
                self.execute(step)

    def _pipeline(self, pipeline: Pipeline) -> None:
        if pipeline.is_negated:
            with self._testing():
                self._pipe(pipeline.commands)
            self._state.status = int(not self._state.status)
        else:
            self._pipe(pipeline.commands)
            self.end(self._state.status)

    def _pipe(self, commands: Sequence[Command]) -> None:
        if len(commands) == 1:
            self.execute(commands[0])
            return
        streams = dict(self._streams)
        for command in commands[:-1]:
            capture = Capture(self._budget)
            self._in_subshell(command, {**streams, 1: capture})
            streams[0] = Input(capture.text)
        self._state.status = self._in_subshell(commands[-1], streams)

    def _if(self, command: If) -> None:
        with self._testing():
            self.execute(command.condition)
        if self._state.status == 0:
            self.execute(command.then)
        elif command.otherwise is not None:
            self.execute(command.otherwise)
        else:
            self._state.status = 0

    def _loop(self, loop: Loop) -> None:
        status = 0
        while True:
            with self._testing():
                is_left = self._turn(loop.condition)
            if is_left or (self._state.status == 0) == loop.is_until:
                break
            is_left = self._turn(loop.body)
            status = self._state.status
            if is_left:
                break
        self._state.status = status

    def _for(self, loop: For) -> None:
        self._state.line = loop.line
        values = list(self._state.arguments) if loop.words is None else self._expander.fields(loop.words)
        for value in values:
            self.assign(loop.name, value)
            if self._turn(loop.body):
                break
        self._state.status = self._state.status if values else 0

    def _turn(self, commands: Commands) -> bool:
        """Carry out a part of a loop once; whether the loop is left."""
        self._state.loops += 1
        try:
            self.execute(commands)
        except Break as jump:
            self._state.status = 0
            if jump.levels > 1:
                raise type(jump)(jump.levels - 1) from jump
            return not isinstance(jump, Continue)
        finally:
            self._state.loops -= 1
        return False

    def _case(self, command: Case) -> None:
        self._state.line = command.line
        text = self._expander.text(command.word)
        for patterns, body in command.arms:
            if any(self._expander.matches(pattern, text) for pattern in patterns):
                self._state.status = self._state.status if body.items else 0
                self.execute(body)
                return
        self._state.status = 0

    def _redirected(self, command: Redirected) -> None:
        streams = self.redirect(command.redirects)
        if streams is None:
            self.end(FAILURE)
            return
        with self.streams_of(streams):
            self.execute(command.command)
