"""`--secret` of docker's client: where each secret comes from.

`id=NAME[,src=FILE|,env=VARIABLE]`, read by the client 20.10 and by buildx alike (docker/cli,
cli/command/image/build_buildkit.go; docker/buildx, util/buildflags/secrets.go; moby/buildkit, session/secrets).
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ...golang.quoting import quote
from .csv_options import CsvError, csv_fields

__all__ = ["SecretError", "read_secrets"]

LARGEST = 500 * 2**10
"""Bytes."""

KEYS = {"id": "id", "source": "file", "src": "file", "env": "variable"}


class SecretError(ValueError):
    """A `--secret` that the client refuses; the text is the client's."""


@dataclass(frozen=True)
class _Source:
    id: str = ""
    file: str = ""
    variable: str = ""


def read_secrets(
    specs: Sequence[str], environment: Mapping[str, str], directory: str, read: Callable[[str], bytes | None]
) -> dict[str, str]:
    """The secrets' texts by ID. `read` gives a file's content by its absolute path, None if there is none.

    A variable that is not set makes an empty secret. Raises SecretError.
    """
    secrets: dict[str, str] = {}
    for source in [_source(spec) for spec in specs]:
        if not source.id:
            raise SecretError("secret missing ID")
        variable, file = source.variable, source.file
        if not variable and not file:
            variable, file = (source.id, "") if source.id in environment else ("", source.id)
        content = _content(source.id, file, directory, read) if file else b""
        text = environment.get(variable, "") if variable else content.decode(errors="surrogateescape")
        secrets[source.id] = text
    return secrets


def _content(secret: str, file: str, directory: str, read: Callable[[str], bytes | None]) -> bytes:
    content = read(posixpath.normpath(posixpath.join(directory, file)))
    if content is None:
        raise SecretError(f"failed to stat {file}: stat {file}: no such file or directory")
    if len(content) > LARGEST:
        raise SecretError(f"secret {secret} too big. max size 500KB")
    return content


def _source(spec: str) -> _Source:
    values: dict[str, str] = {}
    type_ = ""
    try:
        fields = csv_fields(spec)
    except CsvError as error:
        raise SecretError(f"failed to parse csv secret: {error}") from error
    for field in fields:
        key, equals, value = field.partition("=")
        key = key.lower()
        if not equals:
            raise SecretError(f"invalid field '{field}' must be a key=value pair")
        if key == "type":
            type_ = value
            if value not in ("file", "env"):
                raise SecretError(f"unsupported secret type {quote(value)}")
        elif key in KEYS:
            values[KEYS[key]] = value
        else:
            raise SecretError(f"unexpected key '{key}' in '{field}'")
    if type_ == "env" and not values.get("variable"):
        values["variable"] = values.pop("file", "")
    return _Source(**values)
