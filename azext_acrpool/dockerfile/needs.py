"""What only BuildKit knows: where a Dockerfile would fail without it.

Source: builder/dockerfile of docker 20.10 and what it takes of BuildKit's parser, which knows no here-documents and
takes their lines for instructions.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..wording import printable
from .ages import doubtful_lines
from .frontends import names_another_frontend, syntax_line
from .instructions import KEYWORDS, read_plainly, written_line
from .model import AskedBuild, Dockerfile, Objection, Stage
from .stages import (
    StageIndex,
    bodies_of,
    executed_stages,
    read_stages,
)
from .words import split_flags, split_keyword

__all__ = ["is_for_buildkit_alone", "needs_of_buildkit", "options_of_buildkit"]

_WITH_BUILDKIT = "Build with --buildkit."
_WITHOUT_BUILDKIT = "Do without it: there is no BuildKit for Windows."

_REFUSED_WHERE_EXECUTED = {
    "RUN": frozenset({"mount"}),
    "COPY": frozenset({"chmod"}),
    "ADD": frozenset({"chmod"}),
}
_REFUSED_ANYWHERE = {
    "RUN": frozenset({"network", "security", "device"}),
    "COPY": frozenset({"link", "parents", "exclude"}),
    "ADD": frozenset({"link", "exclude", "checksum", "keep-git-dir", "unpack"}),
    "HEALTHCHECK": frozenset({"start-interval"}),
}
_NONE: frozenset[str] = frozenset()
_LONGEST_SHOWN = 30


def needs_of_buildkit(dockerfile: Dockerfile, build: AskedBuild) -> tuple[Objection, ...]:
    """Each line that a build without BuildKit is sure to fail for; none if the build has it.

    `RUN --mount` and `--chmod`, which docker 20.10 knows, count only in stages that are carried out; other options and
    here-documents, which it does not, wherever they stand.
    """
    if build.buildkit:
        return ()
    is_windows = build.platform.partition("/")[0].lower() == "windows"
    remedy = _WITHOUT_BUILDKIT if is_windows else _WITH_BUILDKIT
    found = [*_other_frontend(dockerfile), *_options(dockerfile, build), *_heredocs(dockerfile)]
    doubtful = doubtful_lines(dockerfile)
    return tuple(
        Objection(line, written_line(dockerfile, line), reason, remedy, needs_buildkit=not is_windows)
        for line, reason in sorted(found)
        if line not in doubtful
    )


def _options(dockerfile: Dockerfile, build: AskedBuild) -> Iterator[tuple[int, str]]:
    """Lines and what is the matter with each."""
    stages = read_stages(dockerfile, build)
    executed = executed_stages(dockerfile, stages, build)
    triggered = _triggered(stages, executed)
    for stage, body in zip(stages, bodies_of(dockerfile), strict=True):
        for instruction in body:
            is_executed = stage.number in executed
            if instruction.keyword == "ONBUILD":
                keyword, rest = split_keyword(instruction.rest)
                is_executed = stage.number in triggered
                names = options_of_buildkit(keyword, rest, is_executed) if is_executed else []
            else:
                keyword, rest = instruction.keyword, instruction.rest
                names = options_of_buildkit(keyword, rest, is_executed)
            if names:
                yield instruction.line, f"{keyword} {names[0]} is an option that only BuildKit has"


def options_of_buildkit(keyword: str, rest: str, is_executed: bool) -> list[str]:
    """The options of an instruction that a build without BuildKit fails for, as they are written."""
    if not rest.startswith("--"):
        return []
    anywhere = _REFUSED_ANYWHERE.get(keyword, _NONE)
    # Without a value they are as if they were not there, or refused with BuildKit, too.
    executed = _REFUSED_WHERE_EXECUTED.get(keyword, _NONE) if is_executed else _NONE
    return [f"--{name}" for name, value in split_flags(rest)[0] if name in anywhere or (name in executed and value)]


def _triggered(stages: tuple[Stage, ...], executed: frozenset[int]) -> frozenset[int]:
    """The stages whose ONBUILD instructions are carried out, as another one is built on them."""
    index = StageIndex(stages)
    parents = (index.find(stages[number].image, number, takes_numbers=False) for number in executed)
    return frozenset(parent.number for parent in parents if parent is not None)


def _heredocs(dockerfile: Dockerfile) -> Iterator[tuple[int, str]]:
    """Here-documents whose lines docker's own builder takes for instructions that it does not know."""
    for instruction in dockerfile.instructions:
        ended = [heredoc for heredoc in instruction.heredocs if heredoc.is_ended]
        if ended:
            lines = dockerfile.lines[ended[0].first_line - 1 : ended[-1].end_line]
            if any(plain.keyword not in KEYWORDS for plain in read_plainly(lines, dockerfile.escape)):
                name = printable(ended[0].name[:_LONGEST_SHOWN])
                yield instruction.line, f"<<{name} begins a here-document, which only BuildKit knows"


def _other_frontend(dockerfile: Dockerfile) -> Iterator[tuple[int, str]]:
    """A syntax line of another language: if an instruction is none of Dockerfile's, it cannot do without."""
    if not names_another_frontend(dockerfile):
        return
    unknown = next((one for one in dockerfile.instructions if one.keyword not in KEYWORDS), None)
    if unknown is not None:
        what = f"line {unknown.line}, {written_line(dockerfile, unknown.line)}"
        reason = "it names the frontend that reads this file, which only BuildKit asks; docker itself does not know"
        yield syntax_line(dockerfile)[1], f"{reason} {what}"


def is_for_buildkit_alone(dockerfile: Dockerfile) -> bool:
    """Whether another language is asked for, without which the text cannot do."""
    return any(_other_frontend(dockerfile))
