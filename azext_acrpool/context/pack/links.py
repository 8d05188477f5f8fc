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

__all__ = ["check_links"]


def check_links(context: BuildContext) -> tuple[str, ...]:
    """Look at all links that would be sent; returns what to tell about these.

    Raises LeavingLinksError for those that the service is known to refuse, and what `walk` raises.
    """
    leaving, absolute = FirstFew(), FirstFew()
    required = True
    for path, target in _links(context):
        shown = f"'{printable(path)}' -> '{printable(target)}'"
        if leaves(path, target):
            leaving.add(shown)
            required = required and path in context.selection.always
        elif target.startswith("/"):
            absolute.add(shown)
    if leaving.count:
        raise LeavingLinksError(leaving.count, str(leaving), required=required)
    note = (
        f"{absolute}: links to absolute paths are sent as they are. Should the run end with 'failed to download "
        "context', list them in .dockerignore."
    )
    return (note,) if absolute.count else ()


def _links(context: BuildContext) -> Iterator[tuple[str, str]]:
    """The path and the target of each link that would be sent."""
    for entry in walk(folder_opener(str(context.root)), context.selection, Skips()):
        if isinstance(entry, LinkEntry):
            # What is wrong with the link itself is told by whoever packs it.
            with suppress(OSError):
                yield entry.path, archived_target(entry.folder.link_target(entry.name))
