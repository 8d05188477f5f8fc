"""Secrets in the bodies of tasks and run requests, and in what was typed: finding them, and leaving them out.

Secret are (SDK models): `contextAccessToken`, what `sourceControlAuthProperties` holds, the `value` of arguments and
values marked `isSecret`, and the `value` of credentials of type Opaque; the options --git-access-token and --password;
the password in the URL of a source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

from .errors import AcrError
from .masking import Mask

__all__ = ["Secret", "secret_mask", "secrets_masked", "withheld_secrets", "without_secrets"]

_SECRET_KEYS = frozenset({"contextAccessToken", "token", "refreshToken", "git_access_token", "password"})
_SOURCE_KEYS = frozenset({"contextPath", "sourceLocation", "repositoryUrl", "context_path", "source_location"})
# All up to the last @, as people type passwords that are not encoded. A single letter is a drive of Windows.
_URL_PASSWORD = re.compile(r"(?:[\w+.-]+:/[/\\]*|(?!.:))[^:@/\\]*:(.+)@", re.DOTALL)


class Secret:
    """What a command's arguments hold a secret in, as its `value`, so that `secret_mask` finds it there."""

    value: str


def without_secrets(body: Any) -> Any:
    """A copy of JSON without its secrets.

    >>> without_secrets({"arguments": [{"name": "KEY", "value": "abc", "isSecret": True}]})
    {'arguments': [{'name': 'KEY', 'isSecret': True}]}
    """
    if isinstance(body, list):
        return [without_secrets(item) for item in body]
    if not isinstance(body, Mapping):
        return body
    return {key: without_secrets(value) for key, value in body.items() if not _is_secret(key, value, body)}


def withheld_secrets(body: Any, path: str = "") -> list[str]:
    """Where a task has a secret that the service does not show, as paths in its JSON.

    It has one wherever something is marked as secret that has no value, and in each trigger on a source, for which the
    service needs a token.

    >>> withheld_secrets({"values": [{"name": "KEY", "isSecret": True}, {"name": "OTHER"}]})
    ['values.KEY']
    """
    if isinstance(body, list):
        pairs = [((isinstance(item, Mapping) and item.get("name")) or index, item) for index, item in enumerate(body)]
    elif isinstance(body, Mapping):
        pairs = list(body.items())
    else:
        return []
    below = [(f"{path}.{name}" if path else f"{name}", item) for name, item in pairs]
    found = [path] if isinstance(body, Mapping) and _withholds_secret(body) else []
    return found + [each for place, item in below for each in withheld_secrets(item, place)]


def _withholds_secret(body: Mapping[str, Any]) -> bool:
    if body.get("isSecret") is True or str(body.get("type", "")).lower() == "opaque":
        return body.get("value") is None
    is_source = "sourceControlType" in body or "repositoryUrl" in body
    return is_source and not (body.get("sourceControlAuthProperties") or {}).get("token")


def secret_mask(body: Any) -> Mask:
    """What blots every secret of `body`, JSON or a command's arguments, out of text.

    >>> secret_mask({"contextAccessToken": "abc"})("bad token: abc")
    'bad token: ***'
    """
    return Mask(_secrets(body))


@contextmanager
def secrets_masked(body: Any) -> Iterator[None]:
    """Blot the secrets of a request's `body` out of the AcrErrors raised inside the `with` block."""
    try:
        yield
    except AcrError as error:
        mask = secret_mask(body)
        error.code, error.message = mask(error.code), mask(error.message)
        error.args = (error.message,)
        raise


def _secrets(body: Any) -> Iterator[str]:
    if isinstance(body, list):
        for item in body:
            yield from _secrets(item)
    elif isinstance(body, Secret):
        yield body.value
    elif isinstance(body, Mapping):
        for key, value in body.items():
            if _is_secret(key, value, body):
                yield value
            elif key in _SOURCE_KEYS and isinstance(value, str):
                yield from _url_passwords(value)
            else:
                yield from _secrets(value)


def _is_secret(key: str, value: Any, beside: Mapping[str, Any]) -> bool:
    if not isinstance(value, str) or not value:
        return False
    marked = beside.get("isSecret") is True or str(beside.get("type", "")).lower() == "opaque"
    return key in _SECRET_KEYS or (key == "value" and marked)


def _url_passwords(url: str) -> Iterator[str]:
    match = _URL_PASSWORD.match(url)
    if match:
        # As it was typed, and as a server gets it.
        yield from {match[1], unquote(match[1])}
