"""The functions `eq`, `ne`, `lt`, `le`, `gt` and `ge` of text/template."""

from __future__ import annotations

from typing import Any

from ..errors import GoError
from ..formatting import sprintf
from ..text import to_bytes
from ..types import GoMap, GoSlice, type_of
from .values import Value

__all__ = ["equal", "greater", "greater_or_equal", "less", "less_or_equal", "not_equal"]

BAD_TYPE = "invalid type for comparison"


def _basic_kind(data: Any) -> str:
    """`bool`, `int`, `uint`, `float`, `complex` or `string`; empty for other kinds and for nil."""
    if data is None:
        return ""
    kind = type_of(data).kind
    return next((basic for basic in ("bool", "int", "uint", "float", "complex", "string") if _is_kind(kind, basic)), "")


def _is_kind(kind: str, basic: str) -> bool:
    return kind.startswith(basic) and kind != "interface"


def equal(first: Value, *others: Value) -> bool:
    """`eq`: whether the first equals one of the others. Raises GoError for values that do not compare."""
    if not others:
        raise GoError("missing argument for comparison")
    return any(_are_equal(first.data, other.data) for other in others)


def _are_equal(one: Any, other: Any) -> bool:
    kinds = _basic_kind(one), _basic_kind(other)
    if kinds[0] != kinds[1]:
        if set(kinds) == {"int", "uint"}:
            return int(one) == int(other)
        if one is not None and other is not None:
            raise GoError(f"incompatible types for comparison: {type_of(one).name} and {type_of(other).name}")
        return False
    if kinds[0]:
        return bool(one == other)
    return _are_other_equal(one, other)


def _are_other_equal(one: Any, other: Any) -> bool:
    """Values of other kinds: only nil compares with slices and maps."""
    if one is not None and other is not None and type_of(one).kind != type_of(other).kind:
        names = type_of(one).name, type_of(other).name
        raise GoError(sprintf("non-comparable types %s: %v, %s: %v", [one, *names, other]))
    if _is_nil(one) or _is_nil(other):
        return _is_nil(one) == _is_nil(other)
    if isinstance(other, list | dict):
        raise GoError(sprintf("non-comparable type %s: %v", [other, type_of(other).name]))
    return bool(one == other)


def _is_nil(data: Any) -> bool:
    return data is None or (isinstance(data, GoMap | GoSlice) and data.is_nil)


def not_equal(first: Value, second: Value) -> bool:
    """`ne`. Raises GoError as `equal` does."""
    return not equal(first, second)


def less(first: Value, second: Value) -> bool:
    """`lt`. Raises GoError for values that have no order."""
    kinds = _basic_kind(first.data), _basic_kind(second.data)
    if "" in kinds:
        raise GoError(BAD_TYPE)
    if kinds[0] != kinds[1]:
        if set(kinds) != {"int", "uint"}:
            names = type_of(first.data).name, type_of(second.data).name
            raise GoError(f"incompatible types for comparison: {names[0]} and {names[1]}")
        return int(first.data) < int(second.data)
    if kinds[0] in ("bool", "complex"):
        raise GoError(BAD_TYPE)
    if kinds[0] == "string":
        return to_bytes(first.data) < to_bytes(second.data)
    return bool(first.data < second.data)


def less_or_equal(first: Value, second: Value) -> bool:
    """`le`. Raises GoError as `less` does."""
    return less(first, second) or equal(first, second)


def greater(first: Value, second: Value) -> bool:
    """`gt`. Raises GoError as `less` does."""
    return not less_or_equal(first, second)


def greater_or_equal(first: Value, second: Value) -> bool:
    """`ge`. Raises GoError as `less` does."""
    return not less(first, second)
