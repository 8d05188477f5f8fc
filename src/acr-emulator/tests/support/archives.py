"""Uploads for tests: build contexts as archives."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping

__all__ = ["archive_of"]


def archive_of(files: Mapping[str, str | bytes]) -> bytes:
    """The files, by their paths, as an upload."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, text in files.items():
            content = text if isinstance(text, bytes) else text.encode()
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
