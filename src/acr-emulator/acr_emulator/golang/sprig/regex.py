"""sprig's functions with regular expressions."""

from __future__ import annotations

from ..errors import GoPanicError, RegexpError
from ..regexp import Regexp
from ..template import Function, check_size, function
from ..text import runes
from ..types import INT, STRING, STRINGS, GoSlice

__all__ = ["FUNCTIONS"]


def _compiled(pattern: str) -> Regexp:
    """regexp.MustCompile: a fault in the pattern is a panic."""
    try:
        return Regexp(runes(pattern))
    except RegexpError as error:
        raise GoPanicError(f"regexp: Compile(`{pattern}`): {error}") from None


def _matches(pattern: str, text: str) -> bool:
    try:
        return Regexp(runes(pattern)).find(text) is not None
    except RegexpError:
        return False


def _find(pattern: str, text: str) -> str:
    match = _compiled(pattern).find(text)
    return text[match[0] : match[1]] if match else ""


def _find_all(pattern: str, text: str, most: int) -> GoSlice:
    found = _compiled(pattern).find_all(text, most)
    return GoSlice([text[match[0] : match[1]] for match in found], STRINGS, is_nil=not found)


def _replace(pattern: str, text: str, replacement: str) -> str:
    check_size((len(text) + 1) * (len(replacement) + 1))
    return _compiled(pattern).replace_all(text, replacement)


def _replace_literally(pattern: str, text: str, replacement: str) -> str:
    check_size((len(text) + 1) * (len(replacement) + 1))
    return _compiled(pattern).replace_all_literal(text, replacement)


def _split(pattern: str, text: str, most: int) -> GoSlice:
    pieces = _compiled(pattern).split(text, most)
    return GoSlice(pieces or (), STRINGS, is_nil=pieces is None)


FUNCTIONS: tuple[Function, ...] = (
    function("regexMatch", _matches, STRING, STRING),
    function("regexFind", _find, STRING, STRING),
    function("regexFindAll", _find_all, STRING, STRING, INT),
    function("regexReplaceAll", _replace, STRING, STRING, STRING),
    function("regexReplaceAllLiteral", _replace_literally, STRING, STRING, STRING),
    function("regexSplit", _split, STRING, STRING, INT),
)
