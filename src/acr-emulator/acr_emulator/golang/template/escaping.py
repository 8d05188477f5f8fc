"""The functions `html`, `js` and `urlquery` of text/template."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote_plus

from ..formatting import sprint
from ..text import is_print, runes, to_bytes

__all__ = ["html", "javascript", "url_query"]

HTML = str.maketrans(
    {'"': "&#34;", "'": "&#39;", "&": "&amp;", "<": "&lt;", ">": "&gt;", "\0": "\ufffd"},
)
JAVASCRIPT = {
    "\\": "\\\\",
    "'": "\\'",
    '"': '\\"',
    "<": "\\u003C",
    ">": "\\u003E",
    "&": "\\u0026",
    "=": "\\u003D",
}


def html(*arguments: Any) -> str:
    """The arguments' text with HTML's marks escaped."""
    return _text(arguments).translate(HTML)


def javascript(*arguments: Any) -> str:
    """The arguments' text escaped for a string of JavaScript."""
    return "".join(map(_escaped, runes(_text(arguments))))


def _escaped(character: str) -> str:
    if character in JAVASCRIPT:
        return JAVASCRIPT[character]
    if character < " " or (ord(character) > 0x7F and not is_print(character)):
        return f"\\u{ord(character):04X}"
    return character


def url_query(*arguments: Any) -> str:
    """The arguments' text escaped for the query of a URL."""
    return quote_plus(to_bytes(_text(arguments)), safe="")


def _text(arguments: Sequence[Any]) -> str:
    shown = ["<no value>" if argument is None else argument for argument in arguments]
    return sprint(shown)
