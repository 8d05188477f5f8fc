"""A Dockerfile as docker reads it, what is asked of it, and what is found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..wording import listed

__all__ = ["AskedBuild", "Dockerfile", "Heredoc", "Instruction", "Objection", "Review", "Stage", "lines_of"]


@dataclass(frozen=True)
class Heredoc:
    """A here-document of RUN, COPY or ADD: its name, and its lines from 1, that of its end excluded.

    `is_ended` is False for one that runs to the end of the file, which BuildKit refuses.
    """

    name: str
    first_line: int
    end_line: int
    is_ended: bool = True


@dataclass(frozen=True)
class Instruction:
    """One instruction. `keyword` is in capitals, `rest` what follows it, continued lines joined, flags included.

    `line` and `last_line` are its lines from 1, without those of its here-documents.
    """

    keyword: str
    rest: str
    line: int
    last_line: int
    heredocs: tuple[Heredoc, ...] = ()


@dataclass(frozen=True)
class Dockerfile:
    """A text taken apart. `directives` are its parser directives (`syntax`, `escape`, ..) by name, with their lines.

    `lines` are all of the text as written, without what ends them; the first without a byte order mark.
    """

    escape: str
    directives: Mapping[str, tuple[str, int]]
    instructions: tuple[Instruction, ...]
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stage:
    """A FROM: its place among the stages from 0, its name in small letters ("" without one), and its image.

    `written` is the image as written, `image` with the build's values in it; `unresolved` are the build arguments in it
    that have no value. `platform` is the value of its flag as written, None without one; `asked_platform` is the same
    with the build's values in it.

    `fault` is why docker refuses the line, a sentence without its full stop, "" if it does not; then `image` may be "".
    """

    number: int
    name: str
    written: str
    image: str
    instruction: Instruction
    unresolved: tuple[str, ...] = ()
    platform: str | None = None
    asked_platform: str | None = None
    fault: str = ""


@dataclass(frozen=True)
class AskedBuild:
    """What is asked of a Dockerfile. `arguments` are build arguments by name.

    `unseen_arguments` are names of those that the agent's scanner is not told: their values are secret, or have blanks.
    (Without BuildKit it is told all.) Their values are neither shown nor written into a Dockerfile.
    `platform` is that of the image, as `OS/ARCHITECTURE[/VARIANT]`; `secrets` are the IDs of build secrets, None if
    each that is needed will be given.
    """

    arguments: Mapping[str, str] = field(default_factory=dict)
    unseen_arguments: frozenset[str] = frozenset()
    target: str = ""
    platform: str = "linux/amd64"
    buildkit: bool = False
    secrets: frozenset[str] | None = frozenset()


@dataclass(frozen=True)
class Objection:
    """Why a build would fail on an agent: in which line (from 1; 0 for none), what that says, why, what helps.

    `text` is the line as written, cut to what one reads; `reason` is a sentence without its full stop, `remedy` one or
    more sentences. `needs_buildkit`: with BuildKit it would not fail for this.
    """

    line: int
    text: str
    reason: str
    remedy: str
    needs_buildkit: bool = False


def lines_of(objections: Iterable[Objection]) -> str:
    """Where these are, "" if in no line.

    >>> lines_of([Objection(2, "", "", ""), Objection(7, "", "", "")])
    'lines 2, 7'
    """
    lines = [str(objection.line) for objection in objections if objection.line]
    return f"line{'s' if len(lines) > 1 else ''} {listed(lines)}" if lines else ""


@dataclass(frozen=True)
class Review:
    """What is found of a Dockerfile. With objections, the build is sure to fail.

    `adapted` is an equal Dockerfile that the agent takes, None if it takes the one that there is; `changes` say what
    was changed, a sentence each; `target` is how the agent must be told of the stage. `remarks` are what may not be
    meant. `is_looked_into` is False if the Dockerfile is too long for that: then nothing is known of it.
    """

    objections: tuple[Objection, ...] = ()
    adapted: bytes | None = None
    changes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    target: str = ""
    is_looked_into: bool = True
