"""Names of images: `registry/repository:tag@digest`, taken apart and put together."""

from __future__ import annotations

import hashlib

from ..acb.references import DOCKER_HUB
from .model import ImageReference

__all__ = ["assumed_digest", "base_image", "full_name", "qualify", "short_name"]


def qualify(name: str, login_server: str) -> ImageReference:
    """The image of a build's own registry that `name` means; the tag defaults to `latest`."""
    name = name.removeprefix(f"{login_server}/")
    repository, tag, _digest = _split(name)
    return ImageReference(login_server, repository, tag or "latest")


def base_image(name: str) -> ImageReference:
    """The image that a FROM names, as ACR lists dependencies: Docker Hub by its own host, `library/` added."""
    domain, slash, path = name.partition("/")
    if not slash or not ("." in domain or ":" in domain or domain == "localhost"):
        domain, path = DOCKER_HUB, name if slash else f"library/{name}"
    repository, tag, digest = _split(path)
    return ImageReference(domain, repository, tag or (None if digest else "latest"), digest)


def assumed_digest(text: str) -> str:
    """A digest made from `text`, for content that nobody fetched."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def full_name(image: ImageReference) -> str:
    """`registry/repository:tag`."""
    return f"{image.registry}/{image.repository}:{image.tag}"


def short_name(name: str) -> tuple[str, str]:
    """Tag and repository as Docker prints them when it pulls `name`."""
    image = base_image(name)
    if image.registry == DOCKER_HUB:
        return image.tag or image.digest or "", image.repository
    return image.tag or image.digest or "", f"{image.registry}/{image.repository}"


def _split(name: str) -> tuple[str, str | None, str | None]:
    name, _, digest = name.partition("@")
    head, colon, tag = name.rpartition(":")
    if not colon or "/" in tag:
        return name, None, digest or None
    return head, tag, digest or None
