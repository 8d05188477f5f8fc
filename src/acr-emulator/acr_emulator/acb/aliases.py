"""Aliases of task files: `$Registry`, `$mine`, and images by a name in front of a command.

They are on for a version line of v1.1.0 or later. Rules and texts: acb, graph/preprocessor.go.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from ..golang.errors import YamlError
from ..golang.strings import trim_space
from ..golang.yaml import STRING, MapOf, SliceOf, Struct, decode
from .build_line import trim_quotes
from .contexts import is_url
from .errors import AcbError

__all__ = ["BUILT_IN", "ReplacedTask", "expand_command", "find_version", "replace_aliases", "uses_aliases"]

FIRST_VERSION = "v1.1.0"
RUN_NAMES = ("ID", "SharedVolume", "Registry", "RegistryName", "Date", "OS", "Architecture", "Commit", "Branch")
IMAGES = {
    "acr": "acr-cli:0.19",
    "az": "azure-cli:2ff604c",
    "bash": "bash:2ff604c",
    "curl": "curl:2ff604c",
    "cssc": "cssc:2ff604c",
}
BUILT_IN = {
    **{name: f"{{{{.Run.{name}}}}}" for name in RUN_NAMES},
    **{name: f"mcr.microsoft.com/acr/{image}" for name, image in IMAGES.items()},
}
"""acb's own aliases on Linux."""

LONGEST_LINE = 64 * 1024
"""A line of so many bytes ends the reading, without an error (Go's bufio.Scanner)."""

DEFAULT_DIRECTIVE = "$"
NAME = re.compile("[a-zA-Z0-9]+")
VERSION_LINE = re.compile(r"""(["']?)version\1[ \t]*:(.*)""", re.DOTALL)
SECTION_START = re.compile(r"alias[\t\n\f\r ]*:")
TOP_LEVEL_KEY = re.compile(r"[^\t\n\f\r :]+[^:]*:")
REMARK = re.compile(r"[\t\n\f\r ]*#")

ALIAS = Struct("graph.Alias", {"src": SliceOf(STRING), "values": MapOf(STRING), "directive": STRING})
SECTION = Struct("graph.wrapper", {"alias": ALIAS})


@dataclass(frozen=True)
class ReplacedTask:
    """A task file with its aliases replaced and the section that defines them cut out.

    `aliases` holds every alias by its name, for `expand_command`; without aliases (`is_on` is False) it is empty and
    the text is as it was.
    """

    text: str
    is_on: bool = False
    aliases: Mapping[str, str] = field(default_factory=dict)


def replace_aliases(
    text: str, render: Callable[[str, str], str], read_source: Callable[[str], str | None]
) -> ReplacedTask:
    """Replace the aliases of a task file (without its lines that begin with `#`).

    `render(name, text)` renders the section `alias:` as a template; `read_source(path)` gives the text of a file in the
    agent's working directory, None for one that is not there. Raises AcbError.
    """
    if not uses_aliases(text):
        return ReplacedTask(text)
    section, rest = _separated(text)
    try:
        rendered = render("aliasData", section)
    except AcbError as error:
        raise error.within("unable to render alias data") from error
    try:
        directive, aliases = _definitions(rendered, read_source)
    except AcbError as error:
        raise error.within("unable to search/replace aliases in task") from error
    return ReplacedTask(_replaced(rest, directive, aliases), True, aliases)


def uses_aliases(text: str) -> bool:
    """Whether the version line turns aliases on: it is compared as text."""
    return find_version(text) >= FIRST_VERSION


def find_version(text: str) -> str:
    """What the first line `version: ..` says, as text and without quotes; empty if there is none.

    Read before YAML is: the line may stand anywhere, but not indented.
    """
    for line in _lines(text):
        if found := VERSION_LINE.match(line):
            return trim_quotes(trim_space(found[2]))
    return ""


def expand_command(command: str, aliases: Mapping[str, str]) -> str:
    """A step's command with its first word replaced if that is an alias' name, without a directive."""
    first, *others = trim_space(command).split(" ")
    return " ".join([aliases[first], *others]) if first in aliases else command


def _lines(text: str) -> Iterator[str]:
    """The lines up to the first that is too long, without their ends."""
    *lines, last = text.split("\n")
    for line in [*lines, last] if last else lines:
        if len(line.encode(errors="surrogatepass")) >= LONGEST_LINE:
            return
        yield line.removesuffix("\r")


def _separated(text: str) -> tuple[str, str]:
    """The section `alias:` (the first such), and all else; both without remarks."""
    section: list[str] = []
    rest: list[str] = []
    is_inside = False
    for line in _lines(text):
        if REMARK.match(line):
            continue
        if not is_inside and SECTION_START.match(line):
            is_inside = True
        elif is_inside and TOP_LEVEL_KEY.match(line):
            is_inside = False
        (section if is_inside else rest).append(f"{line}\n")
    return "".join(section), "".join(rest)


def _definitions(section: str, read_source: Callable[[str], str | None]) -> tuple[str, dict[str, str]]:
    """The directive, and all aliases. Own ones win, then those of the last source, then acb's."""
    try:
        alias = decode(section, SECTION).get("alias", {})
    except YamlError as error:
        raise AcbError(f"error during alias unmarshaling: {error}") from error
    aliases: dict[str, str] = dict(alias.get("values") or {})
    for source in reversed(alias.get("src", [])):
        aliases = {**_from_source(source, read_source), **aliases}
    aliases = {**BUILT_IN, **aliases}
    directive = alias.get("directive") or DEFAULT_DIRECTIVE
    if len(directive) != 1:
        raise AcbError("$ directive can only be overwritten by a single character")
    if NAME.fullmatch(directive):
        raise AcbError("overwritten directives may not be alphanumeric characters")
    if not all(NAME.fullmatch(name) for name in aliases):
        raise AcbError("alias key names only support alphanumeric characters")
    return directive, aliases


def _from_source(source: str, read_source: Callable[[str], str | None]) -> dict[str, str]:
    if is_url(source):
        raise AcbError(f'Get "{source}": the emulator fetches nothing, put the aliases into a file or the task itself')
    text = read_source(source)
    if text is None:
        raise AcbError(f"open {source}: no such file or directory")
    try:
        aliases: dict[str, str] = decode(text, MapOf(STRING))
    except YamlError as error:
        raise AcbError(str(error)) from error
    return aliases


def _replaced(text: str, directive: str, aliases: Mapping[str, str]) -> str:
    """`$name` replaced, `$$` made one; an unknown name stays, with the character after it, even a directive."""
    mark = re.escape(directive)
    pattern = re.compile(f"{mark}([a-zA-Z0-9]*)({mark}?)", re.DOTALL)
    parts: list[str] = []
    position = 0
    while found := pattern.search(text, position):
        parts.append(text[position : found.start()])
        name, next_directive = found.groups()
        position = found.end()
        if name in aliases:
            parts.append(aliases[name])
            position -= len(next_directive)
        else:
            parts.append(found[0] if name else directive)
    return "".join([*parts, text[position:]])
