"""Simple commands: words, assignments and redirections, and who carries them out."""

from __future__ import annotations

import posixpath
import shlex
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from .builtin_names import DECLARATIONS, SPECIAL_BUILTINS
from .builtins import BUILTINS, Call
from .errors import ShellLimitError
from .expansion import Expander
from .guesses import Guesses
from .redirection import RedirectionError, redirected
from .state import Exit, Return, RunCommand, ShellCommandError, ShellState
from .streams import Budget, Collected, Input, Stream
from .tree import Command, Literal, Redirect, Simple, Word
from .tree import Sequence as Commands

__all__ = ["DEEPEST", "FAILURE", "CommandRunner"]

DEEPEST = 40
FAILURE = 2
NOT_EXECUTABLE = 126
NOT_FOUND = 127
CARRIERS = frozenset({".", "command", "eval", "exec"})
"""Commands of the shell's own that carry out others."""


class CommandRunner(ABC):
    """A shell or a subshell with its streams, as far as simple commands need it."""

    def __init__(
        self, state: ShellState, streams: dict[int, Stream], command: RunCommand, budget: Budget, depth: int
    ) -> None:
        if depth > DEEPEST:
            raise ShellLimitError("a line for the shell calls itself too often")
        self._state = state
        self._streams = streams
        self._command = command
        self._budget = budget
        self._depth = depth
        self._tested = 0
        self._carrier = ""
        self._substitution_status = 0
        self._expander = Expander(state, budget, self.output_of)

    @abstractmethod
    def execute(self, command: Command) -> None:
        """Carry out a command; its exit code is the state's status afterwards."""

    @abstractmethod
    def run_text(self, text: str) -> None:
        """Carry out a text line by line."""

    @abstractmethod
    def output_of(self, commands: Commands) -> str:
        """What commands print that are carried out in a subshell."""

    def complain(self, text: str) -> None:
        """Print an error of the shell."""
        if self._state.files.guesses is not None:
            self._state.files.guesses.doubt(text)
        stream = self._streams.get(2)
        if stream is not None and not isinstance(stream, Input):
            stream.write(f"{self._state.name}: {self._state.line}: {self._carrier}{text}\n")

    def end(self, status: int) -> None:
        """Note an exit code; with `set -e` one that nobody tests ends the shell."""
        self._state.status = status
        if status and not self._tested and "e" in self._state.options:
            raise Exit(status)

    @contextmanager
    def streams_of(self, streams: dict[int, Stream]) -> Iterator[None]:
        """Other streams for a while."""
        before, self._streams = self._streams, streams
        try:
            yield
        finally:
            self._streams = before

    @contextmanager
    def _carried_by(self, name: str) -> Iterator[None]:
        """For a while errors begin with the name of the shell's own command that meets them."""
        before, self._carrier = self._carrier, f"{name}: "
        yield
        self._carrier = before

    def redirect(self, redirects: Sequence[Redirect]) -> dict[int, Stream] | None:
        """The streams of a command, or None if they cannot be, which has been printed then."""
        try:
            return redirected(self._streams, redirects, self._expander.text, self._state, self._budget)
        except RedirectionError as error:
            with self.streams_of(error.streams):
                self.complain(str(error))
            return None

    def assign(self, name: str, value: str) -> None:
        """Set a variable; a constant ends the shell."""
        try:
            self._state.assign(name, value)
        except ShellCommandError as error:
            self.complain(str(error))
            raise Exit(FAILURE) from error

    def simple(self, command: Simple) -> None:
        """Carry out a simple command."""
        self._state.line = command.line
        self._substitution_status = 0
        words = self._words(command.words)
        streams = self.redirect(command.redirects)
        if streams is None:
            if words and words[0] in SPECIAL_BUILTINS:
                raise Exit(FAILURE)
            self.end(FAILURE)
            return
        variables, exported = dict(self._state.variables), set(self._state.exported)
        assignments = [self._carry_out(assignment) for assignment in command.assignments]
        if "x" in self._state.options:
            prompt = self._state.variables.get("PS4", "+ ")
            trace = " ".join([*(f"{name}={value}" for name, value in assignments), *words])
            self._write_trace(f"{prompt}{trace}\n")
        if not words:
            self.end(self._substitution_status)
            return
        is_lasting = words[0] in SPECIAL_BUILTINS
        self._state.exported.update(() if is_lasting else (name for name, _ in assignments))
        try:
            status = self._run(words, streams)
        finally:
            if not is_lasting:
                self._restore([name for name, _ in assignments], variables, exported)
        self.end(status)

    def _carry_out(self, assignment: tuple[str, Word]) -> tuple[str, str]:
        name, word = assignment
        value = self._expander.text(word, is_assignment=True)
        self.assign(name, value)
        return name, value

    def _restore(self, names: Sequence[str], variables: Mapping[str, str], exported: set[str]) -> None:
        for name in names:
            if name in variables:
                self._state.variables[name] = variables[name]
            else:
                self._state.variables.pop(name, None)
            if name not in exported:
                self._state.exported.discard(name)

    def _write_trace(self, text: str) -> None:
        stream = self._streams.get(2)
        if stream is not None and not isinstance(stream, Input):
            stream.write(text)

    def _words(self, words: Sequence[Word]) -> list[str]:
        fields = self._expander.fields(words[:1])
        if not (fields and fields[0] in DECLARATIONS):
            return fields + self._expander.fields(words[1:])
        for word in words[1:]:
            first = word[0] if word else None
            if isinstance(first, Literal) and "=" in first.text:
                name, _, rest = first.text.partition("=")
                value = self._expander.text((Literal(rest, first.is_quoted), *word[1:]), is_assignment=True)
                fields.append(f"{name}={value}")
            else:
                fields += self._expander.fields([word])
        return fields

    def _run(self, words: list[str], streams: dict[int, Stream]) -> int:
        name = words[0]
        if name in self._state.functions and name not in SPECIAL_BUILTINS:
            return self._call(words, streams)
        return self._own(words, streams) if name in BUILTINS or name in CARRIERS else self._external(words, streams)

    def _call(self, words: list[str], streams: dict[int, Stream]) -> int:
        state = self._state
        if self._depth + len(state.locals) > DEEPEST:
            raise ShellLimitError("a line for the shell calls itself too often")
        arguments, state.arguments = state.arguments, words[1:]
        loops, state.loops = state.loops, 0
        state.locals.append({})
        try:
            with self.streams_of(streams):
                self.execute(state.functions[words[0]])
        except Return as end:
            state.status = end.status
        finally:
            state.arguments, state.loops = arguments, loops
            for name, value in state.locals.pop().items():
                if value is None:
                    state.variables.pop(name, None)
                else:
                    state.variables[name] = value
        return state.status

    def _own(self, words: list[str], streams: dict[int, Stream]) -> int:
        name, arguments = words[0], words[1:]
        if name == "exec":
            return self._exec(arguments, streams)
        if name == "command":
            return self._command_builtin(arguments, streams)
        try:
            if name in CARRIERS:
                with self.streams_of(streams):
                    return self._evaluate(name, arguments)
            return BUILTINS[name](Call(name, arguments, self._state, streams))
        except ShellCommandError as error:
            with self.streams_of(streams), self._carried_by(name):
                self.complain(str(error))
            if name in SPECIAL_BUILTINS or name == "local":
                raise Exit(error.status) from error
            return error.status

    def _evaluate(self, name: str, arguments: list[str]) -> int:
        text = " ".join(arguments)
        if name == "." and arguments:
            source = self._state.files.open_input(posixpath.join(self._state.directory, arguments[0]))
            if source is None:
                raise ShellCommandError(f"{arguments[0]}: not found")
            text = source.read_all()
        if self._depth >= DEEPEST:
            raise ShellLimitError("a line for the shell calls itself too often")
        self._depth += 1
        self._state.status = 0
        try:
            with self._carried_by(name):
                self.run_text(text)
        except Return as end:
            if name == "eval":
                raise
            self._state.status = end.status
        finally:
            self._depth -= 1
        return self._state.status

    def _exec(self, arguments: list[str], streams: dict[int, Stream]) -> int:
        if arguments:
            with self._carried_by("exec"):
                status = self._external(arguments, streams)
            raise Exit(status)
        self._streams.clear()
        self._streams.update(streams)
        return 0

    def _command_builtin(self, arguments: list[str], streams: dict[int, Stream]) -> int:
        if arguments[:1] in (["-v"], ["-V"]):
            name = arguments[1] if len(arguments) > 1 else ""
            is_known = name in BUILTINS or name in CARRIERS or name in self._state.functions
            if is_known:
                Call("command", [], self._state, streams).write(f"{name}\n")
                return 0
            guesses = self._state.files.guesses
            return self._guessed(arguments, streams, guesses) if guesses is not None else NOT_FOUND
        words = arguments[arguments[:1] in (["-p"], ["--"]) :]
        if not words:
            return 0
        is_own = words[0] in BUILTINS or words[0] in CARRIERS
        return self._own(words, streams) if is_own else self._external(words, streams)

    def _external(self, words: list[str], streams: dict[int, Stream]) -> int:
        source = streams.get(0)
        result = self._command(words, source if isinstance(source, Input) else Input(), self._state.environment())
        if result is None:
            path = posixpath.normpath(posixpath.join(self._state.directory, words[0]))
            is_directory = "/" in words[0] and self._state.files.is_known_directory(path)
            with self.streams_of(streams):
                self.complain(f"{words[0]}: {'Permission denied' if is_directory else 'not found'}")
            return NOT_EXECUTABLE if is_directory else NOT_FOUND
        for descriptor, text in ((1, result.output), (2, result.errors)):
            stream = streams.get(descriptor)
            if stream is not None and not isinstance(stream, Input):
                stream.write(text)
        guesses = self._state.files.guesses
        return self._guessed(words, streams, guesses) if result.is_guess and guesses is not None else result.exit_code

    def _guessed(self, words: Sequence[str], streams: dict[int, Stream], guesses: Guesses) -> int:
        """The exit code of a program that nobody knows. What it prints is of no matter in the shell's own output."""
        if isinstance(streams.get(1), Collected):
            guesses.is_uncertain = True
        return int(not guesses.decide(shlex.join(words))) if self._tested else 0
