"""An equal Dockerfile in which the agent's scanner does not see what it would refuse.

Docker joins continued lines before it looks for the instruction, also within its keyword; the scanner knows no line
that begins with `OM`. So a FROM may keep an option or an image that the scanner cannot read.
"""

from __future__ import annotations

from typing import Final

from .comparison import Reading
from .mending import Mended
from .model import Stage
from .words import BOM, SPACES

__all__ = ["hide"]

_BREAK: Final = len("FR")


def hide(reading: Reading) -> Mended:
    """Break the keyword of each FROM that fails the build, and of those of stages that are built on one of them.

    Whether the text is equal then, and taken, is for the caller to see: the scanner wants to find one FROM.
    """
    failing = {problem.stage.number for problem in reading.problems if problem.stage}
    hidden: set[int] = set()
    lines = reading.content.decode("utf-8", "surrogateescape").split("\n")
    changes: list[str] = []
    for stage in reading.stages:
        parent = reading.parent_of(stage)
        is_needed = stage.number in failing or (parent is not None and parent.number in hidden)
        if is_needed and _is_for_docker(stage) and _break(lines, stage.instruction.line - 1, reading):
            hidden.add(stage.number)
            how = "FROM is broken after FR, so that the agent's scanner, which cannot read it, does not see it"
            changes.append(f"Dockerfile line {stage.instruction.line}: {how}")
    return Mended("\n".join(lines).encode("utf-8", "surrogateescape"), tuple(changes))


def _is_for_docker(stage: Stage) -> bool:
    """Whether docker takes the line. Without BuildKit it does not know the variables of platforms."""
    return not stage.fault and (stage.platform is None or bool(stage.asked_platform))


def _break(lines: list[str], index: int, reading: Reading) -> bool:
    """Break a line's keyword; an empty line before it becomes its beginning, so that no number changes."""
    body = lines[index].rstrip("\r")
    ending = lines[index][len(body) :]
    words = body.lstrip(BOM + SPACES)
    if words[:4].upper() != "FROM":
        return False
    start = f"{body[: len(body) - len(words)]}{words[:_BREAK]}{reading.dockerfile.escape}{ending}"
    rest = f"{words[_BREAK:]}{ending}"
    if index and not lines[index - 1].strip(SPACES) and reading.is_between(index):
        lines[index - 1 : index + 1] = [start, rest]
    else:
        lines[index] = f"{start}\n{rest}"
    return True
