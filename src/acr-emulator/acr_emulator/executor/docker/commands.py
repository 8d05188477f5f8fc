"""What a command in a container does, as far as that can be told without the container.

Assumed: what cannot be told is taken to go well, so that no run fails here which would succeed on Azure.
"""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ...acb.docker import Finished, Printed
from ...acb.shell import CommandResult, Files, Guesses, Input, ShellLimitError, run_script

__all__ = ["carry_out"]

SHELL = re.compile(r"(?:.*/)?(?:ash|bash|dash|sh)")
SCRIPT_OPTION = re.compile(r"-[a-z]*c[a-z]*")
NAMED_OPTION = re.compile(r"[-+][a-z]*[oO]")
SWITCHES = "eux"
"""Options of a shell that count here."""

NUMBER = re.compile(r"\d+(\.\d+)?")
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
USUAL_SECONDS = 1.0
MOST_SHELLS = 20
ENVIRONMENT = {
    "HOME": "/root",
    "HOSTNAME": "container",
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
}
"""What docker sets in a container without variables of its own; the name is made up."""

MOST_TRIES = 30
TAKEN_TO_SUCCEED = "The emulator cannot tell how this command ends, and takes it to succeed"


def carry_out(
    arguments: Sequence[str],
    variables: Mapping[str, str],
    files: Mapping[str, str],
    missing: Collection[str] = (),
    directory: str = "/",
) -> Finished:
    """Carry out a program with its arguments, in the environment `variables` and with some `files` by absolute path.

    It starts in `directory`; nothing is at the paths `missing`, and at any other there may be a file.
    Shells read their scripts, and their own commands do what they do; any other command is taken to be there, to
    succeed and to print nothing, but for `sleep` and `cat`. A script that fails by what it makes of that is tried with
    other exit codes of such commands, and other answers about files that are not known; where it depends on
    their texts it is taken to succeed. Raises ShellLimitError for what takes too much.
    """
    place = _Place(files, frozenset(missing), directory)
    guesses = Guesses()
    result = first = _tried(list(arguments), variables, place, guesses)
    is_uncertain = guesses.is_uncertain
    for _ in range(MOST_TRIES):
        answers = guesses.next_answers()
        if not result.exit_code or answers is None:
            break
        guesses = Guesses(answers)
        result = _tried(list(arguments), variables, place, guesses)
        is_uncertain = is_uncertain or guesses.is_uncertain
    if result.exit_code and is_uncertain:
        return Finished(0, (*first.output, Printed(TAKEN_TO_SUCCEED, first.seconds_after)))
    return first if result.exit_code else result


@dataclass(frozen=True)
class _Place:
    files: Mapping[str, str]
    missing: frozenset[str]
    directory: str


def _tried(arguments: list[str], variables: Mapping[str, str], place: _Place, guesses: Guesses) -> Finished:
    """One way in which it may go. What has no end only as far as one can guess ends all the same."""
    container = _Container(place, guesses)
    try:
        code, text = container.run(arguments, {**ENVIRONMENT, **variables})
    except ShellLimitError:
        if not guesses.is_uncertain:
            raise
        return Finished(0, (Printed(TAKEN_TO_SUCCEED, USUAL_SECONDS),))
    seconds = container.slept or USUAL_SECONDS
    lines = text.removesuffix("\n").split("\n") if text else []
    output = tuple(Printed(line, 0.0 if index else seconds) for index, line in enumerate(lines))
    return Finished(code, output, 0.0 if lines else seconds)


@dataclass
class _Container:
    place: _Place
    guesses: Guesses
    slept: float = 0.0
    shells: int = 0

    def run(self, arguments: list[str], variables: Mapping[str, str]) -> tuple[int, str]:
        """The exit code of a program, and what it prints."""

        def command(words: Sequence[str], standard_input: Input, environment: Mapping[str, str]) -> CommandResult:
            return self._command(words, standard_input, {**variables, **environment})

        name, script, rest = _script(arguments)
        files = Files(self.place.files, self.place.directory, self.guesses, self.place.missing)
        result = run_script(script, variables, command, files, name=name, arguments=rest)
        return result.exit_code, "".join(text for _, text in result.written)

    def _command(self, words: Sequence[str], standard_input: Input, environment: Mapping[str, str]) -> CommandResult:
        seconds = [_seconds(word) for word in words[1:]]
        if words[0] == "sleep" and None not in seconds:
            self.slept += sum(second or 0.0 for second in seconds)
            return CommandResult()
        if words[0] == "cat":
            return self._cat(words[1:], standard_input, environment.get("PWD", "/"))
        if SHELL.fullmatch(words[0]) and len(words) > 1:
            self.shells += 1
            if self.shells > MOST_SHELLS:
                raise ShellLimitError(f"a shell may start {MOST_SHELLS} others in the emulator")
            return CommandResult(*self.run(list(words), environment))
        return CommandResult(is_guess=True)

    def _cat(self, names: Sequence[str], standard_input: Input, directory: str) -> CommandResult:
        """What busybox's `cat` does."""
        paths = [posixpath.normpath(posixpath.join(directory, name)) for name in names]
        texts = [self.place.files.get(path) for path in paths] or [standard_input.read_all()]
        errors = "".join(
            f"cat: can't open '{name}': No such file or directory\n"
            for name, path in zip(names, paths, strict=True)
            if path in self.place.missing
        )
        output = "".join(text or "" for text in texts)
        return CommandResult(int(bool(errors)), output, errors, is_guess=None in texts and not errors)


def _script(arguments: list[str]) -> tuple[str, str, list[str]]:
    """The name, script and arguments of a shell that does what a program would; `-c ..` is for a shell as well."""
    words = list(arguments)
    shell = words.pop(0) if words and SHELL.fullmatch(words[0]) else "/bin/sh"
    options = 0
    while options < len(words) and words[options].startswith("-") and not SCRIPT_OPTION.fullmatch(words[options]):
        options += 2 if NAMED_OPTION.fullmatch(words[options]) else 1
    if options + 1 < len(words) and SCRIPT_OPTION.fullmatch(words[options]):
        script, *rest = words[options + 1 :]
        switches = "".join(
            letter for word in words[: options + 1] if word[0] == "-" for letter in word[1:] if letter in SWITCHES
        )
        script = f"set -{switches}; {script}" if switches else script
        return (rest[0] if rest else shell), script, rest[1:]
    return shell, shlex.join(arguments if len(words) == len(arguments) else []), []


def _seconds(duration: str) -> float | None:
    unit = UNITS.get(duration[-1:])
    number = duration if unit is None else duration[:-1]
    return float(number) * (unit or 1) if NUMBER.fullmatch(number) else None
