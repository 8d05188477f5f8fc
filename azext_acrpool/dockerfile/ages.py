"""Where docker 20.10, which agents have, reads a Dockerfile differently than docker of today."""

from __future__ import annotations

from .model import Dockerfile

__all__ = ["doubtful_lines"]


def doubtful_lines(dockerfile: Dockerfile) -> frozenset[int]:
    """The first lines of instructions that docker 20.10 takes for the rest of the one before.

    That ends with two escape characters, which for newer ones do not continue a line.
    """
    before = zip(dockerfile.instructions, dockerfile.instructions[1:], strict=False)
    return frozenset(
        instruction.line
        for previous, instruction in before
        if dockerfile.lines[previous.last_line - 1].rstrip(" \t").endswith(dockerfile.escape)
    )
