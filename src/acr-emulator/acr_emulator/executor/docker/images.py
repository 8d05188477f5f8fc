"""The images that an agent has, and pushing them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ...acb.docker import Finished, Printed
from ...acb.references import ReferenceFormatError
from ..model import ImageReference
from ..run_faults import RunFaults
from .names import DOCKER_HUB, ImageName, assumed_digest, parse_name

__all__ = ["UNAUTHORIZED", "ImageStore"]

LAYERS_PER_PUSH = 2
PUSH_SECONDS = 2.0
REFUSED_SECONDS = 0.5
PULL_SECONDS = 1.0
MANIFEST_SIZE = 1366
UNAUTHORIZED = "unauthorized: authentication required, visit https://aka.ms/acr/authorization for more information."
DENIED = "denied: requested access to the resource is denied"


@dataclass
class ImageStore:
    """Images by name: those that were built, and those that were pulled. What a refused push prints is assumed.

    `faults` are what goes wrong with pulls and pushes.
    """

    faults: RunFaults = field(default_factory=RunFaults)
    pushed: dict[str, ImageReference] = field(default_factory=dict)
    _logins: set[str] = field(default_factory=set)
    _built: dict[str, str] = field(default_factory=dict)
    _distributed: dict[str, str] = field(default_factory=dict)
    _bases: set[str] = field(default_factory=set)

    @property
    def logins(self) -> frozenset[str]:
        """The registries that the agent has credentials of."""
        return frozenset(self._logins)

    def log_in(self, registry: str) -> None:
        """Remember credentials of a registry."""
        self._logins.add(registry)

    def add_built(self, name: ImageName, digest: str) -> None:
        """A build has tagged an image; its digest is known outside once it is pushed."""
        self._built[str(name)] = digest
        self._distributed.pop(str(name), None)

    def add_pulled(self, images: Mapping[str, str]) -> None:
        """Images that a build has fetched, by name, with their digests."""
        self._distributed.update(images)

    def add_bases(self, names: Iterable[str]) -> None:
        """Images that a Dockerfile names, and that are taken to be in their registries."""
        self._bases.update(names)

    def pull(self, text: str) -> Finished:
        """`docker pull`: any image that has a valid name is taken to be there."""
        try:
            name = parse_name(text)
        except ReferenceFormatError as error:
            return Finished(1, (Printed(str(error)),))
        if said := self.faults.next("pull"):
            return Finished(1, (Printed(f"Error response from daemon: {said}", PULL_SECONDS),))
        digest = self._distributed.setdefault(str(name), name.digest or assumed_digest(f"base image {name}"))
        lines = [] if ":" in text or "@" in text else [Printed("Using default tag: latest")]
        lines += [
            Printed(f"{name.digest or name.tag}: Pulling from {name.familiar_repository}", PULL_SECONDS),
            Printed(f"Digest: {digest}"),
            Printed(f"Status: Downloaded newer image for {name.familiar}"),
            Printed(str(name)),
        ]
        return Finished(0, tuple(lines))

    def has(self, text: str) -> bool:
        """Whether the image of this name is on the agent."""
        name = str(parse_name(text))
        return name in self._built or name in self._distributed

    def tag(self, source: str, target: str) -> Finished:
        """`docker tag`."""
        try:
            old, new = parse_name(source), parse_name(target)
        except ReferenceFormatError as error:
            return Finished(1, (Printed(f"Error parsing reference: {error}"),))
        digest = self._built.get(str(old)) or self._distributed.get(str(old))
        if digest is None:
            return Finished(1, (Printed(f"Error response from daemon: No such image: {old.familiar}"),))
        self.add_built(new, digest)
        return Finished()

    def push(self, text: str) -> Finished:
        """`docker push`."""
        try:
            name = parse_name(text)
        except ReferenceFormatError as error:
            return Finished(1, (Printed(str(error)),))
        start = Printed(f"The push refers to repository [{name.path}]")
        digest = self._built.get(str(name)) or self._distributed.get(str(name))
        if digest is None:
            refusal = f"An image does not exist locally with the tag: {name.familiar_path}"
        elif name.registry not in self._logins:
            refusal = DENIED if name.registry == DOCKER_HUB else UNAUTHORIZED
        elif (said := self.faults.next("push")) is not None:
            refusal = said
        else:
            self._distributed[str(name)] = digest
            self.pushed[str(name)] = ImageReference(name.registry, name.repository, name.tag, digest)
            return Finished(0, (start, *_layers(digest), _summary(name, digest)))
        return Finished(1, (Printed(start.text, REFUSED_SECONDS), Printed(refusal)))

    def push_all(self, text: str) -> Finished:
        """`docker push --all-tags`: every image of a repository that is here."""
        try:
            path = parse_name(text).path
        except ReferenceFormatError as error:
            return Finished(1, (Printed(str(error)),))
        images = sorted(name for name in {**self._built, **self._distributed} if name.rpartition(":")[0] == path)
        output: list[Printed] = []
        for name in images or [text]:
            finished = self.push(name)
            output += finished.output
            if finished.exit_code:
                return Finished(finished.exit_code, tuple(output))
        return Finished(0, tuple(output))

    def remote_digest(self, text: str) -> str | None:
        """The digest that a registry has for an image; None if it is not there.

        What a Dockerfile names as a base is taken to be there, not what acb alone took for one.
        """
        name = parse_name(text)
        if str(name) in self._built:
            return self._distributed.get(str(name), "")
        if str(name) not in self._distributed and str(name) not in self._bases:
            return None
        return self._distributed.get(str(name)) or name.digest or assumed_digest(f"base image {name}")

    def inspect(self, text: str) -> Finished:
        """`docker inspect --format '"{{json .RepoDigests}}"'`: the digests under which registries have an image."""
        try:
            name = str(parse_name(text))
        except ReferenceFormatError:
            name = ""
        if name not in self._built and name not in self._distributed:
            return Finished(1, (Printed(f"Error: No such object: {text}"),))
        path = parse_name(text).familiar_path
        digests = [f"{path}@{self._distributed[name]}"] if name in self._distributed else []
        return Finished(0, (Printed(f'"{json.dumps(digests)}"'),))


def _layers(digest: str) -> list[Printed]:
    start = len("sha256:")
    layers = [digest[start + 12 * index :][:12] for index in range(LAYERS_PER_PUSH)]
    return [
        Printed(f"{layer}: {state}", after)
        for state, after in (("Preparing", 0.0), ("Pushed", PUSH_SECONDS / LAYERS_PER_PUSH))
        for layer in layers
    ]


def _summary(name: ImageName, digest: str) -> Printed:
    return Printed(f"{name.tag}: digest: {digest} size: {MANIFEST_SIZE}")
