"""The files that a run of a task file goes with: which the request names, which it holds, which must be sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from ...files import read_file
from ...wording import printable
from .context import LocalContext
from .definition import DEFAULT_TASK_FILE, definition_text, read_text
from .named_files import file_below, find_named, is_below, not_in_source, way_to
from .step_dockerfiles import plain_yaml, step_dockerfiles
from .step_doubts import step_doubts
from .step_images import require_image_names

if TYPE_CHECKING:
    from ..session import Session

__all__ = ["RunFiles", "files_here", "files_sent_along", "files_there", "read_values", "task_context"]

_DEFAULT_DOCKERFILE: Final = "Dockerfile"
_NOT_ALL_KNOWN: Final = (
    "Which Dockerfiles the task's steps build from cannot be told before the service has filled in its templates. One "
    "that the ignore file excludes is sent only if the task names it plainly."
)
_REPLACED: Final = "'{}' leads out of the folder: what it leads to is sent along, the link is not sent."


@dataclass(frozen=True)
class RunFiles:
    """A task's definition and the values for its templates: paths in the source, or their text, to be sent along.

    `task` is empty if there is `task_text`; of the values there may be neither. `replaced_links` are paths in the
    source that the texts are sent for.
    """

    task: str = ""
    task_text: str = ""
    values: str = ""
    values_text: str = ""
    replaced_links: tuple[str, ...] = ()

    @property
    def is_sent_along(self) -> bool:
        """Whether the request holds the definition, rather than the name of a file in the source."""
        return not self.task

    @property
    def in_source(self) -> dict[str, str]:
        """The paths in the source, with the options that name them."""
        return {path: option for path, option in ((self.task, "--file"), (self.values, "--values")) if path}


def files_there(file: str | None, values: str | None) -> RunFiles:
    """What is in a source that is not here."""
    return RunFiles(task=file or DEFAULT_TASK_FILE, values=values or "")


def files_sent_along(
    command: str | None, file: str | None, values: str | None, timeout: int | None, stdin: BinaryIO | None
) -> RunFiles:
    """What is here and no part of the source. Raises UsageError."""
    advice = "Where the task file is sent along, --values names a local file."
    return RunFiles(
        task_text=definition_text(command, file, timeout, stdin),
        values_text=read_text("file with values", values, stdin, advice) if values else "",
    )


def files_here(folder: Path, file: str | None, values: str | None) -> RunFiles:
    """What is in a folder, or else what is found from the current one and is sent along, if it is not in that folder.

    Not in the folder is what only a link there leads to: whoever unpacks it would not find it.

    Raises SourceMissingError, UsageError.
    """
    name = file or DEFAULT_TASK_FILE
    task = find_named(folder, name) if file or is_below(folder, name) else None
    if task is None:
        raise not_in_source(folder, name)
    values_here = find_named(folder, values) if values else None
    lost = tuple(
        named.below for named in (task, values_here) if named and named.below and way_to(folder, named.below) is None
    )
    if task.below is None or lost:
        values_path = str(values_here.path) if values_here else values
        links = tuple(below for below in lost if (folder / below).is_symlink())
        return replace(files_sent_along(None, str(task.path), values_path, None, None), replaced_links=links)
    return RunFiles(task=_path_there(folder, name), values=_path_there(folder, values) if values else "")


def _path_there(folder: Path, name: str) -> str:
    """What the service finds a file of the folder by: what was typed, if it does."""
    return name if is_below(folder, name) else file_below(folder, name)


def task_context(
    folder: Path, files: RunFiles, set_values: Iterable[Mapping[str, Any]], session: Session, platform: str = ""
) -> LocalContext:
    """The folder with what a task needs of it, which is sent whatever is ignored.

    That is its files, and the Dockerfiles that its build steps name. `set_values` are the request's SetValue objects,
    which win over the file's. With a `platform`, as docker names it, it is told what the steps would fail for. Raises
    CommandError.
    """
    named = [file_below(folder, name) for name in files.in_source]
    values = {
        **read_values(files.values_text or (_text_below(folder, named[-1]) if files.values else "")),
        **{str(value["name"]): str(value["value"]) for value in set_values},
    }
    definition = files.task_text or _text_below(folder, named[0])
    if not files.task_text:
        require_image_names(definition)
    found = step_dockerfiles(definition, values)
    if not found.is_complete and session.settings.is_verbose:
        session.narrator.say(_NOT_ALL_KNOWN)
    for doubt in step_doubts(folder, found, platform) if platform else ():
        session.narrator.warn(doubt)
    # az's own sends the Dockerfile at the root of any folder, whatever the task.
    sent = tuple(_sent(folder, named, [_DEFAULT_DOCKERFILE, *found.paths]))
    for link in files.replaced_links:
        session.narrator.say(_REPLACED.format(printable(link)))
    context = LocalContext.prepare_without_dockerfile(folder, session, sent, files.replaced_links)
    return replace(context, builds=found.builds)


def _sent(folder: Path, named: Iterable[str], dockerfiles: Iterable[str]) -> Iterator[str]:
    for path in named:
        yield from way_to(folder, path) or (path,)
    for path in dockerfiles:
        # One that leads out of the folder is no use there, and has all of the folder refused.
        if is_below(folder, path):
            yield from way_to(folder, path) or ()


def _text_below(folder: Path, below: str) -> str:
    """The text of a file of the source; none if it cannot be read, which whoever packs it will say."""
    try:
        return read_file(folder / below).decode("utf-8", "replace")
    except OSError:
        return ""


def read_values(text: str) -> dict[str, str]:
    """The names and values of a file with values."""
    found = plain_yaml(text)
    members = found.items() if isinstance(found, Mapping) else ()
    # Lists and mappings make no text; the agent refuses a file with mappings.
    return {name: value for name, value in members if isinstance(value, str)}
