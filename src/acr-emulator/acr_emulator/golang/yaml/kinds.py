"""The Go types that YAML is decoded into, as far as it matters: their kind and the name in errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

__all__ = [
    "ANY",
    "BOOL",
    "IGNORED",
    "INT",
    "STRING",
    "Kind",
    "MapOf",
    "PointerTo",
    "Scalar",
    "SliceOf",
    "Struct",
    "zero",
]


@dataclass(frozen=True)
class Scalar:
    """`string`, `int`, `bool`, `interface {}`; or a type with an unmarshaler that takes anything (`ignored`)."""

    name: str


@dataclass(frozen=True)
class SliceOf:
    """`[]T`: decoded into a list."""

    element: Kind

    @property
    def name(self) -> str:
        return f"[]{self.element.name}"


@dataclass(frozen=True)
class MapOf:
    """`map[string]T`: decoded into a dict with string keys, or None for nil. `type_name` if the type has a name."""

    value: Kind
    type_name: str = ""

    @property
    def name(self) -> str:
        return self.type_name or f"map[string]{self.value.name}"


@dataclass(frozen=True)
class PointerTo:
    """`*T`: decoded into what T is, or None for nil."""

    element: Kind

    @property
    def name(self) -> str:
        return f"*{self.element.name}"


@dataclass(frozen=True)
class Struct:
    """A struct: decoded into a dict of the fields that the text sets, by their YAML key."""

    name: str
    fields: Mapping[str, Kind] = field(hash=False)


Kind: TypeAlias = Scalar | SliceOf | MapOf | PointerTo | Struct

STRING = Scalar("string")
INT = Scalar("int")
BOOL = Scalar("bool")
ANY = Scalar("interface {}")
IGNORED = Scalar("ignored")

ZEROES = {STRING: "", INT: 0, BOOL: False}


def zero(kind: Kind) -> Any:
    """The zero value of a type; a new one each time."""
    if isinstance(kind, SliceOf):
        return []
    if isinstance(kind, Struct):
        return {}
    return ZEROES.get(kind) if isinstance(kind, Scalar) else None
