"""Which images a build pulls. Source: Docker's Dockerfile reference (FROM, ARG, COPY --from, RUN --mount)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ...dockerfile.model import AskedBuild, Dockerfile

__all__ = ["BaseImage", "registry_host", "repository_path", "required_images"]


@dataclass(frozen=True)
class BaseImage:
    """An image that a Dockerfile names, and the line that does. `unresolved`: build arguments without a value in it."""

    reference: str
    line: int
    unresolved: tuple[str, ...] = ()


def required_images(text: str, build_args: Mapping[str, str] | None = None) -> list[BaseImage]:
    """The images to pull, once each: not `scratch`, and not the Dockerfile's own stages.

    `build_args` override the defaults of ARG lines before the first FROM; those of stages cannot be used in FROM. What
    BuildKit sets for a build on an agent pool is known without them. Lines that docker refuses count as far as they go.
    """
    # What reads Dockerfiles takes a while to import, which nobody should wait for who has none.
    from ...dockerfile.instructions import read_dockerfile

    images: dict[str, BaseImage] = {}
    for image in _named_images(read_dockerfile(text), AskedBuild(arguments=dict(build_args or {}), buildkit=True)):
        images.setdefault(image.reference, image)
    return list(images.values())


def _named_images(dockerfile: Dockerfile, build: AskedBuild) -> Iterator[BaseImage]:
    from ...dockerfile.stages import StageIndex, bodies_of, read_stages, sources_of

    stages = read_stages(dockerfile, build)
    index = StageIndex(stages)
    for stage, body in zip(stages, bodies_of(dockerfile), strict=True):
        is_stage = index.find(stage.image, stage.number, takes_numbers=False) is not None
        if (stage.image or stage.unresolved) and stage.image != "scratch" and not is_stage:
            yield BaseImage(stage.image, stage.instruction.line, stage.unresolved)
        for instruction in body:
            for source in sources_of(instruction):
                # Stages have numbers too. Docker expands no variables here.
                is_image = not source.isdigit() and "$" not in source
                if is_image and index.find(source, stage.number + 1) is None:
                    yield BaseImage(source, instruction.line)


def registry_host(reference: str) -> str:
    """The registry of an image reference; without a host in it, Docker Hub.

    >>> registry_host("python:3.12"), registry_host("mcr.microsoft.com/dotnet/sdk:8.0")
    ('docker.io', 'mcr.microsoft.com')
    """
    first, slash, _ = reference.partition("/")
    if not slash or not ("." in first or ":" in first or first == "localhost"):
        return "docker.io"
    return "docker.io" if first.lower() in ("index.docker.io", "registry-1.docker.io") else first.lower()


def repository_path(reference: str) -> str:
    """An image reference without its registry. Docker Hub keeps its official images in `library`.

    >>> repository_path("python:3.12"), repository_path("quay.io/a/b@sha256:0")
    ('library/python:3.12', 'a/b@sha256:0')
    """
    first, slash, rest = reference.partition("/")
    path = rest if slash and ("." in first or ":" in first or first == "localhost") else reference
    return path if "/" in path or registry_host(reference) != "docker.io" else f"library/{path}"
