"""The functions `index`, `slice` and `len` of text/template."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from ..errors import GoError
from ..text import byte_length, from_bytes, to_bytes
from ..types import ANY, STRING, UINT8, GoSlice, Sized, Type, type_of
from .values import Value, element

__all__ = ["cut", "index", "length"]


def index(item: Value, *indexes: Value) -> Value:
    """`index`: an element of an element .. Raises GoError for what has none, or not that one."""
    if item.data is None:
        raise GoError("index of untyped nil")
    item = item.unboxed()
    for key in indexes:
        if item.data is None:
            raise GoError("index of nil pointer")
        item = _element(item.data, key.unboxed())
    return item


def _element(data: Any, key: Value) -> Value:
    if isinstance(data, str | list):
        size = byte_length(data) if isinstance(data, str) else len(data)
        position = _position(key, size)
        if position == size:
            raise GoError(f"reflect: {'string' if isinstance(data, str) else 'slice'} index out of range")
        return Value(Sized(to_bytes(data)[position], UINT8)) if isinstance(data, str) else element(data, data[position])
    if isinstance(data, dict):
        return _map_element(data, key)
    raise GoError(f"can't index item of type {type_of(data).name}")


def _map_element(data: dict[Any, Any], key: Value) -> Value:
    kind = type_of(data).key or ANY
    wanted = key.data
    if wanted is None and not kind.can_be_nil:
        raise GoError(f"value is nil; should be of type {kind.name}")
    if wanted is not None and not kind.accepts(type_of(wanted)) and not _are_whole(kind, type_of(wanted)):
        raise GoError(f"value has type {type_of(wanted).name}; should be {kind.name}")
    if isinstance(wanted, list | dict):
        raise GoError(f"runtime error: hash of unhashable type {type_of(wanted).name}")
    if wanted in data:
        return element(data, data[wanted])
    return Value("") if type_of(data).element == STRING else Value(None, is_boxed=True)


def _are_whole(one: Type, other: Type) -> bool:
    return all(kind.kind.startswith(("int", "uint")) and kind.kind != "interface" for kind in (one, other))


def _position(key: Value, capacity: int) -> int:
    if not key.is_valid:
        raise GoError("cannot index slice/array with nil")
    if key.is_boxed or not isinstance(key.data, int) or isinstance(key.data, bool):
        raise GoError(f"cannot index slice/array with type {key.type.name}")
    if not 0 <= key.data <= capacity:
        raise GoError(f"index out of range: {int(key.data)}")
    return int(key.data)


def cut(item: Value, *indexes: Value) -> Value:
    """text/template's `slice`: `item[i:j]`; a third index only bounds the capacity.

    Raises GoError, also for an index that is held as interface {}, as values of a values file are: Go does not look
    into it here.
    """
    if item.data is None:
        raise GoError("slice of untyped nil")
    if len(indexes) > 3:
        raise GoError(f"too many slice indexes: {len(indexes)}")
    data = item.data
    if isinstance(data, str) and len(indexes) == 3:
        raise GoError("cannot 3-index slice a string")
    if not isinstance(data, str | list):
        raise GoError(f"can't slice item of type {type_of(data).name}")
    size = byte_length(data) if isinstance(data, str) else len(data)
    bounds = [_position(key, size) for key in indexes]
    bounds += [0, size][len(bounds) :]
    for low, high in pairwise(bounds):
        if low > high:
            raise GoError(f"invalid slice index: {low} > {high}")
    if isinstance(data, str):
        return Value(from_bytes(to_bytes(data)[bounds[0] : bounds[1]]))
    return Value(GoSlice(data[bounds[0] : bounds[1]], type_of(data)))


def length(item: Value) -> int:
    """`len`, of strings in bytes. Raises GoError for what has none."""
    if item.is_nil_interface:
        raise GoError("len of nil pointer")
    if isinstance(item.data, str):
        return byte_length(item.data)
    if isinstance(item.data, list | dict):
        return len(item.data)
    raise GoError(f"len of type {type_of(item.data).name}")
