"""The end of a run that succeeded: each step's time, the digests of its images, and what they depend on."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import replace

from ..commands import inspect_arguments
from ..docker import Docker
from ..errors import AcbError
from ..references import DOCKER_HUB, ScannedImage
from ..scan import ImageDependencies
from .events import Event, Line, Timeline
from .steps import StepRun

__all__ = ["SCRATCH", "RemoteDigest", "dependencies_as_json", "summarize"]

SCRATCH = "scratch:latest"
LIBRARY = "library/"

RemoteDigest = Callable[[ScannedImage], str]
"""Asks a registry for an image's digest; empty if the image is not there."""


def summarize(
    runs: Iterable[StepRun], docker: Docker, remote_digest: RemoteDigest, timeline: Timeline, speed: float
) -> Generator[Event, None, list[ImageDependencies]]:
    """Log the end of each step; returns what all builds depend on, with digests. Raises AcbError."""
    found: list[ImageDependencies] = []
    for run in runs:
        seconds = (run.ended - run.started) / speed
        yield Line(f"Step ID: {run.step.id} marked as successful (elapsed time in seconds: {seconds:.6f})")
        if not run.dependencies:
            continue
        yield Line(f"Populating digests for step ID: {run.step.id}...")
        by_buildkit = run.step.uses_buildkit or run.step.uses_build_cache
        if by_buildkit:
            yield Line("Image was built using buildkit, fetching Digest from remote...")
        for entry in run.dependencies:
            found.append(_with_digests(entry, docker, remote_digest if by_buildkit else None))
        yield Line(f"Successfully populated digests for step ID: {run.step.id}")
    return found


def _with_digests(entry: ImageDependencies, docker: Docker, remote_digest: RemoteDigest | None) -> ImageDependencies:
    def of_base(image: ScannedImage) -> ScannedImage:
        if remote_digest is None:
            return _local(image, docker)
        is_known = image.digest or image.reference == SCRATCH
        return image if is_known else replace(image, digest=remote_digest(image))

    image = None if entry.image is None else _local(entry.image, docker)
    if image is not None and remote_digest is not None and not image.digest:
        image = replace(image, digest=remote_digest(image))
    return ImageDependencies(image, of_base(entry.runtime), tuple(map(of_base, entry.buildtime)))


def _local(image: ScannedImage, docker: Docker) -> ScannedImage:
    """The image with the digest that docker has for its repository, if any."""
    if image.reference == SCRATCH:
        return image
    finished = docker.run(inspect_arguments(image.reference)[1:])
    if finished.exit_code:
        raise AcbError(f"failed to query digests, msg: {finished.text}: {finished.error}")
    repository = image.repository
    if image.registry != DOCKER_HUB:
        repository = f"{image.registry}/{repository}"
    elif repository.startswith(LIBRARY):
        repository = repository.removeprefix(LIBRARY)
    digests: list[str] = json.loads(finished.text.strip('\n\r"\t') or "[]")
    prefix = f"{repository}@"
    return replace(image, digest=next((text[len(prefix) :] for text in digests if text.startswith(prefix)), ""))


def dependencies_as_json(entries: Sequence[ImageDependencies]) -> str:
    """What acb itself prints of dependencies; public logs of the service show YAML there."""
    return json.dumps([_members(entry) for entry in entries], separators=(",", ":"))


def _members(entry: ImageDependencies) -> dict[str, object]:
    return {
        "image": _image(entry.image),
        "runtime-dependency": _image(entry.runtime),
        "buildtime-dependency": [_image(image) for image in entry.buildtime] or None,
        "git": {"git-head-revision": ""},
    }


def _image(image: ScannedImage | None) -> dict[str, str] | None:
    if image is None:
        return None
    return {
        "registry": image.registry,
        "repository": image.repository,
        "tag": image.tag,
        "digest": image.digest,
        "reference": image.reference,
    }
