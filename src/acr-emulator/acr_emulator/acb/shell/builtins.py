"""The shell's own commands, but for those that carry out others."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .builtin_names import SPECIAL_BUILTINS
from .conditions import holds
from .echoes import echoed, printed
from .state import Break, Continue, Exit, Return, ShellCommandError, ShellState
from .streams import Input, Stream

__all__ = ["BUILTINS", "Call", "single_quoted"]

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
OPTION_LETTERS = {"allexport": "a", "errexit": "e", "noglob": "f", "nounset": "u", "xtrace": "x"}
LETTERS = "abCefhIimnuvx"


@dataclass(frozen=True)
class Call:
    """A command's name and arguments, the shell's state, and where the command reads and writes."""

    name: str
    arguments: list[str]
    state: ShellState
    streams: Mapping[int, Stream]

    def write(self, text: str, descriptor: int = 1) -> None:
        """Write to one of the outputs. Raises ShellCommandError if it is closed, or not one to write to."""
        stream = self.streams.get(descriptor)
        if stream is None or isinstance(stream, Input):
            raise ShellCommandError(f"{self.name}: I/O error", 1)
        stream.write(text)

    def number(self, default: int) -> int:
        """The argument, a number. Raises ShellCommandError."""
        text = self.arguments[0] if self.arguments else str(default)
        if not (text.isascii() and text.isdecimal()) or int(text) > 2**31 - 1:
            raise ShellCommandError(f"Illegal number: {text}")
        return int(text)


def _true(call: Call) -> int:
    return 0


def _false(call: Call) -> int:
    return 1


def _echo(call: Call) -> int:
    call.write(echoed(call.arguments))
    return 0


def _printf(call: Call) -> int:
    text, complaints = printed(call.arguments)
    for complaint in complaints:
        call.write(f"{call.state.name}: {call.state.line}: printf: {complaint}\n", 2)
    call.write(text)
    return int(bool(complaints))


def _test(call: Call) -> int:
    arguments = call.arguments
    if call.name == "[":
        if not arguments or not arguments[-1].startswith("]"):
            raise ShellCommandError("missing ]")
        arguments = arguments[:-1]
    return int(not holds(arguments, call.state))


def _exit(call: Call) -> int:
    raise Exit(call.number(call.state.status) & 255)


def _return(call: Call) -> int:
    raise Return(call.number(call.state.status) & 255)


def _break(call: Call) -> int:
    levels = call.number(1)
    if levels == 0:
        raise ShellCommandError("Illegal number: 0")
    if call.state.loops:
        raise (Break if call.name == "break" else Continue)(min(levels, call.state.loops))
    return 0


def _export(call: Call) -> int:
    state = call.state
    names = state.exported if call.name == "export" else state.constants
    arguments = [argument for argument in call.arguments if argument != "-p"]
    if not arguments:
        values = {name: state.variables.get(name) for name in sorted(names)}
        call.write("".join(f"{call.name} {name}{_equals(value)}\n" for name, value in values.items()))
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if NAME.fullmatch(name) is None:
            raise ShellCommandError(f"{name}: bad variable name")
        if equals:
            state.assign(name, value)
        names.add(name)
    return 0


def _local(call: Call) -> int:
    if not call.state.locals:
        raise ShellCommandError("not in a function")
    for argument in call.arguments:
        name, equals, value = argument.partition("=")
        call.state.locals[-1].setdefault(name, call.state.variables.get(name))
        if equals:
            call.state.assign(name, value)
    return 0


def _unset(call: Call) -> int:
    is_function = call.arguments[:1] == ["-f"]
    for name in call.arguments[call.arguments[:1] in (["-f"], ["-v"]) :]:
        if is_function:
            call.state.functions.pop(name, None)
        elif name in call.state.constants:
            raise ShellCommandError(f"{name}: is read only")
        else:
            call.state.variables.pop(name, None)
            call.state.exported.discard(name)
    return 0


def _set(call: Call) -> int:
    arguments = list(call.arguments)
    if not arguments:
        variables = sorted(call.state.variables.items())
        call.write("".join(f"{name}={single_quoted(value)}\n" for name, value in variables))
    while arguments and arguments[0][:1] in ("-", "+") and len(arguments[0]) > 1:
        option = arguments.pop(0)
        if option == "--":
            call.state.arguments = arguments
            return 0
        for letter in option[1:]:
            name = letter
            if letter == "o":
                name = OPTION_LETTERS.get(arguments.pop(0) if arguments else "", "n")
            if name not in LETTERS:
                raise ShellCommandError(f"Illegal option {option[0]}{letter}")
            (call.state.options.add if option[0] == "-" else call.state.options.discard)(name)
    if arguments:
        call.state.arguments = arguments[arguments[:1] == ["-"] :]
    return 0


def _shift(call: Call) -> int:
    count = call.number(1)
    if count > len(call.state.arguments):
        raise ShellCommandError("can't shift that many")
    call.state.arguments = call.state.arguments[count:]
    return 0


def _read(call: Call) -> int:
    names = [argument for argument in call.arguments if not argument.startswith("-")]
    keeps_backslashes = "-r" in call.arguments
    if not names:
        raise ShellCommandError("arg count")
    source = call.streams.get(0)
    text = source.read_line() if isinstance(source, Input) else ""
    ends = text.endswith("\n")
    while not keeps_backslashes and text.endswith("\\\n") and isinstance(source, Input):
        more = source.read_line()
        text, ends = text[:-2] + more, more.endswith("\n")
    text = text.removesuffix("\n")
    if not keeps_backslashes:
        text = re.sub(r"\\(.)", r"\1", text)
    blanks = "".join(set(call.state.variables.get("IFS", " \t\n")) & set(" \t\n"))
    separators = call.state.variables.get("IFS", " \t\n")
    for index, name in enumerate(names):
        text = text.lstrip(blanks)
        if index + 1 == len(names):
            call.state.assign(name, text.rstrip(blanks))
            break
        match = re.match(f"[^{re.escape(separators)}]*", text) if separators else None
        value = match[0] if match else text
        rest = text[len(value) :].lstrip(blanks)
        text = rest[1:] if rest[:1] and rest[0] in separators else rest
        call.state.assign(name, value)
    return int(not ends)


def _cd(call: Call) -> int:
    state = call.state
    target = next((argument for argument in call.arguments if argument not in ("-L", "-P", "--")), None)
    if target is None:
        target = state.variables.get("HOME", "")
    shows = target == "-"
    if shows:
        target = state.variables.get("OLDPWD", state.directory)
    path = posixpath.normpath(posixpath.join(state.directory, target))
    if not state.files.is_directory(path):
        raise ShellCommandError(f"can't cd to {target}")
    state.variables.update(OLDPWD=state.directory, PWD=path)
    state.directory = path
    if shows:
        call.write(f"{path}\n")
    return 0


def _pwd(call: Call) -> int:
    call.write(f"{call.state.directory}\n")
    return 0


def _type(call: Call) -> int:
    status = 0
    guesses = call.state.files.guesses
    for name in call.arguments:
        if name in call.state.functions:
            call.write(f"{name} is a shell function\n")
        elif name in BUILTINS or name in SPECIAL_BUILTINS:
            kind = "special shell builtin" if name in SPECIAL_BUILTINS else "shell builtin"
            call.write(f"{name} is a {kind}\n")
        elif not (guesses is not None and guesses.decide(f"type {name}")):
            call.write(f"{name}: not found\n")
            status = 127
    return status


def _trap(call: Call) -> int:
    traps = call.state.traps
    arguments = call.arguments[call.arguments[:1] == ["--"] :]
    if not arguments:
        call.write("".join(f"trap -- {single_quoted(action)} {signal}\n" for signal, action in traps.items()))
    action = arguments.pop(0) if len(arguments) > 1 else "-"
    for name in arguments:
        signal = "EXIT" if name == "0" else name
        traps.pop(signal, None)
        if action != "-":
            traps[signal] = action
    return 0


def _umask(call: Call) -> int:
    if not call.arguments:
        call.write("0022\n")
    return 0


def _equals(value: str | None) -> str:
    return "" if value is None else f"={single_quoted(value)}"


def single_quoted(text: str) -> str:
    """A text as the shell prints it so that it can be read again."""
    parts = text.split("'")
    return '"\'"'.join(f"'{part}'" if part or len(parts) == 1 else "" for part in parts)


BUILTINS: Mapping[str, Callable[[Call], int]] = {
    ":": _true,
    "[": _test,
    "break": _break,
    "cd": _cd,
    "chdir": _cd,
    "continue": _break,
    "echo": _echo,
    "exit": _exit,
    "export": _export,
    "false": _false,
    "local": _local,
    "printf": _printf,
    "pwd": _pwd,
    "read": _read,
    "readonly": _export,
    "return": _return,
    "set": _set,
    "shift": _shift,
    "test": _test,
    "times": _true,
    "trap": _trap,
    "true": _true,
    "type": _type,
    "umask": _umask,
    "unset": _unset,
    "wait": _true,
}
