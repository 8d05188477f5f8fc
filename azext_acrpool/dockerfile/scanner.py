"""The images that the agent's scanner finds in a Dockerfile before docker may build it.

It reads physical lines and knows two words, FROM and ARG: no continued lines, here-documents, directives or ONBUILD.
Source: Azure/acr-builder, scan/dependencies.go, and what its binary answered to 214 Dockerfiles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from .words import SPACES

__all__ = ["LONGEST_LINE", "ScannedArgument", "ScannedImage", "ScannedText", "scan_dockerfile"]

LONGEST_LINE: Final = 64 * 1024
"""Bytes. The scanner takes a line of that length for the end of the file, and docker refuses it."""

_LONGEST_IMAGE: Final = 4096
"""Characters of an image that are kept: no reference is as long, and a hostile text cannot make gigabytes of it."""

_BOM: Final = b"\xef\xbb\xbf"
_OF_INTEREST: Final = re.compile(rb"\s*(?i:from|arg|[\x80-\xff])")
"""Lines that can hold a word that counts, or begin with a blank that is not ASCII."""

_WORD: Final = re.compile(f"[^{SPACES}]+")
_VARIABLE: Final = re.compile(r"\$(?:(?P<open>\{)|(?P<special>[*#$@!?0-9-])|(?P<name>[A-Za-z0-9_]+))")


@dataclass(frozen=True)
class ScannedImage:
    """A line that the scanner takes for FROM, and the image in it, its values put in.

    `refusal` is why it does not take it, "" if it does; then the others are what they would be without options of FROM,
    empty if that does not help. `name` is that of the stage, as written, "" without one. `is_stage`: the image is an
    earlier stage, and so none to ask for.
    """

    line: int
    image: str
    name: str = ""
    is_stage: bool = False
    refusal: str = ""


@dataclass(frozen=True)
class ScannedArgument:
    """A line that the scanner takes for ARG. `refusal` is why it does not take it, "" if it does."""

    line: int
    refusal: str = ""


@dataclass(frozen=True)
class ScannedText:
    """What the scanner read, in order, up to the target's stage, a line that it refuses, or one that is too long.

    `too_long` is the number of that line, 0 without one.
    """

    images: tuple[ScannedImage, ...] = ()
    arguments: tuple[ScannedArgument, ...] = ()
    too_long: int = 0

    @property
    def asked(self) -> tuple[str, ...]:
        """The images whose digests the agent asks for, each once; no stages."""
        found = (image.image for image in self.images if not image.is_stage and not image.refusal)
        return tuple(dict.fromkeys(found))


@dataclass
class _Reader:
    values: dict[str, str]
    target: str
    stages: set[str] = field(default_factory=set)
    images: list[ScannedImage] = field(default_factory=list)
    arguments: list[ScannedArgument] = field(default_factory=list)

    def read_from(self, line: int, words: list[str]) -> bool:
        """Take a FROM in; whether it is the target's. Of one that is refused for its options, the rest is read."""
        refusal = _refusal(words)
        words = [word for word in words if not word.startswith("--")] if refusal else words
        is_read = len(words) > 1 and not _refusal(words)
        image = _expanded(words[1].strip("'\""), self.values) if is_read else ""
        name = words[3] if is_read and len(words) > 2 else ""
        self.images.append(ScannedImage(line, image, name, image in self.stages, refusal))
        if name:
            self.stages.add(name)
        return bool(name) and name == self.target

    def read_arg(self, line: int, words: list[str]) -> None:
        """Take an ARG in: the first value of a name counts, and a build argument before all."""
        if len(words) < 2:
            self.arguments.append(ScannedArgument(line, "there is nothing after ARG in this line"))
            return
        self.arguments.append(ScannedArgument(line))
        name, equals, value = words[1].partition("=")
        if equals:
            self.values.setdefault(name, value.strip("'\""))


def scan_dockerfile(content: bytes, arguments: Mapping[str, str], target: str = "") -> ScannedText:
    """Read a Dockerfile as the scanner does. `arguments` are the build arguments that it is told.

    Where the scanner would give up with an error, this goes on, so that all faults are found at once.
    """
    reader = _Reader({name: value.strip("'\"") for name, value in arguments.items()}, target)
    too_long = 0
    for number, line in _lines(content):
        if len(line) >= LONGEST_LINE:
            too_long = number
            break
        words = _words(line) if _OF_INTEREST.match(line) else []
        match words[0].upper() if words else "":
            case "FROM":
                if reader.read_from(number, words):
                    break
            case "ARG":
                reader.read_arg(number, words)
    return ScannedText(tuple(reader.images), tuple(reader.arguments), too_long)


def _lines(content: bytes) -> Iterator[tuple[int, bytes]]:
    start = len(_BOM) if content.startswith(_BOM) else 0
    number = 0
    while start < len(content):
        number += 1
        end = content.find(b"\n", start)
        end = len(content) if end < 0 else end
        yield number, content[start:end]
        start = end + 1


def _words(line: bytes) -> list[str]:
    return _WORD.findall(line.decode("utf-8", "surrogateescape"))


def _refusal(words: list[str]) -> str:
    if len(words) < 2:
        return "there is no image after FROM in this line"
    if len(words) == 2 or (len(words) > 3 and words[2].casefold() == "as"):
        return ""
    if words[1].startswith("--"):
        return f"the agent's scanner knows no options of FROM, such as {words[1].partition('=')[0]}"
    return "the agent's scanner takes nothing but 'FROM image' and 'FROM image AS name' in a line that begins with FROM"


def _expanded(text: str, values: Mapping[str, str]) -> str:
    """`text` with `$name` and `${name}` replaced, as Go's `os.Expand` does: it knows no `${name:-x}` and no escapes."""
    pieces: list[str] = []
    position = length = 0
    last_brace = text.rfind("}")
    while length <= _LONGEST_IMAGE and (found := _VARIABLE.search(text, position)):
        name = found["special"] or found["name"] or ""
        end = found.end()
        if found["open"]:
            closing = text.find("}", end) if end <= last_brace else -1
            name, end = (text[end:closing], closing + 1) if closing >= 0 else ("", end)
        value = values.get(name, "") if name else ""
        pieces += (text[position : found.start()], value)
        length += len(pieces[-2]) + len(value)
        position = end
    return "".join((*pieces, text[position:]))[:_LONGEST_IMAGE]
