"""A build context whose Dockerfile copies `hello.txt`, and what a build says when that is not there."""

from __future__ import annotations

from pathlib import Path

NO_HELLO = (
    "COPY failed: file not found in build context or excluded by .dockerignore: stat hello.txt: file does not exist"
)


def write_hello_context(folder: Path) -> Path:
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM scratch\nARG WHO=world\nCOPY hello.txt /\n")
    (folder / "hello.txt").write_text("hello\n")
    return folder
