"""The few shell commands that can be carried out without a shell.

A command is simulated only if it is the whole line; anything else is taken to succeed and to print nothing.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from .words import SubstitutionError, expand, split_words

__all__ = ["CommandResult", "script_of", "simulate"]

PLAIN = re.compile(r"[^;&|<>`()\n]*")
NUMBER = re.compile(r"\d+(\.\d+)?")
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class CommandResult:
    """What a command did: exit code, lines printed, seconds taken."""

    exit_code: int = 0
    output: tuple[str, ...] = ()
    seconds: float = 1.0


def simulate(command: str, variables: Mapping[str, str]) -> CommandResult:
    """Carry out `exit N`, `false`, `sleep N` and `echo ...`; anything else succeeds silently."""
    if PLAIN.fullmatch(command.strip()) is None:
        return CommandResult()
    try:
        words = [expand(word, variables) for word in split_words(command)]
    except SubstitutionError:
        return CommandResult()
    result = CommandResult()
    match words:
        case ["false"]:
            result = CommandResult(exit_code=1)
        case ["exit", code] if code.isdecimal():
            result = CommandResult(exit_code=int(code) % 256)
        case ["sleep", duration] if (seconds := _seconds(duration)) is not None:
            result = CommandResult(seconds=seconds)
        case ["echo", *texts]:
            result = CommandResult(output=tuple(" ".join(texts).split("\n")))
    return result


def _seconds(duration: str) -> float | None:
    unit = UNITS.get(duration[-1:])
    number = duration if unit is None else duration[:-1]
    return float(number) * (unit or 1) if NUMBER.fullmatch(number) else None


def script_of(arguments: str) -> str:
    """The script in `-c 'script'`, `sh -c ..` or `bash -c ..`; other arguments are a script themselves."""
    try:
        words = shlex.split(arguments)
    except ValueError:
        return arguments
    if words and words[0] in ("sh", "bash", "/bin/sh", "/bin/bash"):
        words = words[1:]
        arguments = shlex.join(words)
    return words[1] if len(words) > 1 and words[0] == "-c" else arguments
