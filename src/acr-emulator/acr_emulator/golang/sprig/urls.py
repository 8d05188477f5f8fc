"""sprig's functions on URLs."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from ..errors import GoPanicError
from ..quoting import quote as quoted
from ..template import Function, function
from ..text import to_bytes
from ..types import DICT, STRING
from ..url import Url, UrlError, parse_url
from .convert import kind_of

__all__ = ["FUNCTIONS"]

PATH_LEFT = "$&+,/:;=@~!'()*"
HOST_LEFT = "!$&'()*+,;=:[]<>\"~"
FRAGMENT_LEFT = "$&+,/:;=?@~!()*"


def _parsed(text: str, problem: str) -> Url:
    try:
        return parse_url(text)
    except UrlError as error:
        raise GoPanicError(f"{problem}: parse {quoted(text)}: {error}") from None


def _parse(text: str) -> dict[str, Any]:
    url = _parsed(text, "unable to parse url")
    host, _, _ = url.host.rpartition(":") if url.host.rpartition(":")[2].isdigit() else (url.host, "", "")
    return {
        "scheme": url.scheme,
        "host": url.host,
        "hostname": host.removeprefix("[").removesuffix("]") if host.startswith("[") else host.partition(":")[0],
        "path": url.path,
        "query": url.query or "",
        "opaque": url.opaque,
        "fragment": url.fragment,
        "userinfo": url.user_info,
    }


def _member(parts: dict[str, Any], name: str) -> str:
    value = parts.get(name, "")
    if value is None:
        raise GoPanicError("runtime error: invalid memory address or nil pointer dereference")
    if not isinstance(value, str):
        raise GoPanicError(f"unable to parse {name} key, must be of type string, but {kind_of(value)} found")
    return value


def _join(parts: dict[str, Any] | None) -> str:
    names = ("scheme", "host", "path", "query", "opaque", "fragment", "userinfo")
    scheme, host, path, query, opaque, fragment, user = (_member(parts or {}, name) for name in names)
    if user:
        user = _parsed(f"proto://{user}@host", "unable to parse userinfo in dict").user_info + "@"
    text = f"{scheme}:" if scheme else ""
    if opaque:
        text += opaque
    else:
        if host or user or (scheme and path):
            text += f"//{user}{quote(to_bytes(host), safe=HOST_LEFT)}"
        slash = "/" if path and host and not path.startswith("/") else ""
        text += slash + quote(to_bytes(path), safe=PATH_LEFT)
    text += f"?{query}" if query else ""
    return text + (f"#{quote(to_bytes(fragment), safe=FRAGMENT_LEFT)}" if fragment else "")


FUNCTIONS: tuple[Function, ...] = (
    function("urlParse", _parse, STRING),
    function("urlJoin", _join, DICT),
)
