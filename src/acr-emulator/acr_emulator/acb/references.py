"""Names of images: docker/distribution's grammar of them, and what acb adds to them and lists of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ..golang.errors import GoError
from ..golang.strings import to_lower
from .errors import AcbError

__all__ = [
    "DOCKER_HUB",
    "LIBRARY",
    "Reference",
    "ReferenceFormatError",
    "ScannedImage",
    "distinct_images",
    "is_reference",
    "parse_reference",
    "scanned_image",
    "with_latest",
    "with_registry",
]

DOCKER_HUB = "registry.hub.docker.com"
LIBRARY = "library/"

COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
REFERENCE = re.compile(
    rf"(?P<name>(?:(?P<domain>{LABEL}(?:\.{LABEL})*(?::[0-9]+)?)/)?(?P<path>{COMPONENT}(?:/{COMPONENT})*))"
    r"(?::(?P<tag>[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}))?"
    r"(?:@(?P<digest>[A-Za-z][A-Za-z0-9]*(?:[+._-][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?"
)
"""The grammar of docker/distribution 2.8, `reference/regexp.go`: no IPv6 addresses yet."""
LONGEST_NAME = 255

DIGEST = re.compile(r"[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+")
HEX_DIGITS = {"sha256": 64, "sha384": 96, "sha512": 128}
"""What opencontainers/go-digest 1.0 takes."""


class ReferenceFormatError(GoError):
    """A text that is no reference; `str(error)` is what docker/distribution, and so docker itself, says of it."""


@dataclass(frozen=True)
class Reference:
    """A reference taken apart; what it lacks is empty. A first part before `/` is the domain, even without a dot."""

    domain: str
    path: str
    tag: str = ""
    digest: str = ""


@dataclass(frozen=True)
class ScannedImage:
    """An image as acb lists it among dependencies: Docker Hub by its own host; an empty tag or digest is not listed."""

    registry: str
    repository: str
    tag: str
    digest: str
    reference: str

    def to_json(self) -> dict[str, str]:
        """The members that acb prints."""
        members = {
            "registry": self.registry,
            "repository": self.repository,
            "tag": self.tag,
            "digest": self.digest,
            "reference": self.reference,
        }
        return {name: value for name, value in members.items() if value}


def parse_reference(text: str) -> Reference:
    """Take a reference apart (docker/distribution, `reference.Parse`). Raises ReferenceFormatError."""
    match = REFERENCE.fullmatch(text)
    if match is None:
        raise ReferenceFormatError(_format_failure(text))
    if len(match["name"]) > LONGEST_NAME:
        raise ReferenceFormatError(f"repository name must not be more than {LONGEST_NAME} characters")
    if match["digest"]:
        _check_digest(match["digest"])
    return Reference(match["domain"] or "", match["path"], match["tag"] or "", match["digest"] or "")


def is_reference(text: str) -> bool:
    """Whether docker/distribution takes `text`."""
    try:
        parse_reference(text)
    except ReferenceFormatError:
        return False
    return True


def _format_failure(text: str) -> str:
    if not text:
        return "repository name must have at least one component"
    if REFERENCE.fullmatch(to_lower(text)) is not None:
        return "repository name must be lowercase"
    return "invalid reference format"


def _check_digest(text: str) -> None:
    algorithm, _, digits = text.partition(":")
    length = HEX_DIGITS.get(algorithm)
    if length is None:
        is_digest = DIGEST.fullmatch(text) is not None
        raise ReferenceFormatError("unsupported digest algorithm" if is_digest else "invalid checksum digest format")
    if len(digits) != length:
        raise ReferenceFormatError("invalid checksum digest length")
    if digits != digits.lower():
        raise ReferenceFormatError("invalid checksum digest format")


def scanned_image(text: str) -> ScannedImage:
    """The image that `text` names, as acb's scanner lists it. Raises AcbError.

    A domain counts only with a dot in it: `localhost:5000/x` becomes a repository of Docker Hub, and what has no domain
    gets `library/` in front (acb, scan/dependencies.go).
    """
    try:
        reference = parse_reference(text)
    except ReferenceFormatError as error:
        raise AcbError(f"Failed to parse image reference, ensure tags have a valid format: {text}: {error}") from error
    if "." in reference.domain:
        registry, repository = reference.domain, reference.path
    else:
        registry, repository = DOCKER_HUB, f"{reference.domain or 'library'}/{reference.path}"
    return ScannedImage(registry, repository, reference.tag, reference.digest, text)


def with_latest(name: str) -> str:
    """`name` with the tag `latest` if neither `:` nor `@` is anywhere in it (acb, util/prefixes.go).

    >>> with_latest("app"), with_latest("localhost:5000/app")
    ('app:latest', 'localhost:5000/app')
    """
    return name if ":" in name or "@" in name else f"{name}:latest"


def with_registry(name: str, registry: str, known_registries: Iterable[str] = ()) -> str:
    """A tag of a quick build with the run's registry in front, unless it begins with a known one or `library/`.

    Only the text counts: no slash is asked for after a registry's name (acb, util/prefixes.go).

    >>> with_registry("app:v1", "team.azurecr.io"), with_registry("other.io/app", "team.azurecr.io", ["other.io"])
    ('team.azurecr.io/app:v1', 'other.io/app')
    """
    known = tuple(host for host in (registry, *known_registries) if host)
    return name if not registry or name.startswith((*known, LIBRARY)) else f"{registry}/{name}"


def distinct_images(names: Iterable[str]) -> list[str]:
    """What a push step pushes: each name with its tag, once, in the order given (acb, graph/task.go)."""
    return list(dict.fromkeys(with_latest(name) for name in names))
