"""What a task's build steps would fail for, where their Dockerfiles are here and all that counts is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Final

from ...files import is_file, read_file
from ...wording import printable
from .dockerfiles import doubts
from .step_dockerfiles import StepBuild, StepDockerfiles

__all__ = ["dockerfile_here", "folder_of_source", "step_doubts"]

_WITH_BUILDKIT: Final = "Build with BuildKit: give the step env: [DOCKER_BUILDKIT=1]."


def step_doubts(
    folder: Path, task: StepDockerfiles, platform: str, *, of_remote: bool = False, remark: str = ""
) -> Iterator[str]:
    """A line for each reason.

    `folder` stands for the source of the task, or with `of_remote` for the repositories that its steps name themselves.
    `platform` is that of the run, as docker names it; `remark` follows the name of a Dockerfile. Where templates decide
    which steps there are, nothing is said.
    """
    for build in task.builds if task.is_certain else ():
        step = f"Step '{printable(build.name)}' would fail"
        for name in build.line.refused_arguments:
            yield (
                f"{step}: the agent's scanner refuses --build-arg {printable(name)}, which has no value. Write"
                f" --build-arg={printable(name)}, and its value into the step's env."
            )
        path, content = (_built(folder, build) if build.line.is_remote == of_remote else None) or ("", None)
        for doubt in _doubts(build, content, platform) if content is not None else ():
            yield f"{step} with '{printable(path)}'{remark}: {doubt}"


def dockerfile_here(folder: Path, *paths: str) -> tuple[str, bytes] | None:
    """The path and the content of the first of these that is a file below the folder, None if none can be read."""
    try:
        path = next((path for path in paths if _is_inside(path) and is_file(folder / path)), None)
        return None if path is None else (path, read_file(folder / path))
    except OSError:
        return None


def _is_inside(path: str) -> bool:
    return not Path(path).is_absolute() and ".." not in PurePosixPath(path).parts


def folder_of_source(context: str, here: Path) -> Path | None:
    """Where the files of a repository are if the current folder is of it; None if they may be elsewhere.

    What is built may be a folder of it (`#REF:FOLDER`): one below the current folder, or that itself.
    """
    folder = PurePosixPath(context.partition("#")[2].partition(":")[2].strip("/"))
    if ".." in folder.parts:
        return None
    if (here / folder).is_dir():
        return here / folder
    return here if here.parts[-len(folder.parts) :] == folder.parts else None


def _built(folder: Path, build: StepBuild) -> tuple[str, bytes] | None:
    line = build.line
    if not line.is_known:
        return None
    if not line.is_remote:
        return dockerfile_here(folder, *build.paths)
    source = folder_of_source(line.context, folder)
    names = [line.dockerfile] if line.dockerfile else ["Dockerfile", "dockerfile"]
    return dockerfile_here(source, *names) if source else None


def _doubts(build: StepBuild, dockerfile: bytes, platform: str) -> Iterator[str]:
    # It takes a while to import, and few tasks have a Dockerfile here.
    from ...dockerfile.review import review_dockerfile

    if build.buildkit is None:
        return
    line = build.line
    review = review_dockerfile(dockerfile, line.asked(platform, buildkit=build.buildkit))
    if line.target and not line.is_target_told:
        # The scanner reads to the end then: what it must be told of the target does not matter.
        review = replace(review, changes=())
    if not line.is_dockerfile_told:
        # The scanner reads another one then: what is left is docker's own.
        objections = tuple(objection for objection in review.objections if objection.needs_buildkit)
        review = replace(review, objections=objections, changes=())
    yield from doubts(review, _WITH_BUILDKIT)
