"""sprig's functions for defaults, reflection, JSON, and giving up."""

from __future__ import annotations

from typing import Any, NoReturn

from ..errors import GoError
from ..json import marshal, marshal_indent
from ..printing import type_name
from ..template import Function, function
from ..types import ANY, BOOL, STRING
from .convert import deep_equal, is_empty, kind_of

__all__ = ["FUNCTIONS"]


def _default(value: Any, *given: Any) -> Any:
    return value if not given or is_empty(given[0]) else given[0]


def _coalesce(*values: Any) -> Any:
    return next((value for value in values if not is_empty(value)), None)


def _json(value: Any) -> str:
    try:
        return marshal(value)
    except GoError:
        return ""


def _pretty_json(value: Any) -> str:
    try:
        return marshal_indent(value, "", "  ")
    except GoError:
        return ""


def _is_like(name: str, value: Any) -> bool:
    return type_name(value) in (name, f"*{name}")


def _fail(message: str) -> NoReturn:
    raise GoError(message)


FUNCTIONS: tuple[Function, ...] = (
    function("default", _default, ANY, rest=ANY, returns_any=True),
    function("empty", is_empty, ANY),
    function("coalesce", _coalesce, rest=ANY, returns_any=True),
    function("ternary", lambda one, other, test: one if test else other, ANY, ANY, BOOL, returns_any=True),
    function("toJson", _json, ANY),
    function("toPrettyJson", _pretty_json, ANY),
    function("typeOf", type_name, ANY),
    function("typeIs", lambda name, value: type_name(value) == name, STRING, ANY),
    function("typeIsLike", _is_like, STRING, ANY),
    function("kindOf", kind_of, ANY),
    function("kindIs", lambda name, value: kind_of(value) == name, STRING, ANY),
    function("deepEqual", deep_equal, ANY, ANY),
    function("fail", _fail, STRING),
)
