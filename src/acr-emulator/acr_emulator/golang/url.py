"""Go's package `net/url`, as far as addresses of contexts need it: absolute URLs taken apart and put together."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote

from .errors import GoError
from .quoting import quote as go_quote

__all__ = ["Url", "UrlError", "parse_url"]

SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
BAD_ESCAPE = re.compile(r"%(?![0-9a-fA-F]{2}).{0,2}", re.DOTALL)
USER = re.compile(r"[A-Za-z0-9._:~!$&'()*+,;=%@-]*")
PORT = re.compile(r"(?::[0-9]*)?")
HOST_REFUSED = re.compile(
    r"(?P<escape>%(?![0-9a-fA-F]{2}).{0,2}|%(?!25)[0-7][0-9a-fA-F])"
    r"|[^A-Za-z0-9!$&'()*+,;=:\[\]<>\"_.~%\x80-\U0010ffff-]",
    re.DOTALL,
)
PATH_LEFT = "$&+,/:;=@~"
PATH_VALID = re.compile(r"[A-Za-z0-9_.~$&+,/:;=@!'()*\[\]%-]*")
USER_LEFT = "$&+,;=~"
HOST_LEFT = "!$&'()*+,;=:[]<>\"~"


class UrlError(GoError):
    """A text that is no URL; `str(error)` is the reason that Go gives."""


@dataclass(frozen=True)
class Url:
    """A URL's parts, without their escapes but for `raw_path` and `query`; None is what is not there at all."""

    scheme: str
    user: str | None
    password: str | None
    host: str
    path: str
    raw_path: str
    query: str | None
    fragment: str
    opaque: str = ""

    def __str__(self) -> str:
        """The URL without its fragment, escaped where that is needed."""
        query = "" if self.query is None else f"?{self.query}"
        if self.opaque:
            return f"{self.scheme}:{self.opaque}{query}"
        scheme = f"{self.scheme}:" if self.scheme else ""
        slashes = "//" if scheme and (self.host or self.path or self.user is not None) else ""
        return f"{scheme}{slashes}{self._user_text()}{_escape(self.host, HOST_LEFT)}{self._escaped_path()}{query}"

    def with_user(self, user: str, password: str) -> Url:
        """The URL with other credentials."""
        return replace(self, user=user, password=password)

    @property
    def user_info(self) -> str:
        """User and password as they stand before the host's `@`, escaped; empty if there is none."""
        if self.user is None:
            return ""
        password = "" if self.password is None else f":{_escape(self.password, USER_LEFT)}"
        return _escape(self.user, USER_LEFT) + password

    def _user_text(self) -> str:
        return "" if self.user is None else f"{self.user_info}@"

    def _escaped_path(self) -> str:
        return self.raw_path if PATH_VALID.fullmatch(self.raw_path) else _escape(self.path, PATH_LEFT)


def parse_url(text: str) -> Url:
    """Take a URL apart (`url.Parse`). Raises UrlError."""
    location, _, fragment = text.partition("#")
    return replace(_parse(location), fragment=_unescape(fragment))


def _parse(text: str) -> Url:
    if CONTROL.search(text):
        raise UrlError("net/url: invalid control character in URL")
    if text.startswith(":"):
        raise UrlError("missing protocol scheme")
    match = SCHEME.match(text)
    scheme, rest = (match[1].lower(), text[match.end() :]) if match else ("", text)
    rest, mark, text_after = rest.partition("?")
    query = text_after if mark else None
    if scheme and not rest.startswith("/"):
        return Url(scheme, None, None, "", "", "", query, "", opaque=rest)
    if not scheme and ":" in rest.partition("/")[0]:
        raise UrlError("first path segment in URL cannot contain colon")
    user: str | None = None
    password: str | None = None
    host = ""
    if rest.startswith("//") and (scheme or not rest.startswith("///")):
        authority, slash, rest = rest[2:].partition("/")
        rest = slash + rest
        before, at, after = authority.rpartition("@")
        host = _parse_host(after)
        if at:
            user, password = _parse_user(before)
    return Url(scheme, user, password, host, _unescape(rest), rest, query, "")


def _parse_user(text: str) -> tuple[str, str | None]:
    if USER.fullmatch(text) is None:
        raise UrlError("net/url: invalid userinfo")
    user, colon, password = text.partition(":")
    return _unescape(user), _unescape(password) if colon else None


def _parse_host(text: str) -> str:
    if text.startswith("[") and "]" not in text:
        raise UrlError("missing ']' in host")
    start = text.rindex("]") + 1 if text.startswith("[") else text.rfind(":")
    port = text[start:] if start >= 0 else ""
    if PORT.fullmatch(port) is None:
        raise UrlError(f"invalid port {go_quote(port)} after host")
    if refused := HOST_REFUSED.search(text):
        if refused["escape"]:
            raise UrlError(f"invalid URL escape {go_quote(refused[0])}")
        raise UrlError(f"invalid character {go_quote(refused[0])} in host name")
    return _unescape(text)


def _unescape(text: str) -> str:
    if refused := BAD_ESCAPE.search(text):
        raise UrlError(f"invalid URL escape {go_quote(refused[0])}")
    return unquote(text, errors="surrogateescape")


def _escape(text: str, left: str) -> str:
    return quote(text, safe=left, errors="surrogateescape")
