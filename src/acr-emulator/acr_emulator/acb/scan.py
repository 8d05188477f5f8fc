"""The base images that acb finds in a Dockerfile before it lets docker build it.

It reads line by line and knows two words, FROM and ARG: no continued lines, here-documents, directives or ONBUILD (acb,
scan/dependencies.go).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from ..golang import path
from ..golang.expand import expand
from ..golang.strings import fields, trim_space
from .build_line import trim_quotes
from .contexts import is_local
from .errors import AcbError
from .references import LIBRARY, ScannedImage, scanned_image, with_latest

__all__ = ["ImageDependencies", "Origins", "dependencies_of", "dockerfile_path", "find_origins"]

LONGEST_LINE = 64 * 1024
"""Bytes. Go's bufio.Scanner ends before a line of that length, and acb takes this for the end of the file."""

BOM = b"\xef\xbb\xbf"
OF_INTEREST = re.compile(rb"\s*(?i:from|arg|[\x80-\xff])")
"""Lines that can hold a word that counts, or begin with a blank that is not ASCII."""

DEFAULT_DOCKERFILE = "Dockerfile"


@dataclass(frozen=True)
class Origins:
    """Images as a Dockerfile has them: that of the last FROM that was read, and all others that are no stages."""

    runtime: str
    buildtime: tuple[str, ...]


@dataclass(frozen=True)
class ImageDependencies:
    """What one tag of a build depends on; `image` is None for a build without tags."""

    image: ScannedImage | None
    runtime: ScannedImage
    buildtime: tuple[ScannedImage, ...]


def find_origins(
    dockerfile: BinaryIO, build_arguments: Iterable[str], target: str, log: Callable[[str], None]
) -> Origins:
    """Read a Dockerfile up to the stage `target`, or to its end. Raises AcbError.

    `log` takes the lines that acb logs on the way. No more than a line is kept in memory.
    """
    reader = _Reader(build_arguments, target, log)
    for line in _lines(dockerfile):
        words = fields(line)
        match words[0].upper() if words else "":
            case "FROM":
                if reader.read_from(line, words):
                    break
            case "ARG":
                reader.read_arg(line, words)
    return reader.origins()


def dependencies_of(origins: Origins, tags: Sequence[str]) -> list[ImageDependencies]:
    """What acb prints: an entry for each tag, or one without. Raises AcbError for a name that is no reference."""
    return [_dependencies(origins, tag) for tag in tags or [""]]


def dockerfile_path(context: str, checkout: str, dockerfile: str) -> str:
    """Where acb looks for the Dockerfile, from the step's working directory.

    `checkout` is the context's folder: for a local one the context itself, which counts only if no file is named.
    """
    if is_local(context) and dockerfile:
        return dockerfile
    return path.join(checkout, dockerfile or DEFAULT_DOCKERFILE)


class _Reader:
    def __init__(self, build_arguments: Iterable[str], target: str, log: Callable[[str], None]) -> None:
        self._values = dict(_assignment(argument) for argument in build_arguments)
        self._target = target
        self._log = log
        self._stages: dict[str, str] = {}
        self._images: dict[str, None] = {}
        self._last = ""

    def read_from(self, line: str, words: list[str]) -> bool:
        """Take a FROM in; whether it is the target's."""
        if len(words) < 2 or (len(words) > 2 and (len(words) < 4 or words[2].casefold() != "as")):
            raise AcbError(f"unable to understand line {line}")
        image = expand(trim_quotes(words[1]), lambda name: self._values.get(name, ""))
        if image in self._stages:
            self._last = self._stages[image]
        else:
            self._images[image] = None
            self._last = image
        if len(words) == 2:
            return False
        self._stages[words[3]] = self._last
        if ignored := words[4:]:
            self._log(f"Ignoring chunks from FROM clause: [{' '.join(ignored)}]")
        return bool(self._target) and words[3] == self._target

    def read_arg(self, line: str, words: list[str]) -> None:
        """Take an ARG in: the first value of a name counts, and a build argument before all."""
        if len(words) < 2:
            raise AcbError(f"dockerfile syntax requires ARG directive to have exactly 1 argument. LINE: {line}")
        if "=" in words[1]:
            name, value = _assignment(words[1])
            self._values.setdefault(name, value)

    def origins(self) -> Origins:
        """What was found."""
        if not self._images:
            raise AcbError("unexpected dockerfile format")
        return Origins(self._last, tuple(image for image in self._images if image != self._last))


def _lines(dockerfile: BinaryIO) -> Iterator[str]:
    """Lines that may hold FROM or ARG, without blanks at their ends."""
    is_first = True
    while data := dockerfile.readline(LONGEST_LINE + 1):
        if len(data.removesuffix(b"\n")) >= LONGEST_LINE:
            return
        if is_first:
            data = data.removeprefix(BOM)
            is_first = False
        if OF_INTEREST.match(data):
            yield trim_space(data.decode(errors="replace"))


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise AcbError(f"{text} cannot be split into 2 tokens with '='")
    return name, trim_quotes(value)


def _dependencies(origins: Origins, tag: str) -> ImageDependencies:
    image = scanned_image(with_latest(tag)) if tag else None
    runtime = scanned_image(with_latest(origins.runtime))
    names = dict.fromkeys(with_latest(origin).removeprefix(LIBRARY) for origin in origins.buildtime)
    return ImageDependencies(image, runtime, tuple(map(scanned_image, names)))
