"""Which files of an archive are one and the same: the first name met stands for the file, later ones are links to it.

So does Docker's client (`addTarFile` in https://github.com/moby/go-archive), and what is unpacked is linked again.
"""

from __future__ import annotations

import os

__all__ = ["HardLinks"]


class HardLinks:
    """The first names of the files that have several. What has one name takes no memory."""

    def __init__(self) -> None:
        self._first_names: dict[tuple[int, int], str] = {}

    def first_name(self, path: str, status: os.stat_result) -> str | None:
        """The name under which the file at `path` is in the archive already; None if `path` is the first.

        `status` is that of the very file that is packed, so that nothing can come in between.
        """
        # File systems without inode numbers give 0 for each of their files.
        if status.st_nlink < 2 or not status.st_ino:
            return None
        first = self._first_names.setdefault((status.st_dev, status.st_ino), path)
        return None if first == path else first
