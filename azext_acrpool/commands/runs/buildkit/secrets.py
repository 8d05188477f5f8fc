"""Build secrets (`--secret`) on this machine: what docker calls them, and what they hold.

Read as docker reads them (docker/buildx: util/buildflags, moby/buildkit: session/secrets/secretsprovider), and refused
where they could not reach the build exactly: they go to it in the environment of a process. No message holds what may
be the value: people type `env=$TOKEN` for `env=TOKEN`.
"""

from __future__ import annotations

import csv
import os
import re
import stat
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from posixpath import basename
from typing import Final

from ....client.secrets import Secret
from ....files import look_at, read_file
from ....wording import counted, printable
from ...console.errors import UsageError
from .words import MOST_LINE_BYTES

__all__ = ["BuildSecret", "read_secrets"]

# What is itself to docker, which reads a list divided by commas, and to a shell.
_ID: Final = re.compile(r"[A-Za-z0-9_./:@+=%-]+")
_HOW: Final = "Give it as id=NAME, id=NAME,src=FILE or id=NAME,env=VARIABLE, without blanks after the commas."
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class BuildSecret(Secret):
    """A secret of a build: its ID, and what `RUN --mount=type=secret,id=ID` is to find.

    `file` is where that was read, None if it was no file.
    """

    id: str
    value: str = field(repr=False)
    file: Path | None = field(default=None, compare=False)


def read_secrets(specs: Sequence[str], environment: Mapping[str, str]) -> tuple[BuildSecret, ...]:
    """The secrets that are asked for as `id=NAME[,src=FILE|,env=VARIABLE]`, in their order.

    `id=NAME` alone is the environment variable of that name, or else the file. Files are found from the current folder.
    Raises UsageError for what cannot be read, or could not reach a build exactly.
    """
    asked = [_Source.read(f"--secret number {number}", spec) for number, spec in enumerate(specs, start=1) if spec]
    for name, count in Counter(source.id for source in asked).items():
        if count > 1:
            raise UsageError(f"{counted(count, 'secret')} have the ID '{name}': a build has one of each.")
    return tuple(source.secret(environment) for source in asked)


@dataclass(frozen=True)
class _Source:
    """Where a secret comes from: a file, an environment variable, or what of the two has the ID for its name."""

    id: str
    file: str
    variable: str

    @classmethod
    def read(cls, what: str, spec: str) -> _Source:
        values = dict(_members(what, spec))
        kind = values.get("type", "file")
        if kind not in ("file", "env"):
            raise UsageError(f"{what} has a type that is neither 'file' nor 'env'.", _HOW)
        file, variable = values.get("src", ""), values.get("env", "")
        if kind == "env" and not variable:
            file, variable = "", file
        source = cls(values.get("id", ""), file, variable)
        source._require_sound(what)
        return source

    def _require_sound(self, what: str) -> None:
        if not self.id:
            raise UsageError(f"{what} has no ID.", _HOW)
        if not _ID.fullmatch(self.id):
            raise UsageError(
                f"{what} has an ID that cannot be used: it may hold the letters A to Z, digits and any of _./:@+=%-.",
                "Choose another, and give --mount=type=secret,id=.. in the Dockerfile the same.",
            )
        if self.file and self.variable:
            raise UsageError(f"Secret '{self.id}' names a file and an environment variable: leave one out.")

    def secret(self, environment: Mapping[str, str]) -> BuildSecret:
        """The secret, read. Raises UsageError."""
        if self.variable or (not self.file and self.id in environment):
            content = self._from_environment(environment)
            return BuildSecret(self.id, self._checked("its environment variable", content))
        path = self.file or self.id
        content = self._from_file(path)
        return BuildSecret(self.id, self._checked(f"the file '{printable(path)}'", content), Path(path))

    def _from_environment(self, environment: Mapping[str, str]) -> bytes:
        value = environment.get(self.variable or self.id)
        if value is None:
            raise UsageError(
                f"Secret '{self.id}' names an environment variable that is not set.",
                "Give the name of the variable, without '$', and export it.",
            )
        # The bytes that were set: Python has read them in the encoding of the locale.
        return os.fsencode(value)

    def _from_file(self, path: str) -> bytes:
        try:
            status = look_at(Path(path))
            if status is None:
                raise self._missing()
            if stat.S_ISDIR(status.st_mode):
                raise UsageError(f"Secret '{self.id}' cannot be read: '{printable(path)}' is a folder.")
            content = read_file(path, limit=MOST_LINE_BYTES)
        except OSError as error:
            raise UsageError(
                f"Secret '{self.id}' cannot be read from '{printable(path)}': {error.strerror or error}."
            ) from None
        if not content and stat.S_ISFIFO(status.st_mode):
            raise UsageError(
                f"Secret '{self.id}' cannot be read: nothing came out of the pipe '{printable(path)}'.",
                "See whether the command that writes to it fails. For an empty secret, give src=/dev/null.",
            )
        return content

    def _missing(self) -> UsageError:
        """Does not name what was typed: it may be the secret itself."""
        if self.file:
            return UsageError(
                f"Secret '{self.id}' names a file that is not there.",
                "Give its path from the current folder. For an environment variable, give env=VARIABLE.",
            )
        return UsageError(f"Secret '{self.id}' is neither an environment variable here nor a file.", _HOW)

    def _checked(self, where: str, content: bytes) -> str:
        """Raises UsageError for bytes that an environment variable cannot hold, or JSON."""
        cannot = f"Secret '{self.id}' cannot be sent: {where}"
        name = basename(self.id)
        encode = (
            "Encode it in base64, and decode it where it is used:"
            f" RUN --mount=type=secret,id={self.id} base64 -d /run/secrets/{name}"
        )
        if content.startswith(_UTF_16):
            raise UsageError(
                f"{cannot} is text in UTF-16, as '>' of Windows PowerShell writes it.",
                "Write it with: Set-Content -NoNewline -Encoding ascii",
                f"If it must be UTF-16: {encode}",
            )
        if b"\0" in content:
            raise UsageError(f"{cannot} holds a NUL byte.", encode)
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError:
            raise UsageError(f"{cannot} is not text in UTF-8.", encode) from None


def _members(what: str, spec: str) -> Iterator[tuple[str, str]]:
    """What is given under `id`, `src`, `env` and `type`; the last of each counts, as in docker."""
    try:
        (fields,) = csv.reader([spec], strict=True)
    except csv.Error:
        raise UsageError(
            f"{what} has a line end, or quotes that are not closed or have text beside them.", _HOW
        ) from None
    for member in fields:
        key, equals, value = member.partition("=")
        name = {"source": "src"}.get(key.lower(), key.lower())
        if not equals or name not in ("id", "src", "env", "type"):
            raise UsageError(
                f"{what} has a part that is none of id=, src=, env= and type=.",
                _HOW,
                "For a secret build argument, write out --secret-build-arg.",
            )
        yield name, value
