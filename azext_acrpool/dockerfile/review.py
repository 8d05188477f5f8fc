"""What is found of a Dockerfile before it is sent: why its build is sure to fail, or an equal text that does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..wording import printable
from .comparison import Kind, Problem, Reading
from .equality import is_equal
from .faults import faults_of
from .hiding import hide
from .instructions import placed_line, written_line
from .mending import mend
from .model import AskedBuild, Objection, Review, Stage
from .mounts import secrets_that_lack
from .needs import needs_of_buildkit
from .refusals import refusals_of_docker
from .remarks import remarks_on_buildkit
from .stages import find_target, name_of

__all__ = ["review_dockerfile"]

_NEW_NAME: Final = "acrpool-target"
_MOST_LINES: Final = 30_000
"""What is looked into. No Dockerfile is as long, and a hostile one should not keep anybody waiting for its build."""


def review_dockerfile(content: bytes, build: AskedBuild) -> Review:
    """Compare what docker makes of a Dockerfile with what the agent's scanner does, and mend it where that is needed.

    Whatever `content` is, nothing is raised. Nothing is objected to that an agent builds, and nothing of it changed.
    """
    if content.count(b"\n") > _MOST_LINES:
        remark = f"Dockerfile: it has more than {_MOST_LINES} lines, so that it is not looked into before the build."
        return Review(remarks=(remark,), target=build.target, is_looked_into=False)
    reading = Reading(content, build, build.target)
    target = find_target(reading.stages, build) if build.target else None
    told = _told_target(reading, target)
    reading, changes = _mended(reading if told == build.target else Reading(content, build, told), target)
    faults = [
        *faults_of(reading, target),
        *refusals_of_docker(reading.dockerfile, build),
        *needs_of_buildkit(reading.dockerfile, build),
        *secrets_that_lack(reading.dockerfile, build),
    ]
    hidden, more = (reading, ()) if faults else _hidden(reading)
    remarks = (*remarks_on_buildkit(reading.dockerfile, build), *_remarks(reading, is_hidden=bool(more)))
    reading, changes = hidden, (*changes, *more)
    refused = frozenset(fault.line for fault in faults)
    objections = sorted([*faults, *_objections(reading, refused)], key=lambda objection: objection.line)
    if objections:
        return Review(tuple(dict.fromkeys(objections)), remarks=remarks, target=told)
    if told != build.target:
        changes = (f"--target {printable(build.target)} is given as {told}, which the agent's scanner knows", *changes)
    return Review((), None if reading.content == content else reading.content, changes, remarks, told)


def _told_target(reading: Reading, target: Stage | None) -> str:
    """What the agent is told of the target: the stage's name as it is spelled, where it does not do without.

    Docker knows no numbers of stages, but they are meant: a stage without a name gets one.
    """
    asked = reading.asked.target
    if target is None or name_of(target) == asked:
        return asked
    if target.name == asked.lower():
        return name_of(target) if reading.problems else asked
    namesakes = [stage for stage in reading.stages if stage.name == target.name]
    if target.name:
        return name_of(target) if len(namesakes) == 1 else asked
    return _new_name(reading)


def _new_name(reading: Reading) -> str:
    text = "\n".join(reading.dockerfile.lines).lower()
    name, number = _NEW_NAME, 1
    while name in text:
        number += 1
        name = f"{_NEW_NAME}-{number}"
    return name


def _mended(reading: Reading, target: Stage | None) -> tuple[Reading, tuple[str, ...]]:
    """The reading of an equal text with fewer problems, and what was changed; the same one if there is none."""
    is_renamed = target is not None and not target.name and reading.target != reading.asked.target
    if reading.is_for_others or not (reading.problems or is_renamed):
        return reading, ()
    mended = mend(reading, target)
    if mended.content == reading.content:
        return reading, ()
    after = Reading(mended.content, reading.asked, reading.target)
    return (after, mended.changes) if is_equal(reading, after, target) else (reading, ())


def _hidden(reading: Reading) -> tuple[Reading, tuple[str, ...]]:
    """The same with what cannot be mended hidden, if nothing is left then."""
    is_hopeless = any(problem.stage is None and problem.is_sure for problem in reading.problems)
    if not reading.problems or is_hopeless or reading.is_for_others:
        return reading, ()
    hidden = hide(reading)
    after = Reading(hidden.content, reading.asked, reading.target)
    is_taken = not any(problem.is_sure or problem.stage for problem in after.problems)
    return (after, hidden.changes) if is_taken and is_equal(reading, after, None) else (reading, ())


def _remarks(reading: Reading, is_hidden: bool) -> Iterator[str]:
    """What may fail a build, in the lines of the text before anything was hidden."""
    for problem in reading.problems:
        if not problem.is_sure and not (is_hidden and problem.stage):
            where = placed_line(reading.dockerfile, problem.line)
            yield f"{where}: {problem.reason}, and the build fails if it is not in its registry."


def _objections(reading: Reading, refused: frozenset[int]) -> Iterator[Objection]:
    """Problems that are left: one for each instruction and each here-document; `refused` are lines told already."""
    is_foreign = reading.is_for_others
    seen: set[int] = set(refused)
    for problem in reading.problems:
        instruction = problem.instruction
        line = instruction.line if instruction and problem.stage else problem.line
        line = -instruction.line if instruction and problem.is_in_heredoc else line
        if problem.is_sure and line not in seen and not (is_foreign and problem.kind is Kind.ABSENT):
            seen.add(line)
            text = written_line(reading.dockerfile, problem.line)
            yield Objection(problem.line, text, problem.reason, *_remedy(reading, problem))


def _remedy(reading: Reading, problem: Problem) -> tuple[str, bool]:
    """What helps, and whether that is BuildKit."""
    if problem.is_in_heredoc:
        return "Have the line begin with another word, or put the text into a file of its own and copy that.", False
    if problem.stage is None:
        return "Put the word at the end of the line before, or another one before it.", False
    if not reading.has_own_platform(problem.stage):
        return _platform_remedy(reading, problem.stage)
    if problem.stage.number in reading.private:
        return "Write the image as it is, or give its build argument in plain: --build-arg NAME=VALUE.", False
    if problem.kind is Kind.UNASKED:
        return "Name its registry by a host with a dot in it, or the image by its digest.", False
    return "Write FROM IMAGE or FROM IMAGE AS NAME on one line, with the image as it is.", False


def _platform_remedy(reading: Reading, stage: Stage) -> tuple[str, bool]:
    if not stage.asked_platform and not reading.asked.buildkit:
        return "Build with --buildkit, which knows the platform.", True
    return "Leave --platform out, and name the image of that platform by its digest: FROM IMAGE@sha256:..", False
