"""Names of images: `[HOST[:PORT]/]REPOSITORY[:TAG][@DIGEST]`, by the grammar that Docker and registries share.

Source: github.com/distribution/reference, in the version that the agents have (2.8, where the host counts for the
length, and IPv6 addresses are no hosts). The service puts the registry before the name of an image to build, so that
what has no host there is all repository. Pure.
"""

from __future__ import annotations

import re
from typing import Final

from .wording import printable

__all__ = ["TEMPLATE", "complete_reference", "filled_in", "host_of", "name_objection", "reference_objection"]

_COMPONENT: Final = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*")
_TAG: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_HOST: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*(?::[0-9]+)?")
_NUMBERED: Final = re.compile(r"[^/:]*:[0-9]+/")
_PATH: Final = rf"{_COMPONENT.pattern}(?:/{_COMPONENT.pattern})*"
_REFERENCE: Final = re.compile(
    rf"(?P<name>(?:(?P<host>{_HOST.pattern})/)?(?P<path>{_PATH}))(?::(?P<tag>{_TAG.pattern}))?(?:@(?P<digest>.+))?"
)
# Hexadecimal digits of the digests that there are (opencontainers/go-digest).
_DIGEST: Final = re.compile("sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}")
_IMAGE_ID: Final = re.compile("[0-9a-f]{64}")
_HUB: Final = ("docker.io", "index.docker.io")
_LONGEST_NAME: Final = 255
_LONGEST_REFERENCE: Final = 1024
_LONGEST_SHOWN: Final = 60
# What the service fills in before it looks at a name: Go's templates, and the aliases of task files.
TEMPLATE: Final = re.compile(r"\{\{[^{}]*\}\}")
_ALIAS: Final = re.compile(r"\$[A-Za-z0-9]+")
_FILLING: Final = "x"


def filled_in(text: str) -> str:
    """`text` with a word in place of each template, which stands for whatever the service puts there.

    >>> filled_in("app:{{.Run.ID}}-{{ .Values.stage }}")
    'app:x-x'
    """
    return TEMPLATE.sub(_FILLING, text)


def name_objection(name: str) -> str | None:
    """Why an image that is built cannot be called that, None if it can: a sentence without its full stop.

    Templates (`{{.Run.ID}}`) and aliases (`$ID`) may stand anywhere and are not judged.

    >>> name_objection("samples/hello-world:{{.Run.ID}}"), name_objection("team.azurecr.io/$Date/hello")
    (None, None)
    >>> name_objection("hello:feature/x")
    "its tag 'feature/x' holds '/', which no tag may"
    """
    filled = _ALIAS.sub(_FILLING, filled_in(name))
    host, repository, tag = _split(filled)
    return (
        _whole_objection(filled, len(host + repository))
        or _tag_objection(tag)
        or _repository_objection(host, repository)
    )


def host_of(name: str) -> str:
    """The registry that a name begins with, with its port; "" if it begins with none.

    >>> host_of("team.azurecr.io/hello:v1"), host_of("localhost:5000/hello"), host_of("samples/hello.world:v1.2")
    ('team.azurecr.io', 'localhost:5000', '')
    """
    return _split(name)[0].removesuffix("/")


def reference_objection(text: str) -> str | None:
    """Why there is no image that is called that, as FROM would name it; None if there may be one.

    >>> reference_objection("debian:12-slim"), reference_objection("team.azurecr.io/app@sha256:" + "0" * 64)
    (None, None)
    >>> reference_objection("debian:")
    "'debian:' is no valid reference of an image"
    """
    if not text:
        return "it names no image"
    found = _REFERENCE.fullmatch(text) if len(text) <= _LONGEST_REFERENCE else None
    digest = found["digest"] if found else None
    if len(text) <= _LONGEST_REFERENCE and found is None and _REFERENCE.fullmatch(text.lower()):
        return f"{_shown(text)} is not in lower case, as the name of an image must be"
    if found is None or (digest and not _DIGEST.fullmatch(digest)) or _IMAGE_ID.fullmatch(text):
        return f"{_shown(text)} is no valid reference of an image"
    if len(found["name"]) > _LONGEST_NAME:
        return f"{_shown(text)} is longer than {_LONGEST_NAME} characters"
    return None


def complete_reference(text: str) -> tuple[str, str, str]:
    """Registry, repository, and tag (`:..`) or digest (`@..`) of a valid reference, as docker completes it.

    Of a tag and a digest the digest counts.

    >>> complete_reference("debian"), complete_reference("docker.io/library/debian:latest")
    (('docker.io', 'library/debian', ':latest'), ('docker.io', 'library/debian', ':latest'))
    """
    name, _, digest = text.partition("@")
    first, slash, rest = name.partition("/")
    is_host = slash and (re.search(r"[.:]", first) or first == "localhost" or first != first.lower())
    host, rest = (first, rest) if is_host else (_HUB[0], name)
    path, _, tag = rest.partition(":")
    host = _HUB[0] if host in _HUB else host
    path = f"library/{path}" if host == _HUB[0] and "/" not in path else path
    return host, path, f"@{digest}" if digest else f":{tag or 'latest'}"


def _split(name: str) -> tuple[str, str, str | None]:
    """Host with its slash ("" without one), repository, and tag (None without one)."""
    first, slash, _ = name.partition("/")
    is_host = bool(slash) and (first == "localhost" or ("." in first and ":" not in first) or _NUMBERED.match(name))
    host = first + slash if is_host else ""
    repository, colon, tag = name[len(host) :].partition(":")
    return host, repository, tag if colon else None


def _whole_objection(name: str, length: int) -> str | None:
    """`length` is the name's without its tag."""
    if not name:
        return "it is empty"
    if re.search(r"\s", name):
        return "it holds a blank"
    if "@" in name:
        return "it has a digest ('@..'), which an image gets only when it is there"
    if length > _LONGEST_NAME:
        return f"it is longer than {_LONGEST_NAME} characters"
    return None


def _tag_objection(tag: str | None) -> str | None:
    if tag is None or _TAG.fullmatch(tag):
        return None
    if not tag:
        return "there is no tag after its ':'"
    shown = _shown(tag)
    odd = re.search(r"[^A-Za-z0-9_.-]", tag)
    if odd:
        return f"its tag {shown} holds '{printable(odd[0])}', which no tag may"
    if tag[0] in ".-":
        return f"its tag {shown} begins with '{tag[0]}', which no tag may"
    return f"its tag {shown} is longer than 128 characters"


def _repository_objection(host: str, repository: str) -> str | None:
    if host and not _HOST.fullmatch(host[:-1]) and not _COMPONENT.fullmatch(host[:-1]):
        return f"{_shown(host[:-1])} is no name of a registry"
    if not repository:
        return "it names no repository"
    for part in repository.split("/"):
        if not _COMPONENT.fullmatch(part):
            return _component_objection(part)
    return None


def _component_objection(part: str) -> str:
    if not part:
        return "it has an empty part between, before or behind slashes"
    shown = _shown(part)
    if _COMPONENT.fullmatch(part.lower()):
        return f"{shown} in its repository is not in lower case"
    odd = re.search(r"[^A-Za-z0-9_.-]", part)
    if odd:
        return f"{shown} in its repository holds '{printable(odd[0])}', which no repository may"
    return (
        f"{shown} in its repository is not made of letters and digits with one '.', '_', '__' or any number of '-' "
        "between them"
    )


def _shown(text: str) -> str:
    cut = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}.."
    return f"'{printable(cut)}'"
