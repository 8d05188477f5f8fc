"""What only BuildKit knows: where a Dockerfile would fail without it, and what of its secrets is not given.

Source: builder/dockerfile of docker 20.10 and what it takes of BuildKit's parser, which knows no here-documents and
takes their lines for instructions.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..wording import printable
from .ages import doubtful_lines
from .frontends import names_another_frontend, syntax_line
from .instructions import KEYWORDS, placed_line, read_plainly, written_line
from .model import AskedBuild, Dockerfile, Objection, Stage
from .stages import (
    PLATFORM_ARGUMENTS,
    StageIndex,
    bodies_of,
    executed_stages,
    global_arguments,
    mounts_of,
    read_stages,
)
from .words import split_flags, split_keyword, split_words

__all__ = ["needs_of_buildkit", "remarks_on_buildkit", "secrets_that_lack"]

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
_YES = ("1", "t", "T", "TRUE", "true", "True")


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
                names = _refused(keyword, rest, is_executed=True) if stage.number in triggered else []
            else:
                keyword, names = instruction.keyword, _refused(instruction.keyword, instruction.rest, is_executed)
            if names:
                yield instruction.line, f"{keyword} {names[0]} is an option that only BuildKit has"


def _refused(keyword: str, rest: str, is_executed: bool) -> list[str]:
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


def secrets_that_lack(dockerfile: Dockerfile, build: AskedBuild) -> tuple[Objection, ...]:
    """With BuildKit: each RUN that is carried out and requires a build secret that is not given, or an SSH agent."""
    return tuple(
        Objection(mount.line, written_line(dockerfile, mount.line), mount.reason, mount.remedy)
        for mount in _lacking(dockerfile, build)
        if mount.is_required
    )


def remarks_on_buildkit(dockerfile: Dockerfile, build: AskedBuild) -> tuple[str, ...]:
    """What may not be meant of what has to do with BuildKit, a sentence or two each, with its line."""
    remarks = []
    name, line = syntax_line(dockerfile)
    if name and not build.buildkit and not any(_other_frontend(dockerfile)):
        remarks.append(f"{placed_line(dockerfile, line)}: that means something to BuildKit only.")
    if build.buildkit and not name:
        remarks += _too_young(dockerfile)
    if not build.buildkit:
        remarks += _unfilled_arguments(dockerfile, build)
    for mount in _lacking(dockerfile, build):
        if not mount.is_required:
            remarks.append(f"{placed_line(dockerfile, mount.line)}: {mount.reason}. {mount.remedy}")
    return tuple(remarks)


def _unfilled_arguments(dockerfile: Dockerfile, build: AskedBuild) -> Iterator[str]:
    """The first ARG of each argument of platforms in a stage that is built, if it has no value without BuildKit."""
    known = set(global_arguments(dockerfile, build)) | set(build.arguments)
    executed = executed_stages(dockerfile, read_stages(dockerfile, build), build)
    is_windows = build.platform.lower().startswith("windows")
    for number, body in enumerate(bodies_of(dockerfile)):
        for instruction in body if number in executed else ():
            words = split_words(instruction.rest, dockerfile.escape) if instruction.keyword == "ARG" else ()
            for name in [word for word in words if word in PLATFORM_ARGUMENTS and word not in known]:
                known.add(name)
                remedy = (
                    f"{'Give' if is_windows else 'Build with --buildkit, or give'} its value: --build-arg {name}=.."
                )
                reason = f"{name} is empty here, as only BuildKit fills it in"
                yield f"{placed_line(dockerfile, instruction.line)}: {reason}. {remedy}"


def _too_young(dockerfile: Dockerfile) -> list[str]:
    """The first line that BuildKit of docker 20.10 does not know, unless a syntax line has it fetch what does."""
    for instruction in dockerfile.instructions:
        names = _refused(instruction.keyword, instruction.rest, is_executed=False)
        if names or any(heredoc.is_ended for heredoc in instruction.heredocs):
            what = f"{instruction.keyword} {names[0]}" if names else "a here-document"
            where = placed_line(dockerfile, instruction.line)
            why = f"docker 20.10 does not know {what} by itself, and an agent may have no newer one"
            return [f"{where}: {why}. With '# syntax=docker/dockerfile:1' as the first line it fetches what knows it."]
    return []


@dataclass(frozen=True)
class _LackingMount:
    """A mount of what a build does not have."""

    line: int
    is_required: bool
    reason: str
    remedy: str


def _lacking(dockerfile: Dockerfile, build: AskedBuild) -> Iterator[_LackingMount]:
    """The mounts of secrets that are not given, and of SSH agents, in stages that are carried out with BuildKit."""
    if not build.buildkit:
        return
    executed = executed_stages(dockerfile, read_stages(dockerfile, build), build)
    for number, body in enumerate(bodies_of(dockerfile)):
        for instruction in body if number in executed else ():
            for options in mounts_of(instruction):
                yield from _lacking_mount(instruction.line, options, build.secrets)


def _lacking_mount(line: int, options: Mapping[str, str], given: frozenset[str] | None) -> Iterator[_LackingMount]:
    kind, is_required = options.get("type", "").lower(), options.get("required", "") in _YES
    if kind == "ssh":
        reason = "there is no SSH agent for a build on an agent"
        yield _LackingMount(line, is_required, reason, "Give the key as a build secret: --secret id=NAME,src=FILE.")
    secret = _secret_id(options) if kind == "secret" and given is not None else ""
    # Variables in it are those of the stage.
    if secret and "$" not in secret and secret not in (given or ()):
        remedy = f"Give it: --secret id={printable(secret)},src=FILE."
        yield _LackingMount(line, is_required, f"build secret '{printable(secret)}' is not given", remedy)


def _secret_id(options: Mapping[str, str]) -> str:
    """Source: dispatchSecret in frontend/dockerfile/dockerfile2llb of BuildKit."""
    target = next((options[name] for name in ("target", "dst", "destination") if options.get(name)), "")
    named = (options.get(name, "") for name in ("source", "src", "id"))
    return next(filter(None, named), posixpath.basename(target))
