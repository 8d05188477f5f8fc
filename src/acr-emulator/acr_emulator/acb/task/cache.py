"""Builds with `cache: enabled`: buildx keeps layers as an image in the registry (graph/step.go)."""

from __future__ import annotations

import re
from dataclasses import replace

from ..errors import AcbError
from ..references import Reference, ReferenceFormatError, parse_reference
from .model import Step, Task

__all__ = ["with_cache"]

TAG = re.compile("[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}")


def with_cache(task: Task, registry: str) -> Task:
    """A task whose cached builds tell buildx where their cache is.

    A build without tags tells nothing; nor does one whose place for the cache has no valid name, which is a notice.
    """
    steps: list[Step] = []
    notices: list[str] = []
    uses_build_cache = task.uses_build_cache
    for step in task.steps:
        cached, problem = _cached(step, task.name, registry) if step.uses_build_cache else (step, None)
        steps.append(cached)
        if problem is not None:
            notices.append(f"error creating build cache command {problem}")
        elif step.uses_build_cache:
            uses_build_cache = True
    return replace(task, steps=tuple(steps), notices=tuple(notices), uses_build_cache=uses_build_cache)


def _cached(step: Step, task_name: str, registry: str) -> tuple[Step, str | None]:
    """A cached build, and why it does not say where its cache is."""
    if not step.tags:
        return step, None
    try:
        repository = _repository(step.tags, registry)
    except AcbError as error:
        return step, str(error)
    step = replace(step, cache_tag=f"cache_{task_name}_{step.id}")
    if problem := _problem(repository, step.cache_tag):
        return step, problem
    location = f"type=registry,ref={repository}:{step.cache_tag}"
    flags = f"--load --cache-to={location},mode=max --cache-from={location}"
    return replace(step, build=f"{flags} {step.build}"), None


def _repository(tags: tuple[str, ...], registry: str) -> str:
    """That of the first tag with a domain, else that of the first tag in the run's registry. Raises AcbError."""
    references: list[Reference] = []
    for tag in tags:
        try:
            references.append(parse_reference(tag))
        except ReferenceFormatError as error:
            problem = f"failed to parse the tag into a domain and path: failed to parse the image name: {error}"
            raise AcbError(problem) from error
        if references[-1].domain:
            return f"{references[-1].domain}/{references[-1].path}"
    return f"{registry}/{references[0].path}"


def _problem(repository: str, tag: str) -> str | None:
    try:
        parse_reference(repository)
    except ReferenceFormatError as error:
        return f"failed to parse reference to be used for cache image: {error}"
    if TAG.fullmatch(tag) is None:
        return "failed to attach cache ID tag to the repo for build cache: invalid tag format"
    return None
