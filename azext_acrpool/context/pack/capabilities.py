"""File capabilities (`setcap`), which are an extended attribute of Linux. The only one that Docker's client sends."""

from __future__ import annotations

import os
import sys

__all__ = ["ATTRIBUTE", "file_capability"]

ATTRIBUTE = "security.capability"

# The structure `vfs_cap_data` of linux/capability.h: its fourth byte is the revision; the third revision is the second
# with a user ID behind it.
_REVISION = 3
_REVISION_2_BYTES = 20


def file_capability(descriptor: int) -> bytes:
    """The capabilities of an open file, as they go into an archive; empty for nearly all files.

    A user ID in it means nothing elsewhere, and is cut off as Docker's client does (`ReadSecurityXattrToTarHeader` in
    https://github.com/moby/go-archive).
    """
    if sys.platform != "linux":
        return b""
    try:
        # Asking for names first: that there is none is then no error, which would take much longer.
        if ATTRIBUTE not in os.listxattr(descriptor):
            return b""
        capability = os.getxattr(descriptor, ATTRIBUTE)
    except OSError:  # a file system without such attributes
        return b""
    if capability[_REVISION : _REVISION + 1] == b"\x03":
        return capability[:_REVISION] + b"\x02" + capability[_REVISION + 1 : _REVISION_2_BYTES]
    return capability
