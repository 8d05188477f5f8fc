"""Names of images to build: `[HOST[:PORT]/]REPOSITORY[:TAG]`, by the grammar that Docker and registries share.

Source: github.com/distribution/reference, in the version that the agents have (2.8, where the host counts for the
length, and IPv6 addresses are no hosts). The service puts the registry before a name, so that what has no host here is
all repository. Pure.
"""

from __future__ import annotations

import re
from typing import Final

from .wording import printable

__all__ = ["filled_in", "host_of", "name_objection"]

_COMPONENT: Final = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*")
_TAG: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_HOST: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*(?::[0-9]+)?")
_NUMBERED: Final = re.compile(r"[^/:]*:[0-9]+/")
_LONGEST_NAME: Final = 255
_LONGEST_SHOWN: Final = 60
# What the service fills in before it looks at a name: Go's templates, and the aliases of task files.
_TEMPLATE: Final = re.compile(r"\{\{[^{}]*\}\}")
_ALIAS: Final = re.compile(r"\$[A-Za-z0-9]+")
_FILLING: Final = "x"


def filled_in(text: str) -> str:
    """`text` with a word in place of each template, which stands for whatever the service puts there.

    >>> filled_in("app:{{.Run.ID}}-{{ .Values.stage }}")
    'app:x-x'
    """
    return _TEMPLATE.sub(_FILLING, text)


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
