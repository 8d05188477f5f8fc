r"""What a run failed for, as its log tells at its end.

Forms are those of Azure/acr-builder (`failed to run step ID: ..`), docker's classic builder, and the report of a failed
build by BuildKit's clients (docker/buildx, which print the lines of the Dockerfile under `NAME:LINE`).
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from .sections import Boundary, LogSections, Section, SectionKind

__all__ = ["FailureReader", "LogFailure", "failure_at_end"]

# Characters. The report of a failed build, and what the agent says after it.
_KEPT: Final = 64 * 1024
_STAMP: Final = re.compile(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d ?")
_STARTED_STEP: Final = re.compile(rf"^{_STAMP.pattern}Executing step ID: ", re.MULTILINE)
_FAILED_STEP: Final = re.compile(r"^failed to run step ID: (?P<step>[^:\n]*): (?P<how>.*)$", re.MULTILINE)
_SCANNING: Final = "Output from dependency scanning: "
_REPORTED: Final = re.compile(r"^(?P<name>[^\s:][^:\n]*):(?P<line>\d{1,6})\n-{10,}$", re.MULTILINE)
_REPORTED_WORK: Final = re.compile(r"^------\n > \[[^\]\n]*\] (?P<work>.*):$", re.MULTILINE)
_PARSED: Final = re.compile(r"dockerfile parse error (?:on )?line (\d{1,6})")
# What docker's client says may follow what a container said without ending its line. Its first words are looked for
# once: a line may be made of nothing else.
_REFUSED: Final = re.compile(
    r"""^(?:
      (?:(?!The\ command\ ').)*(?P<returned>The\ command\ '(?P<command>.*)'\ returned\ a\ non-zero\ code:\ \d+)
    | (?:COPY|ADD)\ failed:\ .*
    | ERROR:\ .*
    )$""",
    re.VERBOSE,
)
# Lines. What docker's client writes to its two streams may come in another order.
_LOOKED_AT: Final = 20


@dataclass(frozen=True)
class LogFailure:
    """What the log says of a failed step, all of it "" or None where it does not.

    `step` is its ID, or that of one that was under way, `how` what the agent says of it, `last_line` what its container
    said last. `instruction` is the step of docker that was under way; `reported` the name of a Dockerfile and a line in
    it, from 1; `work` the instruction and `command` the shell's command that are named instead.
    """

    step: str = ""
    how: str = ""
    last_line: str = ""
    instruction: Section | None = None
    reported: tuple[str, int] | None = None
    work: str = ""
    command: str = ""

    @property
    def is_of_a_build(self) -> bool:
        """Whether docker says what was wrong, so that its last line is the reason."""
        return bool(self.instruction or self.reported or self.work or self.command)

    @property
    def message(self) -> str:
        """What was wrong, "" if that is not known."""
        if self.is_of_a_build and self.last_line:
            return self.last_line
        if not self.how:
            return ""
        last = f" Its last line: {self.last_line}" if self.last_line else ""
        return f"Step '{self.step}' failed: {self.how.rstrip('.')}.{last}"


class FailureReader:
    """Keeps of a log what counts once the run has failed; it is given what `LogSections` finds."""

    def __init__(self) -> None:
        self._end: list[str] = []
        self._kept = 0
        self._step = ""
        self._are_mixed = False
        self._instruction: Section | None = None

    def take(self, found: str | Boundary) -> None:
        """The next of the log."""
        if isinstance(found, Boundary):
            self._pass(found)
            return
        self._end.append(found[-_KEPT:])
        self._kept += len(self._end[-1])
        if self._kept > 2 * _KEPT:
            self._end = ["".join(self._end)[-_KEPT:]]
            self._kept = _KEPT

    @property
    def failure(self) -> LogFailure:
        """What the log says so far."""
        return _read("".join(self._end), self._step, self._instruction)

    def _pass(self, boundary: Boundary) -> None:
        section = boundary.opens
        if boundary.is_success:
            self._step = ""
        elif section and section.kind is SectionKind.STEP:
            # Whose instructions those are that follow, nobody could tell.
            self._are_mixed = self._are_mixed or bool(self._step)
            self._step = section.step
        if boundary.is_success or (section and section.kind is not SectionKind.INSTRUCTION):
            self._instruction = None
        elif section and not self._are_mixed and _follows(section, self._instruction):
            self._instruction = section


def failure_at_end(log: str) -> LogFailure:
    """What the end of a log says."""
    sections, reader = LogSections(), FailureReader()
    for piece in (sections.feed(log), sections.finish()):
        for found in piece:
            reader.take(found)
    return reader.failure


def _follows(section: Section, before: Section | None) -> bool:
    """Whether docker takes this step now, rather than that a program prints a line that looks like one."""
    return before is None or (section.number, section.total) == (before.number + 1, before.total)


def _read(end: str, running: str, instruction: Section | None) -> LogFailure:
    failed = _last(_FAILED_STEP, end)
    before = end[: failed.start()] if failed else ""
    started = _last(_STARTED_STEP, before)
    before = before[started.end() :] if started else before
    refusal, last_line = _last_lines(before)
    reported = _last(_REPORTED, before)
    work = _last(_REPORTED_WORK, before)
    parsed = _PARSED.search(last_line)
    return LogFailure(
        step=failed["step"] if failed else running,
        how=failed["how"] if failed else "",
        last_line=(refusal["returned"] or refusal[0]) if refusal else last_line,
        instruction=instruction,
        reported=("", int(parsed[1])) if parsed else (reported["name"], int(reported["line"])) if reported else None,
        work=work["work"] if work else "",
        command=(refusal["command"] or "") if refusal else "",
    )


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return next(iter(deque(pattern.finditer(text), maxlen=1)), None)


def _last_lines(text: str) -> tuple[re.Match[str] | None, str]:
    """What docker says of its failure, and the last line, of the lines of a step."""
    lines = list(islice(_lines_of_container(text), _LOOKED_AT))
    refusals = filter(None, map(_REFUSED.match, lines))
    return next(refusals, None), lines[0] if lines else ""


def _lines_of_container(text: str) -> Iterator[str]:
    """The lines of a step without the agent's own, but for what its scanner says; the last one first."""
    for line in reversed(text.split("\n")):
        said = _STAMP.sub("", line, count=1)
        if said.startswith(_SCANNING):
            yield said.removeprefix(_SCANNING)
        elif said == line:
            # Of a line that was written over, what is seen at last.
            yield from filter(None, [line.rstrip("\r").rpartition("\r")[2].strip()])
