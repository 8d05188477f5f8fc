"""Secrets in the bodies of tasks and run requests: finding them, and leaving them out.

Secret are (SDK models): `contextAccessToken`, what `sourceControlAuthProperties` holds, the `value` of arguments and
values marked `isSecret`, and the `value` of credentials of type Opaque.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from .errors import AcrError

__all__ = ["mask_secrets", "secrets_masked", "without_secrets"]

_SECRET_KEYS = frozenset({"contextAccessToken", "token", "refreshToken"})
_MASK = "***"


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


def mask_secrets(text: str, body: Any) -> str:
    """`text` with every secret of `body` blotted out.

    >>> mask_secrets("bad token: abc", {"contextAccessToken": "abc"})
    'bad token: ***'
    """
    # The longest first, as one may be part of another.
    for secret in sorted(_secrets(body), key=len, reverse=True):
        text = text.replace(secret, _MASK)
    return text


@contextmanager
def secrets_masked(body: Any) -> Iterator[None]:
    """Blot the secrets of a request's `body` out of the AcrErrors raised inside the `with` block."""
    try:
        yield
    except AcrError as error:
        error.message = mask_secrets(error.message, body)
        error.args = (error.message,)
        raise


def _secrets(body: Any) -> Iterator[str]:
    if isinstance(body, list):
        for item in body:
            yield from _secrets(item)
    elif isinstance(body, Mapping):
        for key, value in body.items():
            if _is_secret(key, value, body):
                yield value
            else:
                yield from _secrets(value)


def _is_secret(key: str, value: Any, beside: Mapping[str, Any]) -> bool:
    if not isinstance(value, str) or not value:
        return False
    marked = beside.get("isSecret") is True or str(beside.get("type", "")).lower() == "opaque"
    return key in _SECRET_KEYS or (key == "value" and marked)
