"""The lines that a CI service reads in a log as commands to it, and the rules by which texts are put into them.

Sources: GitHub's "Workflow commands for GitHub Actions", and actions/toolkit (packages/core/src/command.ts) for what is
escaped; Microsoft's "Logging commands" of Azure Pipelines, and microsoft/azure-pipelines-task-lib
(node/taskcommand.ts), whose `%AZP25` the agent reads as a percent sign.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from ....wording import harmless_in_pipelines, printable
from ..options import AnnotationStyle

__all__ = ["Markup", "Note", "markup_for"]

# Characters. What a service shows in one line, and more than one reads.
_LONGEST_TITLE: Final = 200
_LONGEST_MESSAGE: Final = 2000


@dataclass(frozen=True)
class Note:
    """What is to be seen at a line of a file: of which weight, what, and where.

    `file` is its path with slashes, "" for none; `line` counts from 1, 0 for none.
    """

    level: Literal["error", "warning"]
    title: str
    message: str
    file: str = ""
    line: int = 0


class Markup(Protocol):
    """Writes the lines, without what ends them. None of the texts given can end its line, or begin another command."""

    end_group: str

    def group(self, title: str) -> str:
        """From here on, lines are folded under this title."""

    def note(self, note: Note) -> str:
        """An annotation."""


def markup_for(style: AnnotationStyle) -> Markup:
    """The language of a service. Raises KeyError for `AnnotationStyle.NONE`."""
    return _MARKUPS[style]


class _GitHub:
    end_group = "::endgroup::"

    def group(self, title: str) -> str:
        return f"::group::{_github_data(_cut(title, _LONGEST_TITLE))}"

    def note(self, note: Note) -> str:
        properties = {**_place(note, "file", "line"), "title": _cut(note.title, _LONGEST_TITLE)}
        listed = ",".join(f"{name}={_github_property(value)}" for name, value in properties.items())
        return f"::{note.level} {listed}::{_github_data(_cut(note.message, _LONGEST_MESSAGE))}"


class _Azure:
    end_group = "##[endgroup]"

    def group(self, title: str) -> str:
        # No escapes are known here, and a command counts wherever it stands in its line.
        return f"##[group]{harmless_in_pipelines(_cut(title, _LONGEST_TITLE))}"

    def note(self, note: Note) -> str:
        properties = {"type": note.level, **_place(note, "sourcepath", "linenumber")}
        listed = "".join(f"{name}={_azure_property(value)};" for name, value in properties.items())
        message = _cut(f"{note.title}: {note.message}", _LONGEST_MESSAGE)
        return f"##vso[task.logissue {listed}]{_azure_data(message)}"


_MARKUPS: Final[Mapping[AnnotationStyle, Markup]] = {
    AnnotationStyle.GITHUB: _GitHub(),
    AnnotationStyle.AZURE: _Azure(),
}


def _place(note: Note, file: str, line: str) -> Mapping[str, str]:
    if not note.file:
        return {}
    return {file: printable(note.file), **({line: str(note.line)} if note.line else {})}


def _cut(text: str, longest: int) -> str:
    """A text on one line, in which nothing acts, cut to what one reads."""
    text = printable(text[: longest + 1].strip())
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _github_data(text: str) -> str:
    return _replaced(text, (("%", "%25"), ("\r", "%0D"), ("\n", "%0A")))


def _github_property(text: str) -> str:
    return _replaced(_github_data(text), ((":", "%3A"), (",", "%2C")))


def _azure_data(text: str) -> str:
    return _replaced(text, (("%", "%AZP25"), ("\r", "%0D"), ("\n", "%0A")))


def _azure_property(text: str) -> str:
    return _replaced(_azure_data(text), (("]", "%5D"), (";", "%3B")))


def _replaced(text: str, escapes: Iterable[tuple[str, str]]) -> str:
    for char, escape in escapes:
        text = text.replace(char, escape)
    return text
