"""Dockerfiles: from text to stages of instructions.

Rules and errors are those of Docker's parser: of the classic builder of 20.10, or of BuildKit with a frontend of today,
as `# syntax=docker/dockerfile:1` would fetch it (assumed of the agents' builders without such a line).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..errors import DockerfileError
from .heredocs import Heredoc, UnterminatedHeredocError, heredoc_of, read_heredocs
from .instruction_flags import CLASSIC_REFUSALS, InstructionFlagError, check_run_flags, read_flags
from .words import json_words

__all__ = ["Dockerfile", "Instruction", "Stage", "parse"]

INSTRUCTIONS = frozenset(
    {
        "ADD",
        "ARG",
        "CMD",
        "COPY",
        "ENTRYPOINT",
        "ENV",
        "EXPOSE",
        "FROM",
        "HEALTHCHECK",
        "LABEL",
        "MAINTAINER",
        "ONBUILD",
        "RUN",
        "SHELL",
        "STOPSIGNAL",
        "USER",
        "VOLUME",
        "WORKDIR",
    }
)
ESCAPE_DIRECTIVE = re.compile(r"\s*#\s*escape\s*=\s*(\S)\s*$", re.IGNORECASE)
DIRECTIVE = re.compile(r"\s*#\s*[a-zA-Z][a-zA-Z0-9]*\s*=")
BLANKS = re.compile(r"[\t\v\f\r ]+")
"""What docker splits a line at; others, such as the one that does not break lines, are parts of words."""

STAGE_NAME = re.compile(r"[a-z][a-z0-9_.-]*")
LONGEST_LINE = 65535
"""Bytes."""

EMPTY = "the Dockerfile (Dockerfile) cannot be empty"
NO_STAGE = "no build stage in current context"


@dataclass(frozen=True)
class Instruction:
    """One instruction: `name` in capitals, `value` as written (continuations joined), `line` from 1."""

    name: str
    value: str
    line: int
    flags: tuple[tuple[str, str], ...] = ()
    rest: str = ""
    heredocs: tuple[Heredoc, ...] = ()

    def flag(self, name: str) -> str | None:
        """The value of `--name=value`, the last one if repeated; None without it."""
        return dict(self.flags).get(name)

    def flag_values(self, name: str) -> list[str]:
        """The values of all flags of that name."""
        return [value for flag, value in self.flags if flag == name]

    @property
    def text(self) -> str:
        """The whole instruction, the way Docker echoes it."""
        return f"{self.name} {self.value}"

    @property
    def needs_buildkit(self) -> str | None:
        """The first flag that the classic builder refuses, if any."""
        return next((name for name, _ in self.flags if name in CLASSIC_REFUSALS), None)

    def words(self) -> list[str]:
        """The arguments of COPY and ADD: a JSON array or words separated by blanks."""
        words = json_words(self.rest)
        return _words(self.rest) if words is None else words


@dataclass(frozen=True)
class Stage:
    """A FROM and what follows it. `base` is as written; `name` is the name after AS, in lower case."""

    base: str
    name: str | None
    origin: Instruction
    instructions: tuple[Instruction, ...]


@dataclass(frozen=True)
class Dockerfile:
    """A parsed Dockerfile. `arguments` are the ARGs before the first FROM."""

    arguments: tuple[Instruction, ...]
    stages: tuple[Stage, ...]
    escape: str = "\\"


def parse(text: str, *, by_buildkit: bool = False) -> Dockerfile:
    """Parse a Dockerfile as the classic builder of 20.10 does, or BuildKit.

    Raises DockerfileError with the text of Docker's parser.
    """
    try:
        return _parse(text, by_buildkit)
    except _RefusedError as error:
        raise DockerfileError(_complete(error, by_buildkit)) from error


class _RefusedError(Exception):
    """What the parser says of a line, or of the whole file where there is none."""

    def __init__(self, line: int | None, message: str) -> None:
        super().__init__(message)
        self.line = line


def _complete(refusal: _RefusedError, by_buildkit: bool) -> str:
    """The line that a client prints."""
    if by_buildkit:
        where = "" if refusal.line is None else f"dockerfile parse error on line {refusal.line}: "
        return f"failed to solve: {where}{refusal}"
    where = "" if refusal.line is None else f"dockerfile parse error line {refusal.line}: "
    return f"Error response from daemon: {where}{refusal}"


def _parse(text: str, by_buildkit: bool) -> Dockerfile:
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise _RefusedError(None, "the Dockerfile cannot be empty" if by_buildkit else EMPTY)
    lines = _lines(text)
    escape = _escape_character(lines)
    instructions = list(_instructions(lines, escape, by_buildkit))
    if not instructions:
        raise _RefusedError(None, "file with no instructions")
    arguments: list[Instruction] = []
    stages: list[Stage] = []
    bodies: list[list[Instruction]] = []
    for instruction in instructions:
        if instruction.name == "FROM":
            stages.append(_stage(instruction))
            bodies.append([])
        elif stages:
            bodies[-1].append(instruction)
        elif instruction.name == "ARG":
            arguments.append(instruction)
        else:
            raise _RefusedError(None if by_buildkit else instruction.line, NO_STAGE)
    if not stages:
        raise _RefusedError(None, NO_STAGE)
    complete = (replace(stage, instructions=tuple(body)) for stage, body in zip(stages, bodies, strict=True))
    return Dockerfile(tuple(arguments), tuple(complete), escape)


def _lines(text: str) -> list[str]:
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    if any(len(line.encode()) > LONGEST_LINE for line in lines):
        raise _RefusedError(None, f"dockerfile line greater than maximum allowed size of {LONGEST_LINE}")
    return lines


def _escape_character(lines: list[str]) -> str:
    for line in lines:
        match = ESCAPE_DIRECTIVE.match(line)
        if match is not None:
            if match[1] not in "\\`":
                raise _RefusedError(1, f"invalid escape token '{match[1]}' does not match ` or \\")
            return match[1]
        if DIRECTIVE.match(line) is None:
            break
    return "\\"


def _instructions(lines: list[str], escape: str, by_buildkit: bool) -> Iterator[Instruction]:
    position = 0
    last_places = {line: index for index, line in enumerate(lines)}
    while position < len(lines):
        start = position
        text, position = _logical_line(lines, position, _continued(escape, by_buildkit))
        name, value = [*BLANKS.split(text.strip(), maxsplit=1), ""][:2]
        if not name:
            continue
        line = start + 1
        heredocs: tuple[Heredoc, ...] = ()
        if by_buildkit:
            try:
                heredocs, position = read_heredocs(text, lines, position, last_places)
            except UnterminatedHeredocError as error:
                raise _RefusedError(line, "unterminated heredoc") from error
        if name.upper() not in INSTRUCTIONS:
            raise _RefusedError(line, f"unknown instruction: {name if by_buildkit else name.upper()}")
        found = Instruction(name.upper(), value.strip(), line, heredocs=heredocs)
        yield _instruction(found, escape, by_buildkit)


def _continued(escape: str, by_buildkit: bool) -> re.Pattern[str]:
    """The end of a line that continues; for BuildKit two escapes are none."""
    before = f"(?<!{re.escape(escape)})" if by_buildkit else ""
    return re.compile(f"{before}{re.escape(escape)}[ \\t]*$")


def _logical_line(lines: list[str], position: int, continued: re.Pattern[str]) -> tuple[str, int]:
    """A line with those that continue it, without remarks and blank lines among them; and the position after it."""
    parts: list[str] = []
    while position < len(lines):
        line = lines[position]
        position += 1
        if line.lstrip().startswith("#") or (parts and not line.strip()):
            if parts:
                continue
            break
        match = continued.search(line)
        parts.append(line if match is None else line[: match.start()])
        if match is None:
            break
    return "".join(parts), position


def _instruction(found: Instruction, escape: str, by_buildkit: bool) -> Instruction:
    """An instruction with its flags apart."""
    name, line = found.name, found.line
    if not found.value:
        raise _RefusedError(line, f"{name} requires at least one argument")
    try:
        flags, rest = read_flags(name, found.value, escape, by_buildkit=by_buildkit)
        if name == "RUN" and by_buildkit:
            check_run_flags(flags)
    except InstructionFlagError as error:
        raise _RefusedError(line, str(error) if by_buildkit else error.classic) from error
    instruction = replace(found, flags=flags, rest=rest)
    if name in ("COPY", "ADD"):
        _check_copy(instruction, by_buildkit)
    if name == "ONBUILD":
        _check_trigger(found)
    return instruction


def _check_trigger(instruction: Instruction) -> None:
    """All else that is wrong with a trigger is found when an image is built on this one."""
    trigger = _words(instruction.value)[0].upper()
    if trigger == "ONBUILD":
        raise _RefusedError(instruction.line, "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")
    if trigger in ("FROM", "MAINTAINER"):
        raise _RefusedError(instruction.line, f"{trigger} isn't allowed as an ONBUILD trigger")


def _words(text: str) -> list[str]:
    return [word for word in BLANKS.split(text) if word]


def _check_copy(instruction: Instruction, by_buildkit: bool) -> None:
    words = instruction.words()
    if len(words) < 2:
        raise _RefusedError(
            instruction.line,
            f"{instruction.name} requires at least two arguments, but only {'one' if words else 'none'} was provided. "
            "Destination could not be determined",
        )
    if by_buildkit and heredoc_of(words[-1]) is not None:
        raise _RefusedError(instruction.line, f"{instruction.name} cannot accept a heredoc as a destination")


def _stage(origin: Instruction) -> Stage:
    words = _words(origin.rest)
    if len(words) == 1:
        return Stage(words[0], None, origin, ())
    if len(words) == 3 and words[1].upper() == "AS":
        name = words[2].lower()
        if STAGE_NAME.fullmatch(name) is None:
            raise _RefusedError(
                origin.line,
                f'invalid name for build stage: "{words[2]}", name can\'t start with a number or contain symbols',
            )
        return Stage(words[0], name, origin, ())
    raise _RefusedError(origin.line, "FROM requires either one or three arguments")
