"""Which images a Dockerfile builds on. Source: Docker's Dockerfile reference (FROM, ARG, COPY --from, RUN --mount)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .expansion import LONGEST_VALUE, ExpansionError, expand_word

__all__ = ["BaseImage", "registry_host", "repository_path", "required_images"]

# What the builder sets for a build on an agent pool: Linux on amd64, the only platform of a pool's machines.
_PLATFORM_ARGS = {
    f"{side}{name}": value
    for side in ("TARGET", "BUILD")
    for name, value in (("PLATFORM", "linux/amd64"), ("OS", "linux"), ("ARCH", "amd64"), ("VARIANT", ""))
}

_BLANKS = re.compile(r"[\t\v\f\r ]+")


@dataclass(frozen=True)
class BaseImage:
    """An image that a Dockerfile names, and the line that does. `unresolved`: build arguments without a value in it."""

    reference: str
    line: int
    unresolved: tuple[str, ...] = ()


def required_images(text: str, build_args: Mapping[str, str] | None = None) -> list[BaseImage]:
    """The images to pull, once each: not `scratch`, and not the Dockerfile's own stages.

    `build_args` override the defaults of ARG lines before the first FROM; those of stages cannot be used in FROM.
    """
    escape = _escape_character(text)
    reader = _Reader(dict(build_args or {}), escape)
    for line, keyword, rest in _instructions(text, escape):
        reader.read(line, keyword, rest)
    return list(reader.images.values())


class _Reader:
    """Follows a Dockerfile's instructions: `images` found so far, by reference."""

    def __init__(self, build_args: Mapping[str, str], escape: str) -> None:
        self.images: dict[str, BaseImage] = {}
        self._given = build_args
        self._escape = escape
        self._arguments = dict(_PLATFORM_ARGS)
        self._lost: set[str] = set()
        self._stages: set[str] = set()
        self._in_stage = False

    def read(self, line: int, keyword: str, rest: str) -> None:
        if keyword == "ARG" and not self._in_stage:
            self._declare(rest)
        elif keyword == "FROM":
            self._in_stage = True
            self._start_stage(line, [word for word in _BLANKS.split(rest) if word and not word.startswith("--")])
        elif keyword in ("COPY", "RUN"):
            for reference in _sources(keyword, rest):
                # Stages have numbers too; Docker expands no variables here.
                if not reference.isdigit() and "$" not in reference:
                    self._add(BaseImage(reference, line))

    def _declare(self, rest: str) -> None:
        for word in _words(rest, self._escape):
            name, equals, default = word.partition("=")
            if name in self._given:
                self._arguments[name] = self._given[name]
            elif equals:
                self._keep(name, self._expanded(default))

    def _keep(self, name: str, expanded: tuple[str, tuple[str, ...]] | None) -> None:
        value, unresolved = expanded or ("", ())
        if expanded is None or len(value) > LONGEST_VALUE or self._lost.intersection(unresolved):
            self._lost.add(name)
        else:
            self._arguments[name] = value

    def _start_stage(self, line: int, words: list[str]) -> None:
        expanded = self._expanded(words[0]) if words else None
        if expanded is None:
            return
        reference, unresolved = expanded
        if reference != "scratch" and (reference or unresolved):
            self._add(BaseImage(reference, line, unresolved))
        if len(words) == 3 and words[1].lower() == "as":
            self._stages.add(words[2].lower())

    def _expanded(self, word: str) -> tuple[str, tuple[str, ...]] | None:
        """A word with its variables' values; None for one that Docker refuses."""
        try:
            return expand_word(word, self._arguments, self._escape)
        except ExpansionError:
            return None

    def _add(self, image: BaseImage) -> None:
        if image.reference.lower() not in self._stages:
            self.images.setdefault(image.reference, image)


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


def _escape_character(text: str) -> str:
    directive = r"\ufeff?(?:\s*#\s*\w+\s*=.*\n)*?\s*#\s*escape\s*=\s*`"
    return "`" if re.match(directive, text, re.IGNORECASE) else "\\"


def _instructions(text: str, escape: str) -> Iterator[tuple[int, str, str]]:
    """Line number, keyword and the rest of each instruction: continued lines joined, comments and heredocs left out."""
    mark = re.escape(escape)
    continued = re.compile(rf"(?:^|(?<=[^{mark}])){mark}[ \t]*$")
    pending: list[str] = []
    start = 0
    heredocs: list[tuple[str, bool]] = []
    for number, raw in enumerate(text.lstrip("\ufeff").split("\n"), 1):
        line = raw.removesuffix("\r")
        if heredocs:
            ending, stripped = heredocs[0]
            if (line.lstrip("\t") if stripped else line) == ending:
                heredocs.pop(0)
            continue
        words = line.strip()
        if words.startswith("#") or (not words and pending):
            continue
        start = start if pending else number
        piece = line if pending else line.lstrip()
        if (match := continued.search(piece)) is not None:
            pending.append(piece[: match.start()])
            continue
        pending.append(piece)
        keyword, _, rest = _BLANKS.sub(" ", "".join(pending).strip(), count=1).partition(" ")
        pending.clear()
        keyword = keyword.upper()
        if keyword in ("RUN", "COPY", "ADD"):
            heredocs = [(name, bool(dash)) for dash, name in re.findall(r"<<(-?)[\"']?([A-Za-z_]\w*)[\"']?", rest)]
        if keyword:
            yield start, keyword, rest.strip()


def _words(text: str, escape: str) -> list[str]:
    """The words between blanks that are neither quoted nor escaped."""
    mark = re.escape(escape)
    word = rf"(?:[^\s\"'{mark}]|{mark}.?|\"(?:{mark}.|[^\"{mark}])*\"?|'[^']*'?)+"
    return re.findall(word, text, re.DOTALL)


def _sources(keyword: str, rest: str) -> Iterator[str]:
    if keyword == "COPY":
        yield from re.findall(r"(?:^|\s)--from=[\"']?([^\s\"']+)", rest)
    else:
        for mount in re.findall(r"(?:^|\s)--mount=(\S+)", rest):
            yield from re.findall(r"(?:^|,)from=([^,\"']+)", mount)
