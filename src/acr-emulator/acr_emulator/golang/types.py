"""Go's types as far as templates see them, and how Python's values stand for Go's.

`None` is nil, `bool` bool, `str` string, `int` int, `float` float64, `complex` complex128, `list` []interface {},
`dict` map[string]interface {}, an aware `datetime` time.Time. All other types are marked: `Sized` for numbers,
`GoSlice`, `GoMap` and `Struct`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from .errors import GoPanicError

__all__ = [
    "ANY",
    "ANY_MAP",
    "BOOL",
    "BYTES",
    "COMPLEX128",
    "DICT",
    "DURATION",
    "FLOAT64",
    "INT",
    "INT64",
    "INTS",
    "LIST",
    "STRING",
    "STRINGS",
    "STRING_MAP",
    "TIME",
    "UINT8",
    "UINT32",
    "UINT64",
    "GoMap",
    "GoSlice",
    "Sized",
    "Struct",
    "Type",
    "int64",
    "is_nil_map",
    "map_of",
    "slice_of",
    "type_of",
]


@dataclass(frozen=True)
class Type:
    """A type: its name as `%T` prints it, the name of its kind (package reflect), and what it is made of."""

    name: str
    kind: str
    key: Type | None = None
    element: Type | None = None

    @property
    def can_be_nil(self) -> bool:
        """Whether nil is one of its values."""
        return self.kind in ("interface", "map", "ptr", "slice", "func", "chan")

    def accepts(self, other: Type) -> bool:
        """Whether a value of the other type can be assigned to this one."""
        if self.kind == "interface" or self == other:
            return True
        is_named = self.kind == "map" and self.name.startswith("map[") != other.name.startswith("map[")
        return is_named and (self.kind, self.key, self.element) == (other.kind, other.key, other.element)


def slice_of(element: Type) -> Type:
    """The type of slices of `element`."""
    return Type(f"[]{element.name}", "slice", None, element)


def map_of(key: Type, element: Type, name: str = "") -> Type:
    """The type of maps from `key` to `element`, or one of that kind with a name of its own."""
    return Type(name or f"map[{key.name}]{element.name}", "map", key, element)


ANY = Type("interface {}", "interface")
BOOL = Type("bool", "bool")
STRING = Type("string", "string")
INT = Type("int", "int")
INT64 = Type("int64", "int64")
UINT8 = Type("uint8", "uint8")
UINT32 = Type("uint32", "uint32")
UINT64 = Type("uint64", "uint64")
FLOAT64 = Type("float64", "float64")
COMPLEX128 = Type("complex128", "complex128")
LIST = slice_of(ANY)
STRINGS = slice_of(STRING)
INTS = slice_of(INT)
BYTES = slice_of(UINT8)
DICT = map_of(STRING, ANY)
STRING_MAP = map_of(STRING, STRING)
ANY_MAP = map_of(ANY, ANY)
TIME = Type("time.Time", "struct")
DURATION = Type("time.Duration", "int64")


class Sized(int):
    """A whole number of a type other than int; wraps round as Go's does."""

    type: Type

    def __new__(cls, value: int, kind: Type) -> Sized:
        bits = int("".join(filter(str.isdigit, kind.kind)) or 64)
        wrapped = value & ((1 << bits) - 1)
        if not kind.kind.startswith("u") and wrapped >> (bits - 1):
            wrapped -= 1 << bits
        number = super().__new__(cls, wrapped)
        number.type = kind
        return number

    def __deepcopy__(self, memo: dict[int, Any]) -> Sized:
        return self


def int64(value: int) -> Sized:
    """A number of type int64."""
    return Sized(value, INT64)


class GoSlice(list[Any]):
    """A slice of another type than []interface {}, or one that is nil."""

    def __init__(self, items: Iterable[Any] = (), kind: Type = LIST, is_nil: bool = False) -> None:
        super().__init__(items)
        self.type = kind
        self.is_nil = is_nil


class GoMap(dict[Any, Any]):
    """A map of another type than map[string]interface {}, or one that is nil."""

    def __init__(self, items: Mapping[Any, Any] | None = None, kind: Type = ANY_MAP, is_nil: bool = False) -> None:
        super().__init__(items or {})
        self.type = kind
        self.is_nil = is_nil


class Struct:
    """A value with named fields, and with methods: those in `methods` take the value and the arguments."""

    type: Type
    fields: Mapping[str, Any]

    def __init__(self, kind: Type, fields: Mapping[str, Any]) -> None:
        self.type = kind
        self.fields = fields


PLAIN: tuple[tuple[type, Type], ...] = (
    (bool, BOOL),
    (int, INT),
    (str, STRING),
    (float, FLOAT64),
    (complex, COMPLEX128),
    (list, LIST),
    (dict, DICT),
    (datetime, TIME),
    (timedelta, DURATION),
)


def type_of(value: Any) -> Type:
    """The type of a value. Raises GoPanicError for nil, which has none, and TypeError for what is not Go's."""
    if value is None:
        raise GoPanicError("reflect: call of reflect.Value.Type on zero Value")
    own = getattr(value, "type", None)
    if isinstance(own, Type):
        return own
    for python, go in PLAIN:
        if isinstance(value, python):
            return go
    raise TypeError(f"no type of Go stands for {type(value).__name__}")


def is_nil_map(value: Any) -> bool:
    """Whether a value is a map that is nil."""
    return isinstance(value, GoMap) and value.is_nil
