"""Names of images: `registry/repository:tag@digest`, taken apart and put together."""

from __future__ import annotations

import hashlib
import re

from .model import ImageReference

__all__ = ["assumed_digest", "base_image", "full_name", "parse_failure", "qualify", "short_name", "with_registry"]

DOCKER_HUB = "registry.hub.docker.com"
COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
NAME = rf"(?:{LABEL}(?:\.{LABEL})*(?::[0-9]+)?/)?{COMPONENT}(?:/{COMPONENT})*"
REFERENCE = re.compile(
    rf"({NAME})(?::[a-zA-Z0-9_][a-zA-Z0-9_.-]{{0,127}})?"
    r"(?:@[A-Za-z][A-Za-z0-9]*(?:[+._-][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?"
)
"""Docker's grammar (docker/distribution 2.8, which the agents use)."""
LONGEST_NAME = 255


def with_registry(name: str, login_server: str) -> str:
    """A tag as a quick build gives it to docker: the registry goes before what does not begin with it, or `library/`.

    >>> with_registry("app:v1", "team.azurecr.io"), with_registry("team.azurecr.io/app", "team.azurecr.io")
    ('team.azurecr.io/app:v1', 'team.azurecr.io/app')
    """
    return name if name.startswith((f"{login_server}/", "library/")) else f"{login_server}/{name}"


def parse_failure(name: str) -> str | None:
    """What docker/distribution says of a text that is no reference; None of one that is."""
    match = REFERENCE.fullmatch(name)
    if match is None:
        is_upper = REFERENCE.fullmatch(name.lower()) is not None
        return "repository name must be lowercase" if is_upper else "invalid reference format"
    if len(match[1]) > LONGEST_NAME:
        return f"repository name must not be more than {LONGEST_NAME} characters"
    return None


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
