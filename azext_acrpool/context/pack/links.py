"""Symbolic links that lead out of the context, told before anything is sent.

The service unpacks an archive as moby's `createTarFile` (https://github.com/moby/go-archive) does, by way of
https://github.com/Azure/acr-builder (`scan/context.go`). A link's target is put behind the link's folder, whether it is
absolute or not, and if `..` then leads above the root, the whole archive is refused: "failed to download context". Who
reported that (https://github.com/Azure/acr/issues/344) wrote of an absolute target, which this rule lets through.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress

from ...wording import printable
from ..errors import LeavingLinksError
from ..ignore.pattern import clean
from ..source import BuildContext
from .first_few import FirstFew
from .folder import folder_opener
from .skips import Skips
from .walk import LinkEntry, walk

__all__ = ["archived_target", "check_links", "leaves"]


def archived_target(target: str, *, windows: bool = os.name == "nt") -> str:
    """A link's target as it goes into the archive."""
    return target.removeprefix("\\\\?\\").replace("\\", "/") if windows else target


def leaves(path: str, target: str) -> bool:
    """Whether the service refuses a link at `path`, below the root, that leads to `target`.

    >>> leaves("a/link", "../b"), leaves("a/link", "../../b"), leaves("link", "/etc"), leaves("link", "/../etc")
    (False, True, False, True)
    """
    parent = path.rpartition("/")[0] or "."
    return (clean(f"{parent}/{target}") + "/").startswith("../")


def check_links(context: BuildContext) -> tuple[str, ...]:
    """Look at all links that would be sent; returns what to tell about these.

    Raises LeavingLinksError for those that the service is known to refuse, and what `walk` raises.
    """
    leaving, absolute = FirstFew(), FirstFew()
    for path, target in _links(context):
        shown = f"'{printable(path)}' -> '{printable(target)}'"
        if leaves(path, target):
            leaving.add(shown)
        elif target.startswith("/"):
            absolute.add(shown)
    if leaving.count:
        raise LeavingLinksError(leaving.count, str(leaving))
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
