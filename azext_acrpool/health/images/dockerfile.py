"""Which images a Dockerfile builds on. Source: Docker's Dockerfile reference (FROM, ARG, COPY --from, RUN --mount)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

__all__ = ["BaseImage", "registry_host", "repository_path", "required_images"]

# What the builder sets for a build on an agent pool: Linux on amd64, the only platform of a pool's machines.
_PLATFORM_ARGS = {
    f"{side}{name}": value
    for side in ("TARGET", "BUILD")
    for name, value in (("PLATFORM", "linux/amd64"), ("OS", "linux"), ("ARCH", "amd64"), ("VARIANT", ""))
}


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
    reader = _Reader(dict(build_args or {}))
    for line, keyword, rest in _instructions(text):
        reader.read(line, keyword, rest)
    return list(reader.images.values())


class _Reader:
    """Follows a Dockerfile's instructions: `images` found so far, by reference."""

    def __init__(self, build_args: Mapping[str, str]) -> None:
        self.images: dict[str, BaseImage] = {}
        self._given = build_args
        self._arguments = dict(_PLATFORM_ARGS)
        self._stages: set[str] = set()
        self._in_stage = False

    def read(self, line: int, keyword: str, rest: str) -> None:
        if keyword == "ARG" and not self._in_stage:
            self._declare(rest)
        elif keyword == "FROM":
            self._in_stage = True
            self._start_stage(line, [word for word in rest.split() if not word.startswith("--")])
        elif keyword in ("COPY", "RUN"):
            for reference in _sources(keyword, rest):
                # Stages have numbers too; Docker expands no variables here.
                if not reference.isdigit() and "$" not in reference:
                    self._add(BaseImage(reference, line))

    def _declare(self, rest: str) -> None:
        for name, default in _declarations(rest):
            if name in self._given:
                self._arguments[name] = self._given[name]
            elif default is not None:
                self._arguments[name], _ = _expand(default, self._arguments)

    def _start_stage(self, line: int, words: list[str]) -> None:
        if not words:
            return
        reference, unresolved = _expand(words[0].strip("\"'"), self._arguments)
        if reference != "scratch":
            self._add(BaseImage(reference, line, unresolved))
        if len(words) == 3 and words[1].lower() == "as":
            self._stages.add(words[2].lower())

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


def _instructions(text: str) -> Iterator[tuple[int, str, str]]:
    """Line number, keyword and the rest of each instruction: continued lines joined, comments and heredocs left out."""
    escape = "`" if re.match(r"\ufeff?(?:\s*#\s*\w+\s*=.*\n)*?\s*#\s*escape\s*=\s*`", text, re.IGNORECASE) else "\\"
    pending, start = "", 0
    heredocs: list[tuple[str, bool]] = []
    for number, raw in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        if heredocs:
            ending, stripped = heredocs[0]
            if (raw.lstrip("\t") if stripped else raw) == ending:
                heredocs.pop(0)
            continue
        line = raw.strip()
        if line.startswith("#") or (not line and pending):
            continue
        start = start if pending else number
        pending += line
        if pending.endswith(escape):
            pending = pending[:-1]
            continue
        keyword, _, rest = pending.partition(" ")
        pending = ""
        keyword = keyword.upper()
        if keyword in ("RUN", "COPY", "ADD"):
            heredocs = [(name, bool(dash)) for dash, name in re.findall(r"<<(-?)[\"']?([A-Za-z_]\w*)[\"']?", rest)]
        if keyword:
            yield start, keyword, rest.strip()


def _declarations(rest: str) -> Iterator[tuple[str, str | None]]:
    for match in re.finditer(r"(\w+)(?:=(\"[^\"]*\"|'[^']*'|\S*))?", rest):
        default = match[2]
        yield match[1], default.strip("\"'") if default is not None else None


def _sources(keyword: str, rest: str) -> Iterator[str]:
    if keyword == "COPY":
        yield from re.findall(r"(?:^|\s)--from=[\"']?([^\s\"']+)", rest)
    else:
        for mount in re.findall(r"(?:^|\s)--mount=(\S+)", rest):
            yield from re.findall(r"(?:^|,)from=([^,\"']+)", mount)


_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?:(:?[-+])([^}]*))?\})")


# Characters. No image reference is that long; values made of each other would double their length line by line.
_LONGEST_VALUE = 4096


def _expand(text: str, arguments: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """`text` with the values of its variables, and the names of those that have none, or one too long for any use."""
    if len(text) > _LONGEST_VALUE:
        return text, ()
    unresolved: list[str] = []

    def value(match: re.Match[str]) -> str:
        name, operator, word = match[1] or match[2], match[3] or "", match[4] or ""
        known = arguments.get(name)
        if known is not None and len(known) > _LONGEST_VALUE:
            known = None
        is_set = bool(known) if operator.startswith(":") else known is not None
        if operator.endswith("-"):
            return known if is_set and known is not None else word
        if operator.endswith("+"):
            return word if is_set else ""
        if known is None:
            unresolved.append(name)
        return known or ""

    return _VARIABLE.sub(value, text), tuple(unresolved)
