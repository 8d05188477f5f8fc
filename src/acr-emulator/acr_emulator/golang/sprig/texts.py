"""sprig's functions on strings. Lengths and positions count bytes, as in Go."""

from __future__ import annotations

from typing import Any

from ..errors import GoPanicError
from ..quoting import quote
from ..strings import title, to_lower, to_upper, trim_space
from ..template import Function, check_elements, check_size, function
from ..text import byte_length, from_bytes, to_bytes
from ..types import ANY, INT, STRING, STRING_MAP, STRINGS, GoMap, GoSlice
from .casing import camel_case, initials, kebab_case, shuffle, snake_case, swap_case, untitle, without_space
from .convert import text_of, texts_of
from .wrapping import abbreviate, abbreviate_both, wrap, wrap_with

__all__ = ["FUNCTIONS"]


def _out_of_range(text: str, low: int | None, high: int | None) -> GoPanicError:
    length = byte_length(text)
    if high is not None and (high < 0 or high > length):
        bounds = f"[:{high}] with length {length}" if high >= 0 else f"[:{high}]"
    elif high is None:
        bounds = f"[{low}:{length}]"
    else:
        bounds = f"[{low}:{high}]"
    return GoPanicError(f"runtime error: slice bounds out of range {bounds}")


def _cut(text: str, low: int | None, high: int | None) -> str:
    """`text[low:high]`. Raises GoPanicError as Go does."""
    data = to_bytes(text)
    begin, end = low or 0, len(data) if high is None else high
    if not 0 <= begin <= end <= len(data):
        raise _out_of_range(text, low, high)
    return from_bytes(data[begin:end])


def _substring(start: int, end: int, text: str) -> str:
    if start < 0:
        return _cut(text, None, end)
    return _cut(text, start, None) if end < 0 else _cut(text, start, end)


def _truncate(length: int, text: str) -> str:
    return text if byte_length(text) <= length else _cut(text, 0, length)


def _repeat(count: int, text: str) -> str:
    if count < 0:
        raise GoPanicError("strings: negative Repeat count")
    check_size(len(text) * count)
    return text * count


def _indent(spaces: int, text: str) -> str:
    pad = _repeat(spaces, " ")
    check_size((text.count("\n") + 1) * spaces + len(text))
    return pad + text.replace("\n", "\n" + pad)


def _replace(old: str, new: str, text: str) -> str:
    check_size(len(text) + (text.count(old) if old else len(text) + 1) * len(new))
    return text.replace(old, new)


def _split(separator: str, text: str, most: int = -1) -> list[str]:
    """strings.SplitN: an empty separator cuts between all characters."""
    if most == 0:
        return []
    check_elements(text.count(separator) if most < 0 else min(most, len(text)))
    if separator:
        return text.split(separator, most - 1 if most > 0 else -1)
    if 0 < most < len(text):
        return [*text[: most - 1], text[most - 1 :]]
    return list(text)


def _numbered(parts: list[str]) -> GoMap:
    return GoMap({f"_{number}": part for number, part in enumerate(parts)}, STRING_MAP)


def _quote(*values: Any) -> str:
    return " ".join(quote(text_of(value)) for value in values if value is not None)


def _single_quote(*values: Any) -> str:
    return " ".join(f"'{text_of(value)}'" for value in values if value is not None)


def _cat(*values: Any) -> str:
    return " ".join(text_of(value) for value in values if value is not None)


def _trim(cut_set: str, text: str) -> str:
    return text.strip(cut_set) if cut_set else text


def _join(separator: str, values: Any) -> str:
    texts = texts_of(values)
    check_size(sum(map(len, texts)) + len(texts) * len(separator))
    return separator.join(texts)


FUNCTIONS: tuple[Function, ...] = (
    function("abbrev", abbreviate, INT, STRING),
    function("abbrevboth", abbreviate_both, INT, INT, STRING),
    function("trunc", _truncate, INT, STRING),
    function("trim", trim_space, STRING),
    function("upper", to_upper, STRING),
    function("lower", to_lower, STRING),
    function("title", title, STRING),
    function("untitle", untitle, STRING),
    function("substr", _substring, INT, INT, STRING),
    function("repeat", _repeat, INT, STRING),
    function("trimall", _trim, STRING, STRING),
    function("trimAll", _trim, STRING, STRING),
    function("trimSuffix", lambda suffix, text: text.removesuffix(suffix), STRING, STRING),
    function("trimPrefix", lambda prefix, text: text.removeprefix(prefix), STRING, STRING),
    function("nospace", without_space, STRING),
    function("initials", initials, STRING),
    function("swapcase", swap_case, STRING),
    function("shuffle", shuffle, STRING),
    function("snakecase", snake_case, STRING),
    function("camelcase", camel_case, STRING),
    function("kebabcase", kebab_case, STRING),
    function("wrap", wrap, INT, STRING),
    function("wrapWith", wrap_with, INT, STRING, STRING),
    function("contains", lambda part, text: part in text, STRING, STRING),
    function("hasPrefix", lambda prefix, text: text.startswith(prefix), STRING, STRING),
    function("hasSuffix", lambda suffix, text: text.endswith(suffix), STRING, STRING),
    function("quote", _quote, rest=ANY),
    function("squote", _single_quote, rest=ANY),
    function("cat", _cat, rest=ANY),
    function("indent", _indent, INT, STRING),
    function("nindent", lambda spaces, text: "\n" + _indent(spaces, text), INT, STRING),
    function("replace", _replace, STRING, STRING, STRING),
    function("plural", lambda one, many, count: one if count == 1 else many, STRING, STRING, INT),
    function("toString", text_of, ANY),
    function("toStrings", lambda values: GoSlice(texts_of(values), STRINGS), ANY),
    function("split", lambda separator, text: _numbered(_split(separator, text)), STRING, STRING),
    function("splitn", lambda separator, most, text: _numbered(_split(separator, text, most)), STRING, INT, STRING),
    function("splitList", lambda separator, text: GoSlice(_split(separator, text), STRINGS), STRING, STRING),
    function("join", _join, STRING, ANY),
    function("hello", lambda: "Hello!"),
)
