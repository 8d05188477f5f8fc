"""An equal Dockerfile for one that docker takes and the agent's scanner does not.

Two things are done. A FROM is written anew, on its first line, with the image and the name that docker finds. Words of
a continued line that look like an instruction are moved to the end of the line before, where docker reads them all the
same. No line gets another number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ..wording import printable
from .comparison import Kind, Problem, Reading
from .instructions import without_mark
from .model import Stage
from .platforms import is_same_platform
from .scanner import LONGEST_LINE
from .stages import AGENT_PLATFORM, name_of
from .words import BOM, SPACES

__all__ = ["Mended", "mend"]

_HUB_PREFIX: Final = ("docker.io/", "index.docker.io/")


_WORD: Final = re.compile(rf"[{SPACES}]*([^{SPACES}]+)")
_LOOKS_LIKE: Final = re.compile(rf"(?i:from|arg)(?![^{SPACES}])|#")
_AGENTS: Final = "the agents' own platform"


@dataclass(frozen=True)
class Mended:
    """A text with changed lines, and a sentence for each change."""

    content: bytes
    changes: tuple[str, ...]


def mend(reading: Reading, target: Stage | None) -> Mended:
    """Change what can be changed for the reading's problems, so that `target` is the stage that the scanner stops at.

    Whether the text is equal then, and taken, is for the caller to see.
    """
    mending = _Mending(reading)
    if target is not None:
        mending.ensure_named(target, reading.target)
    for problem in reading.problems:
        mending.mend(problem)
    return mending.result()


class _Mending:
    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._escape = reading.dockerfile.escape
        text = reading.content.decode("utf-8", "surrogateescape")
        self._lines = text.split("\n")
        self._written: set[int] = set()
        self._changes: list[tuple[int, str]] = []

    def result(self) -> Mended:
        content = "\n".join(self._lines).encode("utf-8", "surrogateescape")
        changes = tuple(f"Dockerfile line {line}: {change}" for line, change in sorted(self._changes))
        return Mended(content, changes)

    def mend(self, problem: Problem) -> None:
        """Change the line of a problem, if that can be."""
        instruction = problem.instruction
        if problem.stage is not None:
            self._write(problem.stage, name_of(problem.stage), is_asked_elsewhere=problem.kind is Kind.UNASKED)
        elif instruction is not None and instruction.line < problem.line <= instruction.last_line:
            self._move_words(problem.line - 1, instruction.line - 1)

    def ensure_named(self, stage: Stage, name: str) -> None:
        """See to it that the scanner finds a stage under a name."""
        scanned = self._reading.scanned_in(stage)
        if scanned is None or scanned.refusal or scanned.name != name:
            self._write(stage, name)

    def _write(self, stage: Stage, name: str, is_asked_elsewhere: bool = False) -> None:
        """Write a FROM on its first line; what continued it is left empty."""
        if stage.number in self._written or stage.fault:
            return
        self._written.add(stage.number)
        parent = self._reading.parent_of(stage)
        image = self._image(stage, parent, is_asked_elsewhere)
        is_own = self._reading.has_own_platform(stage)
        if image is None or not (is_own or name != name_of(stage)):
            return
        if parent is not None:
            self.ensure_named(parent, name_of(parent))
        first, last = stage.instruction.line - 1, stage.instruction.last_line
        line = self._lines[first]
        body = line.rstrip("\r")
        words = body.lstrip(BOM + SPACES)
        margin = body[: len(body) - len(words)]
        keyword = words[:4] if words[:4].upper() == "FROM" else "FROM"
        option = "" if is_own else f"--platform={stage.platform} "
        written = f"{margin}{keyword} {option}{image}{f' AS {name}' if name else ''}{line[len(body) :]}"
        is_continued = stage.instruction.last_line > first + 1
        if written == line and not is_continued:
            return
        self._lines[first] = written
        for index in range(first + 1, last):
            words = self._lines[index].strip(SPACES)
            if words and not words.startswith("#"):
                self._lines[index] = self._lines[index][len(self._lines[index].rstrip("\r")) :]
        self._changes.append((first + 1, "; ".join(self._differences(stage, parent, image, name, is_continued))))

    def _image(self, stage: Stage, parent: Stage | None, is_asked_elsewhere: bool) -> str | None:
        """How a FROM names its image so that the scanner finds it, None if there is no such way."""
        if parent is not None:
            return name_of(parent)
        scanned = self._reading.scanned_in(stage)
        is_literal = stage.written == stage.image
        is_found = scanned is not None and scanned.image == stage.image
        image = stage.written if is_literal or is_found else stage.image
        if not (is_literal or is_found) and stage.number in self._reading.private | self._reading.uncertain:
            return None
        if is_asked_elsewhere:
            prefix = next((prefix for prefix in _HUB_PREFIX if image.startswith(prefix)), None)
            return image[len(prefix) :] if prefix else None
        return image

    def _differences(self, stage: Stage, parent: Stage | None, image: str, name: str, is_continued: bool) -> list[str]:
        found = []
        if stage.platform is not None and self._reading.has_own_platform(stage):
            found.append(f"--platform={printable(stage.platform)} is left out, {self._why(parent)}")
        if is_continued:
            found.append("FROM is put on one line")
        if image != stage.written:
            found.append(f"the {'stage' if parent else 'image'} is written out: {printable(image)}")
        if name != name_of(stage):
            found.append(f"the stage is named {name}")
        return found or ["FROM is written plainly"]

    def _why(self, parent: Stage | None) -> str:
        if parent is not None:
            return "which has no effect on a stage that is built on another"
        is_agents = is_same_platform(self._reading.asked.platform, AGENT_PLATFORM)
        return f"which is {_AGENTS if is_agents else 'the platform of the build'} anyway"

    def _move_words(self, index: int, first: int) -> None:
        """Move the words that look like an instruction to the end of the line before, where the instruction goes on."""
        before = index - 1
        while before > first and self._is_left_out(before):
            before -= 1
        line = self._lines[index].rstrip("\r")
        ending = self._lines[index][len(line) :]
        body, is_continued = without_mark(line, self._escape)
        moved, kept = _split(body)
        previous, _ = without_mark(self._lines[before].rstrip("\r"), self._escape)
        mark = self._escape if is_continued or kept.strip(SPACES) else ""
        joined = f"{previous}{moved}{'' if mark else kept}{mark}"
        if len(joined.encode("utf-8", "surrogateescape")) >= LONGEST_LINE - 1:
            return
        self._lines[before] = f"{joined}{ending}"
        self._lines[index] = f"{kept if mark else ''}{self._escape if is_continued else ''}{ending}"
        self._changes.append(
            (index + 1, f"{moved.strip(SPACES)} is moved to the end of line {before + 1}, which it continues")
        )

    def _is_left_out(self, index: int) -> bool:
        """Whether docker takes a line of an instruction for none of it."""
        words = self._lines[index].strip(SPACES)
        return not words or words.startswith("#")


def _split(body: str) -> tuple[str, str]:
    """A line's first words, up to one that looks neither like an instruction nor like a comment; and the rest."""
    position = 0
    while found := _WORD.match(body, position):
        position = found.end()
        following = _WORD.match(body, position)
        if following is None or not _LOOKS_LIKE.match(following[1]):
            break
    return body[:position], body[position:]
