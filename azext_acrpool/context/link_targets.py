"""Where symbolic links of an archive lead, as whoever unpacks it sees it. No I/O.

The service unpacks as moby's `createTarFile` (https://github.com/moby/go-archive) does, by way of `scan/context.go` in
https://github.com/Azure/acr-builder. A link's target is put behind the link's folder, whether it is absolute or not,
and if `..` then leads above the root, the whole archive is refused: "failed to download context". Who reported that
(https://github.com/Azure/acr/issues/344) wrote of an absolute target, which this rule lets through.
"""

from __future__ import annotations

import os

from .ignore.pattern import clean

__all__ = ["archived_target", "leaves"]


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
