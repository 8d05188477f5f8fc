"""What a command in a container does, as far as that can be told without the container."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence

from ...acb.docker import Finished, Printed
from ...acb.shell import CommandResult, Files, Input, ShellLimitError, run_script

__all__ = ["carry_out"]

SHELL = re.compile(r"(?:.*/)?(?:ash|bash|dash|sh)")
SCRIPT_OPTION = re.compile(r"-[a-z]*c[a-z]*")
SWITCHES = "eux"
"""Options of a shell that count here."""

NUMBER = re.compile(r"\d+(\.\d+)?")
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
USUAL_SECONDS = 1.0
MOST_SHELLS = 20


def carry_out(arguments: Sequence[str], variables: Mapping[str, str], files: Mapping[str, str]) -> Finished:
    """Carry out a program with its arguments, in the environment `variables` and with some `files` by absolute path.

    Shells read their scripts, and their own commands do what they do; any other command is taken to be there, to
    succeed and to print nothing, but for `sleep` and `cat`. Raises ShellLimitError for what takes too much.
    """
    slept = 0.0
    shells = 0

    def command(words: Sequence[str], standard_input: Input, _environment: Mapping[str, str]) -> CommandResult:
        nonlocal slept, shells
        if words[0] == "sleep" and all(_seconds(word) is not None for word in words[1:]):
            slept += sum(_seconds(word) or 0.0 for word in words[1:])
        elif words[0] == "cat":
            contents = (files.get(word, "") for word in words[1:])
            return CommandResult(output="".join(contents) if words[1:] else standard_input.read_all())
        elif SHELL.fullmatch(words[0]) and len(words) > 1:
            shells += 1
            if shells > MOST_SHELLS:
                raise ShellLimitError(f"a shell may start {MOST_SHELLS} others in the emulator")
            inner = carry_out(words, {**variables, **_environment}, files)
            slept += inner.seconds - USUAL_SECONDS if inner.seconds > USUAL_SECONDS else 0.0
            return CommandResult(inner.exit_code, inner.text)
        return CommandResult()

    name, script, rest = _script(list(arguments))
    result = run_script(script, variables, command, Files(files, "/", has_others=True), name=name, arguments=rest)
    text = "".join(text for _, text in result.written)
    seconds = slept or USUAL_SECONDS
    lines = text.removesuffix("\n").split("\n") if text else []
    output = tuple(Printed(line, 0.0 if index else seconds) for index, line in enumerate(lines))
    return Finished(result.exit_code, output, 0.0 if lines else seconds)


def _script(arguments: list[str]) -> tuple[str, str, list[str]]:
    """The name, script and arguments of a shell that does what a program would; `-c ..` is for a shell as well."""
    words = list(arguments)
    shell = words.pop(0) if words and SHELL.fullmatch(words[0]) else "/bin/sh"
    options = 0
    while options < len(words) and words[options].startswith("-") and not SCRIPT_OPTION.fullmatch(words[options]):
        options += 1
    if options + 1 < len(words) and SCRIPT_OPTION.fullmatch(words[options]):
        script, *rest = words[options + 1 :]
        switches = "".join(letter for word in words[: options + 1] for letter in word[1:] if letter in SWITCHES)
        script = f"set -{switches}; {script}" if switches else script
        return (rest[0] if rest else shell), script, rest[1:]
    return shell, shlex.join(arguments if len(words) == len(arguments) else []), []


def _seconds(duration: str) -> float | None:
    unit = UNITS.get(duration[-1:])
    number = duration if unit is None else duration[:-1]
    return float(number) * (unit or 1) if NUMBER.fullmatch(number) else None
