"""`az acr build --dry-run`: what would be sent, and the rule that decided."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ...context.pack.listing import ContextListing, biggest_folders
from ...wording import counted, format_bytes, printable
from ..console.errors import UsageError
from ..session import Session
from .context import LocalContext
from .source import ArchiveSource, LocalSource, RemoteSource, Source

if TYPE_CHECKING:
    from ...context import AnyContext

__all__ = ["as_data", "dry_run", "report_lines"]

_BIGGEST: Final = 10


def dry_run(
    session: Session, source: Source, prepare: Callable[[LocalSource | ArchiveSource], LocalContext]
) -> dict[str, Any] | None:
    """Tell on stderr what would be sent. Returns it as data, unless it is only for the eyes of a user at a terminal.

    With `--verbose` every path is named, with the rule that decided.
    """
    if isinstance(source, RemoteSource):
        raise UsageError(
            "--dry-run lists what a local folder would send; a remote source is fetched by the service.",
            "Clone the repository or unpack the archive, and name the folder.",
        )
    context, verbose = prepare(source), session.settings.is_verbose
    listing = context.list(reasons=verbose)
    for line in report_lines(context.context, listing, verbose=verbose):
        session.narrator.say(line)
    if session.user.sees_stdout and not session.settings.chose_output:
        return None
    told = replace(listing, notes=(*context.changes, *listing.notes))
    return as_data(context.context, told, verbose=verbose)


def report_lines(context: AnyContext, listing: ContextListing, *, verbose: bool) -> Iterator[str]:
    """The listing for a reader."""
    if verbose:
        for file in sorted(listing.files, key=lambda file: file.path):
            yield f"  sent     {printable(file.path)}  ({file.reason})"
        for ignored in sorted(listing.ignored, key=lambda ignored: ignored.path):
            yield f"  ignored  {printable(ignored.path)}  ({ignored.reason})"
    yield (
        f"Would send {counted(len(listing.files), 'file')} in {counted(listing.folders, 'folder')}, "
        f"{format_bytes(listing.content_bytes)} before compression."
    )
    yield f"Dockerfile: {printable(_dockerfile(context, listing))}; ignore file: {_ignore_file(context) or 'none'}"
    folders = biggest_folders(listing.files, _BIGGEST)
    if folders:
        yield "Biggest folders:"
        yield from (f"  {format_bytes(folder.content_bytes):>9}  {printable(folder.path)}/" for folder in folders)
    yield "Biggest files:"
    yield from (f"  {format_bytes(file.content_bytes):>9}  {printable(file.path)}" for file in _biggest_files(listing))
    yield from listing.notes
    yield from (f"WARNING: {warning}" for warning in listing.warnings)


def as_data(context: AnyContext, listing: ContextListing, *, verbose: bool) -> dict[str, Any]:
    """The listing for a script; `rule` and `ignored` are there only with `verbose`."""
    data: dict[str, Any] = {
        "source": str(context.root),
        "dockerfile": _dockerfile(context, listing),
        "ignoreFile": _ignore_file(context),
        "fileCount": len(listing.files),
        "folderCount": listing.folders,
        "bytes": listing.content_bytes,
        "biggestFolders": [
            {"path": folder.path, "bytes": folder.content_bytes, "fileCount": folder.files}
            for folder in biggest_folders(listing.files, _BIGGEST)
        ],
        "biggestFiles": [{"path": file.path, "bytes": file.content_bytes} for file in _biggest_files(listing)],
        "warnings": list(listing.warnings),
        "notes": list(listing.notes),
        "files": [
            {"path": file.path, "bytes": file.content_bytes, **({"rule": file.reason} if verbose else {})}
            for file in listing.files
        ],
    }
    if verbose:
        data["ignored"] = [{"path": ignored.path, "rule": ignored.reason} for ignored in listing.ignored]
    return data


def _biggest_files(listing: ContextListing) -> list[Any]:
    return sorted(listing.files, key=lambda file: (-file.content_bytes, file.path))[:_BIGGEST]


def _dockerfile(context: AnyContext, listing: ContextListing) -> str:
    return listing.dockerfile_name or context.dockerfile_name


def _ignore_file(context: AnyContext) -> str | None:
    return str(context.ignore_file) if context.ignore_file else None
