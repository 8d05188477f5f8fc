"""Dockerfiles: from text to stages of instructions.

Lines, comments, continuations and the escape directive are dockerfile-parse's; heredocs, flags, JSON forms and stages
are added here, with the parser errors of Docker.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from dockerfile_parse import DockerfileParser

from ..errors import DockerfileError
from .words import json_words

__all__ = ["HEREDOC", "Dockerfile", "Instruction", "Stage", "parse"]

BUILDKIT_FLAGS = {
    "RUN": {"mount", "network", "security", "device"},
    "COPY": {"chmod", "link", "parents", "exclude"},
    "ADD": {"chmod", "link", "keep-git-dir", "checksum", "exclude", "unpack"},
}
CLASSIC_FLAGS = {
    "FROM": {"platform"},
    "COPY": {"from", "chown"},
    "ADD": {"chown"},
    "HEALTHCHECK": {"interval", "timeout", "start-period", "start-interval", "retries"},
}
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
HEREDOC = re.compile(r"<<(-?)([\"']?)([a-zA-Z_][a-zA-Z0-9_]*)\2")
TAKES_HEREDOCS = re.compile(r"\s*(?:ONBUILD\s+)?(?:RUN|COPY|ADD)\s", re.IGNORECASE)
ESCAPE_DIRECTIVE = re.compile(r"\s*#\s*escape\s*=\s*(\S)\s*$", re.IGNORECASE)
DIRECTIVE = re.compile(r"\s*#\s*[a-zA-Z][a-zA-Z0-9]*\s*=")
STAGE_NAME = re.compile(r"[a-z][a-z0-9_.-]*")
LONGEST_LINE = 65535
"""Bytes."""


@dataclass(frozen=True)
class Instruction:
    """One instruction: `name` in capitals, `value` as written (continuations joined), `line` from 1."""

    name: str
    value: str
    line: int
    flags: tuple[tuple[str, str], ...] = ()
    rest: str = ""
    heredocs: tuple[tuple[str, str], ...] = ()

    def flag(self, name: str) -> str | None:
        """The value of `--name=value`, the last one if repeated; None without it."""
        return dict(self.flags).get(name)

    @property
    def text(self) -> str:
        """The whole instruction, the way Docker echoes it."""
        return f"{self.name} {self.value}"

    @property
    def needs_buildkit(self) -> str | None:
        """The first flag that only BuildKit knows, if any."""
        known = BUILDKIT_FLAGS.get(self.name, set())
        return next((name for name, _ in self.flags if name in known), None)

    def words(self) -> list[str]:
        """The arguments of COPY and ADD: a JSON array or words separated by blanks."""
        words = json_words(self.rest)
        return self.rest.split() if words is None else words


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


def parse(text: str) -> Dockerfile:
    """Parse a Dockerfile. Raises DockerfileError with the text of Docker's parser."""
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise DockerfileError("Error response from daemon: the Dockerfile (Dockerfile) cannot be empty")
    lines = _lines(text)
    escape = _escape_character(lines)
    instructions = list(_instructions(lines, escape))
    if not instructions:
        raise DockerfileError("Error response from daemon: file with no instructions")
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
            raise _error(instruction.line, "no build stage in current context")
    if not stages:
        raise DockerfileError("Error response from daemon: no build stage in current context")
    complete = (replace(stage, instructions=tuple(body)) for stage, body in zip(stages, bodies, strict=True))
    return Dockerfile(tuple(arguments), tuple(complete), escape)


def _lines(text: str) -> list[str]:
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    if any(len(line.encode()) > LONGEST_LINE for line in lines):
        raise DockerfileError(
            f"Error response from daemon: dockerfile line greater than maximum allowed size of {LONGEST_LINE}"
        )
    return lines


def _error(line: int, message: str) -> DockerfileError:
    return DockerfileError(f"Error response from daemon: dockerfile parse error line {line}: {message}")


def _escape_character(lines: list[str]) -> str:
    for line in lines:
        match = ESCAPE_DIRECTIVE.match(line)
        if match is not None:
            if match[1] not in "\\`":
                raise _error(1, f"invalid escape token '{match[1]}' does not match ` or \\")
            return match[1]
        if DIRECTIVE.match(line) is None:
            break
    return "\\"


