"""What may not be meant in a Dockerfile, of what has to do with BuildKit: nothing that a build is sure to fail for."""

from __future__ import annotations

from collections.abc import Iterator

from .frontends import syntax_line
from .instructions import placed_line
from .model import AskedBuild, Dockerfile
from .mounts import lacking_mounts
from .needs import is_for_buildkit_alone, options_of_buildkit
from .stages import PLATFORM_ARGUMENTS, bodies_of, executed_stages, global_arguments, read_stages
from .words import split_words

__all__ = ["remarks_on_buildkit"]


def remarks_on_buildkit(dockerfile: Dockerfile, build: AskedBuild) -> tuple[str, ...]:
    """What may not be meant of what has to do with BuildKit, a sentence or two each, with its line."""
    remarks = []
    name, line = syntax_line(dockerfile)
    if name and not build.buildkit and not is_for_buildkit_alone(dockerfile):
        remarks.append(f"{placed_line(dockerfile, line)}: that means something to BuildKit only.")
    if build.buildkit and not name:
        remarks += _too_young(dockerfile)
    if not build.buildkit:
        remarks += _unfilled_arguments(dockerfile, build)
    for mount in lacking_mounts(dockerfile, build):
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
        names = options_of_buildkit(instruction.keyword, instruction.rest, is_executed=False)
        if names or any(heredoc.is_ended for heredoc in instruction.heredocs):
            what = f"{instruction.keyword} {names[0]}" if names else "a here-document"
            where = placed_line(dockerfile, instruction.line)
            why = f"docker 20.10 does not know {what} by itself, and an agent may have no newer one"
            return [f"{where}: {why}. With '# syntax=docker/dockerfile:1' as the first line it fetches what knows it."]
    return []
