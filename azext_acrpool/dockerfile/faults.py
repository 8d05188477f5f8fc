"""What docker refuses of the stages of a Dockerfile, and of what is asked of it, as objections."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..references import reference_objection
from ..wording import listed, printable
from .comparison import Reading
from .instructions import written_line
from .model import Objection, Stage
from .scanner import LONGEST_LINE
from .stages import SCRATCH, name_of

__all__ = ["faults_of"]

_OF_PLATFORMS: Final = ("TARGET", "BUILD")
"""What the names of BuildKit's own arguments begin with."""


def faults_of(reading: Reading, target: Stage | None) -> Iterator[Objection]:
    """Why docker is sure to refuse a text for its stages, its long lines, or the target that it does not have.

    Nothing is said of a text that is for another frontend than docker's.
    """
    if reading.is_for_others:
        return
    yield from _long_lines(reading)
    if not reading.stages:
        yield Objection(0, "", "it has no FROM, which every Dockerfile needs", "Is it the right file? See --file.")
    elif reading.asked.target:
        yield from _target_fault(reading, target)
    for stage in reading.stages:
        reason = stage.fault or _invalid(reading, stage)
        if reason:
            yield _stage_fault(reading, stage, reason)
    if not reading.asked.buildkit:
        yield from _names_again(reading)


def _names_again(reading: Reading) -> Iterator[Objection]:
    """Stages whose name another one has, where docker's own builder stops (moby, checkStageNameAvailable)."""
    names: set[str] = set()
    for stage in reading.stages:
        if stage.name in names and stage.number in reading.executed:
            line = stage.instruction.line
            reason = f"an earlier stage is called {printable(name_of(stage))} too, which only BuildKit takes"
            remedy = "Give one of them another name, or build with --buildkit."
            yield Objection(line, written_line(reading.dockerfile, line), reason, remedy, needs_buildkit=True)
        names |= {stage.name} - {""}


def _long_lines(reading: Reading) -> Iterator[Objection]:
    if len(reading.content) < LONGEST_LINE:
        return
    for number, line in enumerate(reading.content.split(b"\n"), 1):
        if len(line) >= LONGEST_LINE:
            remedy = f"Break it with {reading.dockerfile.escape}, or put the text into a file and copy that."
            reason = "a line of 64 KiB or more is one that neither docker nor the agent's scanner takes"
            yield Objection(number, written_line(reading.dockerfile, number), reason, remedy)


def _target_fault(reading: Reading, target: Stage | None) -> Iterator[Objection]:
    asked = printable(reading.asked.target)
    if target is None:
        names = [name_of(stage) for stage in reading.stages if stage.name]
        remedy = f"Its stages are {listed(names)}." if names else "Name the stage: FROM IMAGE AS NAME."
        yield Objection(0, "", f"it has no stage {asked}, which --target asks for", remedy)
    elif not any(stage.name == reading.target.lower() for stage in reading.stages):
        reason = f"docker knows stages by name, not by number, as in --target {asked}"
        yield Objection(0, "", reason, "Give the stage a name that no other has: FROM IMAGE AS NAME.")


def _invalid(reading: Reading, stage: Stage) -> str:
    """Why the image of a stage that is built is none."""
    is_built = stage.number in reading.executed and stage.number not in reading.uncertain
    if not is_built or stage.image == SCRATCH or reading.parent_of(stage) is not None:
        return ""
    objection = reference_objection(stage.image)
    return "what its image comes to is not valid" if objection and stage.number in reading.private else objection or ""


def _stage_fault(reading: Reading, stage: Stage, reason: str) -> Objection:
    line = stage.instruction.line
    text = written_line(reading.dockerfile, line)
    if not stage.unresolved:
        remedy = "Write FROM IMAGE or FROM IMAGE AS NAME; a comment needs a line of its own."
        return Objection(line, text, reason, remedy)
    name = printable(stage.unresolved[0])
    by_buildkit = not reading.asked.buildkit and all(one.startswith(_OF_PLATFORMS) for one in stage.unresolved)
    remedy = f"Give its value, --build-arg {name}=.., or a default, ARG {name}=.. before the first FROM"
    remedy = f"{remedy}{', or build with --buildkit, which knows it' if by_buildkit else ''}."
    return Objection(line, text, f"{reason}, as {name} has no value there", remedy, by_buildkit)
