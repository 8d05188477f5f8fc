"""Symbolic links that the service would refuse, told before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from ...wording import printable
from ..errors import LeavingLinksError
from ..link_targets import archived_target, leaves
from ..source import BuildContext
from .first_few import FirstFew
from .folder import folder_opener
from .skips import Skips
from .walk import LinkEntry, walk

__all__ = ["about_absolute", "check_links", "shown_link"]


def check_links(context: BuildContext) -> tuple[str, ...]:
    """Look at all links that would be sent; returns what to tell about these.

    Raises LeavingLinksError for those that the service is known to refuse, and what `walk` raises.
    """
    leaving, absolute = FirstFew(), FirstFew()
    required = True
    for path, target in _links(context):
        shown = shown_link(path, target)
        if leaves(path, target):
            leaving.add(shown)
            required = required and path in context.selection.always
        elif target.startswith("/"):
            absolute.add(shown)
    if leaving.count:
        raise LeavingLinksError(leaving.count, str(leaving), required=required)
    return about_absolute(absolute, "list them in .dockerignore")


def about_absolute(links: FirstFew, way_out: str) -> tuple[str, ...]:
    """What to tell about links to absolute paths, if there are any; `way_out` is what to do if they are not taken."""
    note = (
        f"{links}: links to absolute paths are sent as they are. Should the run end with 'failed to download "
        f"context', {way_out}."
    )
    return (note,) if links.count else ()


def shown_link(path: str, target: str) -> str:
    """A link as messages name it."""
    return f"'{printable(path)}' -> '{printable(target)}'"


def _links(context: BuildContext) -> Iterator[tuple[str, str]]:
    """The path and the target of each link that would be sent."""
    for entry in walk(folder_opener(str(context.root)), context.selection, Skips()):
        if isinstance(entry, LinkEntry):
            # What is wrong with the link itself is told by whoever packs it.
            with suppress(OSError):
                yield entry.path, archived_target(entry.folder.link_target(entry.name))
