"""The Dockerfiles that the steps of a run are built from, where these were sent from a folder here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from ...files import read_file
from .built_dockerfile import BuiltDockerfile
from .context import LocalContext
from .step_dockerfiles import StepBuild
from .step_doubts import dockerfile_here

__all__ = ["BUILD_STEP", "built_in_steps"]

BUILD_STEP: Final = "build"
"""The ID of the step of a run that is a build and nothing else (Azure/acr-builder, cmd/acb/commands/build)."""

_NUMBER: Final = re.compile(r"[1-9][0-9]{0,5}")


def built_in_steps(context: LocalContext | None) -> Mapping[str, BuiltDockerfile]:
    """The Dockerfiles by the IDs of the steps, as they are now. What cannot be read is left out."""
    folder = context.folder if context else None
    if context is None or folder is None:
        return {}
    own = _of_build(context)
    return {BUILD_STEP: own} if own else dict(_of_steps(folder, context.builds))


def _of_build(context: LocalContext) -> BuiltDockerfile | None:
    path = context.dockerfile
    if path is None:
        return None
    try:
        content = read_file(path)
    except OSError:
        return None
    return BuiltDockerfile(path, content, content, context.context.dockerfile_name)


def _of_steps(folder: Path, builds: tuple[StepBuild, ...]) -> Iterator[tuple[str, BuiltDockerfile]]:
    for build in builds:
        found = None if build.line.is_remote else dockerfile_here(folder, *build.paths)
        if found is not None and build.buildkit is not None:
            path, content = found
            yield _id_of(build), BuiltDockerfile(folder / path, content, content, path, build.buildkit)


def _id_of(build: StepBuild) -> str:
    # The agent counts from 0 (graph/task.go).
    return f"acb_step_{int(build.name) - 1}" if _NUMBER.fullmatch(build.name) else build.name
