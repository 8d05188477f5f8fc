"""sprig's functions on lists."""

from __future__ import annotations

from typing import Any

from ..errors import GoPanicError
from ..template import Function, check_size, function
from ..text import to_bytes
from ..types import ANY, LIST, STRINGS, GoSlice, type_of
from .convert import deep_equal, is_empty, list_kind, text_of, texts_of, to_int

__all__ = ["FUNCTIONS"]


def _nil_list() -> GoSlice:
    return GoSlice([], LIST, is_nil=True)


def _push(values: Any, value: Any) -> list[Any]:
    return [*list_kind(values, "Cannot push on type {}"), value]


def _prepend(values: Any, value: Any) -> list[Any]:
    return [value, *list_kind(values, "Cannot prepend on type {}")]


def _first(values: Any) -> Any:
    return next(iter(list_kind(values, "Cannot find first on type {}")), None)


def _last(values: Any) -> Any:
    return next(reversed(list_kind(values, "Cannot find last on type {}")), None)


def _rest(values: Any) -> list[Any]:
    items = list_kind(values, "Cannot find rest on type {}")
    return list(items[1:]) if items else _nil_list()


def _initial(values: Any) -> list[Any]:
    items = list_kind(values, "Cannot find initial on type {}")
    return list(items[:-1]) if items else _nil_list()


def _reverse(values: Any) -> list[Any]:
    return list(reversed(list_kind(values, "Cannot find reverse on type {}")))


def _compact(values: Any) -> list[Any]:
    return [item for item in list_kind(values, "Cannot compact on type {}") if not is_empty(item)]


def _unique(values: Any) -> list[Any]:
    found: list[Any] = []
    comparisons = 0
    for item in list_kind(values, "Cannot find uniq on type {}"):
        comparisons += len(found)
        check_size(comparisons)
        if not _is_in(item, found):
            found.append(item)
    return found


def _is_in(value: Any, values: list[Any]) -> bool:
    return any(deep_equal(value, item) for item in values)


def _without(values: Any, *left_out: Any) -> list[Any]:
    items = list_kind(values, "Cannot find without on type {}")
    check_size(len(items) * len(left_out))
    return [item for item in items if not _is_in(item, list(left_out))]


def _has(value: Any, values: Any) -> bool:
    return values is not None and _is_in(value, list_kind(values, "Cannot find has on type {}"))


def _slice(values: Any, *indices: Any) -> Any:
    items = list_kind(values, "list should be type of slice or array but {}")
    if not items:
        return None
    start = to_int(indices[0]) if indices else 0
    end = to_int(indices[1]) if len(indices) > 1 else len(items)
    if not 0 <= start <= end <= len(items):
        raise GoPanicError("reflect.Value.Slice: slice index out of bounds")
    return GoSlice(items[start:end], type_of(items))


def _concat(*lists: Any) -> list[Any]:
    joined = [item for values in lists for item in list_kind(values, "Cannot concat type {} as list")]
    return joined or _nil_list()


def _sort_alpha(values: Any) -> GoSlice:
    texts = sorted(texts_of(values), key=to_bytes) if isinstance(values, list) else [text_of(values)]
    return GoSlice(texts, STRINGS)


def _list(*values: Any) -> list[Any]:
    return list(values)


FUNCTIONS: tuple[Function, ...] = (
    function("tuple", _list, rest=ANY),
    function("list", _list, rest=ANY),
    function("append", _push, ANY, ANY),
    function("push", _push, ANY, ANY),
    function("prepend", _prepend, ANY, ANY),
    function("first", _first, ANY, returns_any=True),
    function("rest", _rest, ANY),
    function("last", _last, ANY, returns_any=True),
    function("initial", _initial, ANY),
    function("reverse", _reverse, ANY),
    function("uniq", _unique, ANY),
    function("without", _without, ANY, rest=ANY),
    function("has", _has, ANY, ANY),
    function("slice", _slice, ANY, rest=ANY, returns_any=True),
    function("concat", _concat, rest=ANY, returns_any=True),
    function("compact", _compact, ANY),
    function("sortAlpha", _sort_alpha, ANY),
)
