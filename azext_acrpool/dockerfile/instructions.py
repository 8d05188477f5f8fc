"""A Dockerfile's lines as instructions, as docker takes them apart.

Source: frontend/dockerfile/parser of BuildKit, which docker's builder without BuildKit shares but for here-documents.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from ..wording import printable
from .heredocs import FoundHeredoc, find_heredocs
from .model import Dockerfile, Heredoc, Instruction
from .words import BOM, SPACES, split_keyword

__all__ = [
    "KEYWORDS",
    "placed_line",
    "read_dockerfile",
    "read_plainly",
    "read_without_buildkit",
    "without_mark",
    "written_line",
]

_FOR_IMAGES = (
    "CMD",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
)
_FOR_BUILDS = ("ADD", "ARG", "COPY", "FROM", "ONBUILD", "RUN", "SHELL", "WORKDIR")
KEYWORDS = frozenset({*_FOR_IMAGES, *_FOR_BUILDS})
"""Of all instructions that docker knows."""

_DIRECTIVE = re.compile(r"([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(\S.*)")
_DIRECTIVES = ("syntax", "escape", "check")
_LONGEST_SHOWN = 80
"""Characters of a line that one reads in a sentence."""


def read_dockerfile(text: str) -> Dockerfile:
    """Take a Dockerfile apart. Docker refuses some of what is read here: nothing is raised, whatever the text is.

    A here-document without its end is told as such, and its lines are instructions, as they are for docker without
    BuildKit. A word that is no keyword is the keyword of an instruction that docker refuses.
    """
    lines = [line.rstrip("\r") for line in text.removeprefix(BOM).split("\n")]
    if lines[-1] == "":
        lines.pop()
    directives = dict(_directives(lines))
    escape = directives.get("escape", ("\\", 0))[0]
    escape = escape if escape in ("\\", "`") else "\\"
    return Dockerfile(escape, directives, tuple(_Reader(lines, escape).instructions()), tuple(lines))


def read_without_buildkit(text: str) -> Dockerfile:
    """The same as a docker reads it that knows no here-documents, if it knows all instructions then.

    Else it refuses the text, and what is meant is read.
    """
    meant = read_dockerfile(text)
    if not any(instruction.heredocs for instruction in meant.instructions):
        return meant
    instructions = tuple(read_plainly(meant.lines, meant.escape))
    is_known = all(instruction.keyword in KEYWORDS for instruction in instructions)
    return replace(meant, instructions=instructions) if is_known else meant


def read_plainly(lines: Sequence[str], escape: str) -> Iterator[Instruction]:
    """Lines as instructions of a docker that knows no here-documents."""
    return _Reader(lines, escape, knows_heredocs=False).instructions()


def written_line(dockerfile: Dockerfile, line: int) -> str:
    """A line as written, without its margin, and cut to what one reads; "" for 0."""
    text = dockerfile.lines[line - 1].strip(SPACES) if line else ""
    return printable(text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…")


def placed_line(dockerfile: Dockerfile, line: int) -> str:
    """The same behind its number, as what is said of it begins."""
    return f"Dockerfile line {line}: {written_line(dockerfile, line)}"


def without_mark(line: str, escape: str) -> tuple[str, bool]:
    """A line without the escape character at its end, and whether it has one: two of them are none."""
    trimmed = line.rstrip(" \t")
    if trimmed.endswith(escape) and not trimmed.endswith(escape * 2):
        return trimmed[:-1], True
    return line, False


def _directives(lines: Sequence[str]) -> Iterator[tuple[str, tuple[str, int]]]:
    """Parser directives with their lines: before anything else. Docker refuses one that is there twice."""
    seen: set[str] = set()
    for number, line in enumerate(lines, 1):
        words = line.lstrip(SPACES)
        match = _DIRECTIVE.match(words[1:].lstrip(SPACES)) if words.startswith("#") else None
        name = match[1].lower() if match else ""
        if match is None or name not in _DIRECTIVES or name in seen:
            return
        seen.add(name)
        yield name, (match[2].rstrip(SPACES), number)


class _Reader:
    """Goes through the lines of a Dockerfile, `_next` being the index of the first that is not read yet."""

    def __init__(self, lines: Sequence[str], escape: str, knows_heredocs: bool = True) -> None:
        self._lines = lines
        self._escape = escape
        self._knows_heredocs = knows_heredocs
        self._next = 0

    def instructions(self) -> Iterator[Instruction]:
        while self._next < len(self._lines):
            start = self._next
            text = self._logical_line()
            if text is None:
                continue
            last = self._next
            keyword, rest = split_keyword(text)
            found = find_heredocs(keyword, rest) if self._knows_heredocs else ()
            heredocs = tuple(self._here_documents(found))
            yield Instruction(keyword, rest, start + 1, last, heredocs)

    def _logical_line(self) -> str | None:
        """The next line with those that continue it; None if there is nothing in it. Comments between are left out."""
        line, is_continued = without_mark(self._take().lstrip(SPACES), self._escape)
        if line.startswith("#") or not (line or is_continued):
            return None
        parts = [line]
        while is_continued and self._next < len(self._lines):
            line = self._take()
            words = line.lstrip(SPACES)
            if words and not words.startswith("#"):
                line, is_continued = without_mark(line, self._escape)
                parts.append(line)
        return "".join(parts)

    def _take(self) -> str:
        self._next += 1
        return self._lines[self._next - 1]

    def _here_documents(self, found: Sequence[FoundHeredoc]) -> Iterator[Heredoc]:
        for heredoc in found:
            first = self._next
            ends = (self._tabless if heredoc.strips_tabs else self._places).get(heredoc.name, [])
            position = bisect_left(ends, first)
            if position == len(ends) and heredoc.has_blanks:
                continue
            if position == len(ends):
                yield Heredoc(heredoc.name, first + 1, len(self._lines) + 1, is_ended=False)
                return
            self._next = ends[position] + 1
            yield Heredoc(heredoc.name, first + 1, ends[position] + 1)

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        """Where each line stands: with many here-documents without end, looking for each of them would take long."""
        return _places_of(self._lines)

    @cached_property
    def _tabless(self) -> dict[str, list[int]]:
        return _places_of(line.lstrip("\t") for line in self._lines)


def _places_of(lines: Iterator[str] | Sequence[str]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for index, line in enumerate(lines):
        places.setdefault(line, []).append(index)
    return places
