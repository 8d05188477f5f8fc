"""The functions that text/template brings itself."""

from __future__ import annotations

from typing import Any, NoReturn

from ..errors import GoError, GoPanicError
from ..formatting import sprint, sprintf, sprintln
from ..types import ANY, STRING
from .comparison import equal, greater, greater_or_equal, less, less_or_equal, not_equal
from .escaping import html, javascript, url_query
from .functions import Function, function
from .indexing import cut, index, length
from .values import VALUE, Value, is_true

__all__ = ["BUILTINS"]


def _call(name: Value, called: Value, *arguments: Value) -> NoReturn:
    """`call`: no value that a template can reach is a function here, so it refuses whatever it is given."""
    if called.data is None:
        raise GoError("call of nil")
    raise GoError(f"non-function {name.data} of type {called.unboxed().type.name}")


def _never(*arguments: Value) -> NoReturn:
    """`and` and `or` are carried out by the evaluator, which leaves out what does not count."""
    raise GoPanicError("unreachable")


def _not(value: Value) -> bool:
    return not is_true(value.data)


def _print(*arguments: Any) -> str:
    return sprint(arguments)


def _println(*arguments: Any) -> str:
    return sprintln(arguments)


def _printf(template: str, *arguments: Any) -> str:
    return sprintf(template, arguments)


BUILTINS: dict[str, Function] = {
    made.name: made
    for made in (
        function("and", _never, VALUE, rest=VALUE),
        function("call", _call, VALUE, rest=VALUE),
        function("html", html, rest=ANY),
        function("index", index, VALUE, rest=VALUE),
        function("slice", cut, VALUE, rest=VALUE),
        function("js", javascript, rest=ANY),
        function("len", length, VALUE),
        function("not", _not, VALUE),
        function("or", _never, VALUE, rest=VALUE),
        function("print", _print, rest=ANY),
        function("printf", _printf, STRING, rest=ANY),
        function("println", _println, rest=ANY),
        function("urlquery", url_query, rest=ANY),
        function("eq", equal, VALUE, rest=VALUE),
        function("ge", greater_or_equal, VALUE, VALUE),
        function("gt", greater, VALUE, VALUE),
        function("le", less_or_equal, VALUE, VALUE),
        function("lt", less, VALUE, VALUE),
        function("ne", not_equal, VALUE, VALUE),
    )
}
