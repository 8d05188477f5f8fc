"""Package encoding/json: `Marshal` and `MarshalIndent`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from json.encoder import encode_basestring
from typing import Any

from .bounds import join_bounded
from .errors import GoError
from .numbers import format_float
from .text import to_bytes
from .times import format_time
from .types import GoMap, GoSlice, Struct, type_of

__all__ = ["marshal", "marshal_indent"]

ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
INVALID = {chr(code): "\\ufffd" for code in range(0xDC80, 0xDD00)}
"""Bytes that are not UTF-8."""

TABLE = str.maketrans({**ESCAPES, **INVALID})
RFC3339 = "2006-01-02T15:04:05.999999999Z07:00"


def marshal(value: Any) -> str:
    """json.Marshal: keys sorted, `<`, `>` and `&` escaped.

    Raises GoError for what JSON cannot hold: `json: unsupported type: map[interface {}]interface {}`.
    """
    return _Writer("", "").write(value, 0)


def marshal_indent(value: Any, prefix: str, indent: str) -> str:
    """json.MarshalIndent. Raises GoError as `marshal` does."""
    return _Writer("\n" + prefix, indent).write(value, 0)


class _Writer:
    def __init__(self, newline: str, indent: str) -> None:
        self._newline = newline
        self._indent = indent

    def write(self, value: Any, depth: int) -> str:
        if value is None or (isinstance(value, GoMap | GoSlice) and value.is_nil):
            return "null"
        for python, writer in SCALARS:
            if isinstance(value, python):
                return writer(value)
        return self._composite(value, depth)

    def _composite(self, value: Any, depth: int) -> str:
        if isinstance(value, list):
            return self._joined("[]", (self.write(item, depth + 1) for item in value), depth)
        if isinstance(value, dict):
            return self._joined("{}", self._members(value, depth), depth)
        if isinstance(value, Struct):
            colon = ": " if self._newline else ":"
            fields = (f"{_string(name)}{colon}{self.write(field, depth + 1)}" for name, field in value.fields.items())
            return self._joined("{}", fields, depth)
        raise GoError(f"json: unsupported type: {type_of(value).name}")

    def _members(self, value: Mapping[Any, Any], depth: int) -> Iterator[str]:
        key_type = type_of(value).key
        if key_type is None or key_type.kind == "interface":
            raise GoError(f"json: unsupported type: {type_of(value).name}")
        colon = ": " if self._newline else ":"
        keys = sorted(value, key=lambda key: to_bytes(str(key)))
        return (f"{_string(str(key))}{colon}{self.write(value[key], depth + 1)}" for key in keys)

    def _joined(self, brackets: str, items: Iterable[str], depth: int) -> str:
        inner = self._newline + self._indent * (depth + 1) if self._newline else ""
        text = join_bounded(f",{inner}", items)
        if not text or not self._newline:
            return brackets[0] + text + brackets[1]
        return brackets[0] + inner + text + self._newline + self._indent * depth + brackets[1]


def _string(value: str) -> str:
    return encode_basestring(value).translate(TABLE)


def _float(value: float) -> str:
    if not math.isfinite(value):
        raise GoError(f"json: unsupported value: {format_float(value, 'g')}")
    is_large = value != 0 and not 1e-6 <= abs(value) < 1e21
    text = format_float(value, "e" if is_large else "f")
    return text.replace("e-0", "e-") if is_large else text


SCALARS: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (bool, lambda value: str(value).lower()),
    (str, _string),
    (int, lambda value: str(int(value))),
    (float, _float),
    (datetime, lambda value: f'"{format_time(value, RFC3339)}"'),
)
"""How values without parts are written; bool stands before int, which it is in Python."""