@dataclass
class _Source:
    """A Dockerfile's lines with heredocs taken out, so that a line-based parser can read it."""

    lines: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    heredocs: dict[int, tuple[tuple[str, str], ...]] = field(default_factory=dict)


def _instructions(lines: list[str], escape: str) -> Iterator[Instruction]:
    source = _without_heredocs(lines, escape)
    content = "\n".join([*source.lines, "", ""]).encode()
    for entry in DockerfileParser(fileobj=io.BytesIO(content)).structure:
        if entry["instruction"] == "COMMENT":
            continue
        start = entry["startline"]
        heredocs = source.heredocs.get(start, ())
        yield _instruction(entry["instruction"], entry["value"].strip(), source.numbers[start], heredocs)


def _without_heredocs(lines: list[str], escape: str) -> _Source:
    source = _Source()
    start: int | None = None
    position = 0
    while position < len(lines):
        line = lines[position]
        position += 1
        is_comment = line.lstrip().startswith("#")
        if not line.strip() and start is not None:
            continue
        source.lines.append(line)
        source.numbers.append(position)
        if is_comment:
            continue
        if start is None:
            start = len(source.lines) - 1
        if line.rstrip().endswith(escape):
            continue
        logical = "\n".join(source.lines[start:])
        if TAKES_HEREDOCS.match(logical):
            documents, position = _read_heredocs(logical, lines, position)
            if documents:
                source.heredocs[start] = documents
        start = None
    return source


def _read_heredocs(logical: str, lines: list[str], position: int) -> tuple[tuple[tuple[str, str], ...], int]:
    documents: list[tuple[str, str]] = []
    for strip_tabs, _quote, name in HEREDOC.findall(logical):
        first = position
        body: list[str] = []
        while True:
            if position >= len(lines):
                raise _error(first, "unterminated heredoc")
            line = lines[position].lstrip("\t") if strip_tabs else lines[position]
            position += 1
            if line == name:
                break
            body.append(line)
        documents.append((name, "".join(f"{line}\n" for line in body)))
    return tuple(documents), position


def _instruction(name: str, value: str, line: int, heredocs: tuple[tuple[str, str], ...]) -> Instruction:
    if name not in INSTRUCTIONS:
        raise _error(line, f"unknown instruction: {name}")
    if not value:
        raise _error(line, f"{name} requires at least one argument")
    flags, rest = _split_flags(name, value, line)
    instruction = Instruction(name, value, line, flags, rest, heredocs)
    if name in ("COPY", "ADD"):
        count = len(instruction.words())
        if count < 2:
            raise _error(
                line,
                f"{name} requires at least two arguments, but only {'one' if count else 'none'} was provided. "
                "Destination could not be determined",
            )
    if name == "ONBUILD":
        trigger, _, argument = value.partition(" ")
        if trigger.upper() in ("ONBUILD", "FROM", "MAINTAINER"):
            if trigger.upper() == "ONBUILD":
                raise _error(line, "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")
            raise _error(line, f"{trigger.upper()} isn't allowed as an ONBUILD trigger")
        _instruction(trigger.upper(), argument.strip(), line, heredocs)
    return instruction


def _split_flags(name: str, value: str, line: int) -> tuple[tuple[tuple[str, str], ...], str]:
    allowed = BUILDKIT_FLAGS.get(name, set()) | CLASSIC_FLAGS.get(name, set())
    flags: list[tuple[str, str]] = []
    rest = value
    while allowed and rest.startswith("--"):
        word, *following = rest.split(None, 1)
        rest = following[0] if following else ""
        if word == "--":
            break
        flag, _, argument = word[2:].partition("=")
        if flag not in allowed:
            raise _error(line, f"unknown flag: {flag}")
        flags.append((flag, argument))
    return tuple(flags), rest


def _stage(origin: Instruction) -> Stage:
    words = origin.rest.split()
    if len(words) == 1:
        return Stage(words[0], None, origin, ())
    if len(words) == 3 and words[1].upper() == "AS":
        name = words[2].lower()
        if STAGE_NAME.fullmatch(name) is None:
            raise _error(
                origin.line,
                f'invalid name for build stage: "{words[2]}", name can\'t start with a number or contain symbols',
            )
        return Stage(words[0], name, origin, ())
    raise _error(origin.line, "FROM requires either one or three arguments")
