r"""The steps of a run in its log, which comes piece by piece.

Forms are those of public logs of ACR: the agent's own lines (Azure/acr-builder), docker's classic builder
(`Step n/m :`, builder/dockerfile of docker 20.10) and BuildKit's plain progress (`#n [stage i/k] ..`,
util/progress/progressui). No section lies in another: the services that fold logs know one level.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

__all__ = ["Boundary", "LogSections", "Section", "SectionKind"]

# Characters of a line whose end is long in coming, after which it is judged by its beginning.
_LONGEST_HELD: Final = 1024
_STAMP: Final = r"\d{4}/\d\d/\d\d\ \d\d:\d\d:\d\d\ "

_BOUNDARY: Final = re.compile(
    rf"""^(?:
      (?P<instruction>Step\ (?P<number>\d{{1,6}})/(?P<total>\d{{1,6}})\ :\ .*)
    | (?P<vertex>\#(?P<index>\d{{1,6}})\ (?P<work>.*))
    | {_STAMP}(?:
        (?P<step>Executing\ step\ ID:\ (?P<id>[^\n.]*))
      | (?P<done>Successfully\ executed\ container:|Step\ ID:\ .*\ marked\ as\ successful)
      | (?P<failed>Container\ failed\ during\ run:)
      )
    | (?P<over>failed\ to\ run\ step\ ID:\ |Run\ ID:\ \S+\ )
    | (?P<end>The\ command\ '.*'\ returned\ a\ non-zero\ code:|(?:COPY|ADD)\ failed:\ |Successfully\ built\ )
    | (?P<report>-{{6}}$|ERROR:\ )
    )""",
    re.MULTILINE | re.VERBOSE,
)
# How these lines begin, as far as a line has come.
_BEGINNINGS: Final = (
    "Step ",
    "failed to run step ID: ",
    "Run ID: ",
    "The command '",
    "COPY failed: ",
    "ADD failed: ",
    "Successfully built ",
    "------",
    "ERROR: ",
)
_BEGUN: Final = re.compile(r"#(?:\d{1,6}(?: .*)?)?|\d{1,4}(?:/[\d/]{0,5}(?: .*)?)?", re.DOTALL)


class SectionKind(Enum):
    """Whose step it is."""

    STEP = "the agent's"
    INSTRUCTION = "docker's"
    VERTEX = "BuildKit's"


@dataclass(frozen=True)
class Section:
    """A part of a log, and the line that it begins with.

    `number` and `total` are those of a step of docker, `number` also BuildKit's own for a piece of its work,
    `step` the ID of one of the agent's.
    """

    kind: SectionKind
    title: str
    number: int = 0
    total: int = 0
    step: str = ""


@dataclass(frozen=True)
class Boundary:
    """Between two lines: what was open ends here, and `opens` begins, if it is not None.

    `is_success`: the container, of which a section was open, has done its work.
    """

    opens: Section | None = None
    is_success: bool = False


class LogSections:
    r"""Finds where sections begin and end.

    All texts that are given back are the log, however it is cut. A start of a line that may become a boundary is held
    back until that is known. A carriage return ends no line.

    >>> sections = LogSections()
    >>> list(sections.feed("Step 1/2 : FROM scratch\n --->\nSte"))[1:]
    ['Step 1/2 : FROM scratch\n --->\n']
    >>> [boundary.opens.number for boundary in sections.feed("p 2/2 : COPY . /\n") if isinstance(boundary, Boundary)]
    [2]
    """

    def __init__(self) -> None:
        self._held = ""
        self._at_line_start = True
        self._open: Section | None = None
        self._is_buildkit = False

    def feed(self, text: str) -> Iterator[str | Boundary]:
        """Take the next piece; what is known of it, in order."""
        text = self._held + text
        begin = 0 if self._at_line_start else text.find("\n") + 1 or len(text)
        last = max(text.rfind("\n") + 1, begin)
        end = last if self._may_become_one(text[last : last + _LONGEST_HELD]) else len(text)
        self._held = text[end:]
        yield from self._split(text[:end], begin)

    def finish(self) -> Iterator[str | Boundary]:
        """The log has ended: the rest of it."""
        text, self._held = self._held, ""
        yield from self._split(text, 0 if self._at_line_start else len(text))

    def _may_become_one(self, line: str) -> bool:
        if not line or len(line) >= _LONGEST_HELD:
            return False
        if self._vertex is not None and line.startswith(f"#{self._vertex} "):
            return False
        return bool(_BEGUN.fullmatch(line)) or any(
            line.startswith(beginning) or beginning.startswith(line) for beginning in _BEGINNINGS
        )

    def _split(self, text: str, begin: int) -> Iterator[str | Boundary]:
        done = 0
        for found in _BOUNDARY.finditer(text, begin):
            boundary = self._judge(found)
            if boundary is None:
                continue
            self._open = boundary.opens
            if found.start() > done:
                yield text[done : found.start()]
            yield boundary
            done = found.start()
        if done < len(text):
            yield text[done:]
        if text:
            self._at_line_start = text.endswith("\n")

    def _judge(self, found: re.Match[str]) -> Boundary | None:
        kind = self._open.kind if self._open else None
        if found["step"]:
            self._is_buildkit = False
            return Boundary(Section(SectionKind.STEP, found["step"], step=found["id"]))
        if found["instruction"]:
            number, total = int(found["number"]), int(found["total"])
            return Boundary(Section(SectionKind.INSTRUCTION, found["instruction"], number, total))
        if found["vertex"]:
            return self._work(found)
        if found["end"]:
            return Boundary() if kind is SectionKind.INSTRUCTION else None
        if found["report"]:
            return Boundary() if kind is SectionKind.VERTEX else None
        # The end of a container is told of a build whose section was closed by its own error, too.
        return Boundary(is_success=bool(found["done"])) if kind or found["done"] else None

    @property
    def _vertex(self) -> int | None:
        """The number of the work of BuildKit that is open."""
        return self._open.number if self._open and self._open.kind is SectionKind.VERTEX else None

    def _work(self, found: re.Match[str]) -> Boundary | None:
        # Anybody may print a number sign and a number. BuildKit begins with work that stands in brackets.
        self._is_buildkit = self._is_buildkit or found["work"].startswith("[")
        number = int(found["index"])
        if number == self._vertex or not self._is_buildkit:
            return None
        return Boundary(Section(SectionKind.VERTEX, found["vertex"], number))
