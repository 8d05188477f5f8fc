"""A stage while it is built: the ID of its last layer, its variables, and what is known of its files."""

from __future__ import annotations

import hashlib
import json
import posixpath
from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

__all__ = ["UNIX_SHELL", "WINDOWS_SHELL", "StageState", "chain"]

UNIX_SHELL = ("/bin/sh", "-c")
WINDOWS_SHELL = ("cmd", "/S", "/C")


@dataclass
class StageState:
    """What instructions have made of a stage so far. `files` are those whose text is known, by absolute path.

    `key` is what BuildKit knows the stage's files by: unlike `layer`, no instruction counts that only sets something.
    """

    layer: str = ""
    key: str = ""
    variables: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    workdir: str = "/"
    depth: int = 0
    shell: Sequence[str] = UNIX_SHELL
    files: dict[str, str] = field(default_factory=dict)

    def child(self, *, keeps_arguments: bool) -> StageState:
        """What a stage built on this one starts with: its settings and files, and its arguments with BuildKit."""
        variables = dict(self.variables) if keeps_arguments else {}
        return replace(self, variables=variables, environment=dict(self.environment), files=dict(self.files))

    @property
    def scope(self) -> Mapping[str, str]:
        """The variables that an instruction sees."""
        return ChainMap(self.environment, self.variables)

    def put(self, target: str, name: str, text: str) -> None:
        """Make a file by COPY or ADD: in the folder `target` if that ends in a slash."""
        path = posixpath.join(self.workdir, target, name if target.endswith("/") else "")
        self.files[posixpath.normpath(path.rstrip("/"))] = text

    def forget_files(self, command: str) -> None:
        """Know no more of the files that a command may have changed: those whose path it names a part of."""
        if "*" in command:
            self.files.clear()
        for path in [path for path in self.files if any(part in command for part in path.split("/") if part)]:
            del self.files[path]


def chain(parent: str, text: str, used: list[object]) -> str:
    """The ID of a layer: a hash of all that went into it and into those below it."""
    return hashlib.sha256(json.dumps([parent, text, used], sort_keys=True).encode()).hexdigest()
