"""sprig's functions on dictionaries. `set`, `unset`, `merge` and `mergeOverwrite` change their first one."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from ..errors import GoPanicError
from ..template import Function, function
from ..types import ANY, DICT, STRING, STRINGS, GoSlice, is_nil_map, type_of
from .convert import is_empty, text_of

__all__ = ["FUNCTIONS"]


def _set(mapping: dict[str, Any] | None, key: str, value: Any) -> Any:
    if mapping is None or is_nil_map(mapping):
        raise GoPanicError("assignment to entry in nil map")
    mapping[key] = value
    return mapping


def _unset(mapping: dict[str, Any] | None, key: str) -> Any:
    if mapping is not None:
        mapping.pop(key, None)
    return mapping


def _pluck(key: str, *mappings: dict[str, Any]) -> list[Any]:
    return [mapping[key] for mapping in mappings if mapping and key in mapping]


def _keys(*mappings: dict[str, Any]) -> GoSlice:
    return GoSlice([key for mapping in mappings for key in mapping or ()], STRINGS)


def _pick(mapping: dict[str, Any] | None, *keys: str) -> dict[str, Any]:
    return {key: mapping[key] for key in keys if mapping and key in mapping}


def _omit(mapping: dict[str, Any] | None, *keys: str) -> dict[str, Any]:
    return {key: value for key, value in (mapping or {}).items() if key not in keys}


def _dict(*values: Any) -> dict[str, Any]:
    padded = values if len(values) % 2 == 0 else (*values, "")
    return {text_of(key): value for key, value in zip(padded[::2], padded[1::2], strict=True)}


def _merge(target: dict[str, Any] | None, *sources: dict[str, Any] | None) -> Any:
    return _merged(target, sources, overwrites=False)


def _merge_overwrite(target: dict[str, Any] | None, *sources: dict[str, Any] | None) -> Any:
    return _merged(target, sources, overwrites=True)


def _merged(target: dict[str, Any] | None, sources: tuple[dict[str, Any] | None, ...], overwrites: bool) -> Any:
    """The target with what the sources add; a new map for nil."""
    merged = {} if target is None else target
    for source in sources:
        _merge_into(merged, source or {}, overwrites)
    return merged


def _merge_into(target: dict[str, Any], source: dict[str, Any], overwrites: bool) -> None:
    """What mergo does: maps go into maps, and other values where there is none yet, or over it."""
    for key, value in source.items():
        present = target.get(key)
        if isinstance(present, dict) and isinstance(value, dict) and type_of(present) == type_of(value):
            _merge_into(present, value, overwrites)
        elif is_empty(present) or (overwrites and not is_empty(value)):
            target[key] = value


def _has_key(mapping: dict[str, Any] | None, key: str) -> bool:
    return mapping is not None and key in mapping


FUNCTIONS: tuple[Function, ...] = (
    function("dict", _dict, rest=ANY),
    function("set", _set, DICT, STRING, ANY),
    function("unset", _unset, DICT, STRING),
    function("hasKey", _has_key, DICT, STRING),
    function("pluck", _pluck, STRING, rest=DICT),
    function("keys", _keys, rest=DICT),
    function("pick", _pick, DICT, rest=STRING),
    function("omit", _omit, DICT, rest=STRING),
    function("merge", _merge, DICT, rest=DICT, returns_any=True),
    function("mergeOverwrite", _merge_overwrite, DICT, rest=DICT, returns_any=True),
    function("values", lambda mapping: list((mapping or {}).values()), DICT),
    function("deepCopy", deepcopy, ANY, returns_any=True),
)
