"""Names of images as docker itself reads them: with its own registry, not acb's, for those that name none."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from ...acb.references import ReferenceFormatError, parse_reference

__all__ = ["DOCKER_HUB", "ImageName", "assumed_digest", "parse_name"]

DOCKER_HUB = "docker.io"
LIBRARY = "library/"
DEFAULT_TAG = "latest"
IMAGE_ID = re.compile(r"[a-f0-9]{64}")


@dataclass(frozen=True)
class ImageName:
    """An image by registry, repository, and tag or digest."""

    registry: str
    repository: str
    tag: str
    digest: str = ""

    @property
    def path(self) -> str:
        """Registry and repository."""
        return f"{self.registry}/{self.repository}"

    @property
    def familiar_path(self) -> str:
        """The path without what docker adds by itself: `alpine`, not `docker.io/library/alpine`."""
        return self.repository.removeprefix(LIBRARY) if self.registry == DOCKER_HUB else self.path

    @property
    def familiar(self) -> str:
        """The name without what docker adds by itself, but with a tag or digest."""
        return f"{self.familiar_path}@{self.digest}" if self.digest else f"{self.familiar_path}:{self.tag}"

    @property
    def familiar_repository(self) -> str:
        """What a pull names: `library/alpine`, but with the registry where it is not Docker Hub."""
        return self.repository if self.registry == DOCKER_HUB else self.path

    def __str__(self) -> str:
        return f"{self.path}@{self.digest}" if self.digest else f"{self.path}:{self.tag}"


def parse_name(text: str) -> ImageName:
    """Complete a name (docker/distribution, `reference.ParseNormalizedNamed`). Raises ReferenceFormatError."""
    if IMAGE_ID.fullmatch(text):
        raise ReferenceFormatError(f"invalid repository name ({text}), cannot specify 64-byte hexadecimal strings")
    registry, slash, rest = text.partition("/")
    is_host = "." in registry or ":" in registry or registry == "localhost" or registry != registry.lower()
    if not (slash and is_host):
        registry, rest = DOCKER_HUB, text
    elif registry == "index.docker.io":
        registry = DOCKER_HUB
    if registry == DOCKER_HUB and "/" not in rest:
        rest = f"{LIBRARY}{rest}"
    path = rest.partition(":")[0]
    if path != path.lower():
        raise ReferenceFormatError("invalid reference format: repository name must be lowercase")
    reference = parse_reference(f"{registry}/{rest}")
    return ImageName(registry, reference.path, reference.tag or DEFAULT_TAG, reference.digest)


def assumed_digest(text: str) -> str:
    """A digest made from `text`, for content that nobody fetched."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
