"""How sprig turns any value into text, a number or a list, and what it takes for empty or equal."""

from __future__ import annotations

import math
from typing import Any

from ..errors import GoPanicError
from ..numbers import parse_float, parse_int
from ..printing import Flags, write
from ..types import GoMap, GoSlice, Struct, int64, type_of

__all__ = ["deep_equal", "is_empty", "kind_of", "list_kind", "text_of", "texts_of", "to_float", "to_int", "to_int64"]

NIL_DEREFERENCE = "runtime error: invalid memory address or nil pointer dereference"
LOWEST = -(1 << 63)


def text_of(value: Any) -> str:
    """Strings as they are, others as `%v` prints them."""
    return value if isinstance(value, str) else write(value, "s" if _is_bytes(value) else "v", Flags())


def _is_bytes(value: Any) -> bool:
    return isinstance(value, GoSlice) and value.type.name == "[]uint8"


def texts_of(value: Any) -> list[str]:
    """The elements of a list as text, without nil; one text for what is no list, none for nil."""
    if value is None:
        return []
    items = value if isinstance(value, list) else [value]
    return [text_of(item) for item in items if item is not None]


def to_int64(value: Any) -> int:
    """A number of type int64: strings in decimal, floats cut off, true 1; everything else, and faults, give 0."""
    if isinstance(value, str):
        return int64(parse_int(value, 10) or 0)
    if isinstance(value, float):
        is_in_range = math.isfinite(value) and -(2.0**63) <= value < 2.0**63
        return int64(int(value) if is_in_range else LOWEST)
    if isinstance(value, int):
        return int64(min(value, -LOWEST - 1))
    return int64(0)


def to_int(value: Any) -> int:
    """The same as an int."""
    return int(to_int64(value))


def to_float(value: Any) -> float:
    """A number of type float64; what is none gives 0."""
    if isinstance(value, str):
        return parse_float(value) or 0.0
    return float(value) if isinstance(value, int | float) else 0.0


def is_empty(value: Any) -> bool:
    """Whether a value is nil, false, zero or has no elements; structures never are."""
    return not value if isinstance(value, bool | int | float | complex | str | list | dict) else value is None


def kind_of(value: Any) -> str:
    """The name of the value's kind; `invalid` for nil."""
    return "invalid" if value is None else type_of(value).kind


def list_kind(value: Any, refusal: str) -> list[Any]:
    """A list that a function was given. Raises GoPanicError for anything else: the refusal with the kind behind it."""
    if value is None:
        raise GoPanicError(NIL_DEREFERENCE)
    if not isinstance(value, list):
        raise GoPanicError(f"{refusal.format(kind_of(value))}")
    return value


def deep_equal(one: Any, other: Any) -> bool:
    """reflect.DeepEqual: of the same type, and equal all the way down."""
    if one is None or other is None:
        return one is other
    if type_of(one) != type_of(other) or _is_nil(one) != _is_nil(other):
        return False
    if isinstance(one, list):
        return len(one) == len(other) and all(map(deep_equal, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(deep_equal(one[key], other[key]) for key in one)
    if isinstance(one, Struct):
        return deep_equal(dict(one.fields), dict(other.fields))
    return bool(one == other)


def _is_nil(value: Any) -> bool:
    return isinstance(value, GoMap | GoSlice) and value.is_nil
