"""`RUN --mount=..`: its options, and what BuildKit says of wrong ones.

Rules and texts are BuildKit's (moby/buildkit, frontend/dockerfile/instructions/commands_runmount.go and
dockerfile2llb/convert_runmount.go, convert_secrets.go), without the suggestions that it adds (`did you mean ..?`).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from ...golang.quoting import quote
from .csv_options import CsvError, csv_fields
from .flags import parse_bool

__all__ = ["Mount", "MountError", "check_origin", "read_mount"]

TYPES = ("bind", "cache", "secret", "ssh", "tmpfs")
WITH_OWNER = ("cache", "secret", "ssh")
SHARINGS = ("locked", "private", "shared")
SIZE = re.compile(r"\d+(?:\.\d+)?\s?(?:[kmgtp]?i?b?)", re.IGNORECASE)
LARGEST_NUMBER = 2**32 - 1
TEXTS = {
    "from": "origin",
    "source": "source",
    "src": "source",
    "target": "target",
    "dst": "target",
    "destination": "target",
    "id": "id",
    "env": "variable",
}
BASES = {"mode": 8, "uid": 10, "gid": 10}
FOR_TYPES = {"env": ("secret",), "required": ("secret", "ssh"), "size": ("tmpfs",)}
"""Options that only some types have."""

WITHOUT_VALUE = ("readonly", "readwrite", "required", "ro", "rw")
SECRETS_FOLDER = "/run/secrets"


class MountError(ValueError):
    """A mount that BuildKit refuses; the text is BuildKit's."""


@dataclass(frozen=True)
class Mount:
    """A mount. `origin` is what it is from (a stage, an image), empty for the context or for nothing."""

    type: str = "bind"
    origin: str = ""
    source: str = ""
    target: str = ""
    id: str = ""
    variable: str | None = None
    is_required: bool = False

    @property
    def secret_id(self) -> str:
        """The ID of a secret: its own, or the name of its target."""
        return self.source or self.id or posixpath.basename(self.target)

    @property
    def secret_file(self) -> str:
        """Where a secret's file is; empty if it is only a variable."""
        if self.variable is not None and not self.target:
            return ""
        return self.target or f"{SECRETS_FOLDER}/{posixpath.basename(self.secret_id)}"

    def path(self, directory: str) -> str:
        """Where another mount is, in a container that works in `directory`. Raises MountError."""
        path = posixpath.normpath(posixpath.join("/", directory, self.target))
        if path == "/":
            raise MountError('invalid mount target "/"')
        return path


def check_origin(text: str) -> None:
    """Refuse a `--mount` that is from a stage which only variables tell. Raises MountError."""
    for entry in _fields(text):
        key, _, value = entry.partition("=")
        if key.lower() == "from" and re.search(r"\$.", value):
            raise MountError(f"'{key.lower()}' doesn't support variable expansion, define alias stage instead")


def _fields(text: str) -> list[str]:
    try:
        return csv_fields(text)
    except CsvError as error:
        raise MountError(f"failed to parse csv mounts: {error}") from error


def read_mount(text: str, expand: Callable[[str], str]) -> Mount:
    """Read one `--mount`; `expand` replaces variables. Raises MountError, and what `expand` raises."""
    reader = _Reader()
    for entry in _fields(text):
        key, equals, value = entry.partition("=")
        key = key.lower()
        if not equals and key not in WITHOUT_VALUE:
            raise MountError(f"invalid field '{entry}' must be a key=value pair")
        reader.read(entry, key, expand(value) if equals else "true")
    mount = Mount(type=reader.type, is_required=reader.is_required, **reader.texts)
    _check(mount, reader.owners, reader.sharing)
    return mount


@dataclass
class _Reader:
    """What the fields so far have said: an option may need the type before it."""

    type: str = "bind"
    is_required: bool = False
    sharing: str = ""
    owners: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)

    def read(self, text: str, key: str, value: str) -> None:
        """Take a field in, `text` as a whole. Raises MountError."""
        types = FOR_TYPES.get(key)
        if types is not None and self.type not in types:
            raise MountError(f"unexpected key '{key}' for mount type '{self.type}'")
        match key:
            case "type":
                self.type = _one_of(TYPES, value, "mount type")
            case "sharing":
                self.sharing = _one_of(SHARINGS, value, "sharing value")
            case "required":
                self.is_required = _switch(key, value)
            case "readonly" | "ro" | "readwrite" | "rw":
                _switch(key, value)
            case "mode" | "uid" | "gid":
                _check_number(key, value)
                self.owners.append(key)
            case "size":
                _check_size(key, value)
            case _ if key in TEXTS:
                self.texts[TEXTS[key]] = value
            case _:
                raise MountError(f"unexpected key '{key}' in '{text}'")


def _check(mount: Mount, owners: list[str], sharing: str) -> None:
    if owners and mount.type not in WITH_OWNER:
        first = min(owners, key=list(BASES).index)
        raise MountError(f"{first} not allowed for {quote(mount.type)} type mounts")
    if mount.type == "secret":
        if mount.origin:
            raise MountError("secret mount should not have a from")
        if sharing:
            raise MountError("secret mount should not define sharing")
        if not (mount.source or mount.target or mount.id):
            raise MountError("invalid secret mount. one of source, target required")
        if mount.source and mount.id:
            raise MountError("both source and id can't be set")
    elif sharing and mount.type != "cache":
        raise MountError(f"invalid cache sharing set for {mount.type} mount")


def _switch(key: str, value: str) -> bool:
    is_on = parse_bool(value)
    if is_on is None:
        raise MountError(f"invalid value for {key}: {value}")
    return is_on


def _one_of(known: Collection[str], value: str, what: str) -> str:
    if value.lower() not in known:
        raise MountError(f"unsupported {what} {quote(value)}")
    return value.lower()


def _check_size(key: str, value: str) -> None:
    if SIZE.fullmatch(value) is None:
        raise MountError(f"invalid value for {key}: {value}")


def _check_number(key: str, value: str) -> None:
    base = BASES[key]
    digits = "01234567" if base == 8 else "0123456789"
    if not value or set(value) - set(digits) or int(value, base) > LARGEST_NUMBER:
        raise MountError(f"invalid value {value} for {key}")
