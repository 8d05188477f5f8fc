"""Signed URLs for blobs: the query that Azure Storage calls a service SAS, signed with a key of our own.

The fields are Azure's (`sv`, `st`, `se`, `sr`, `sp`, `sig`); the string that is signed is this emulator's and simpler
than Azure's: nobody but the emulator checks it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from urllib.parse import urlencode

__all__ = ["AuthenticationFailedError", "PermissionMismatchError", "SasError", "new_key", "sign", "verify"]

VERSION = "2021-08-06"
CLOCK_SKEW = timedelta(minutes=5)
"""How far before now a signature starts when the caller names no start, as Azure advises against clock skew."""


class SasError(Exception):
    """A request whose signed query does not allow what it asks for; Azure answers 403."""

    code = "AuthenticationFailed"


class AuthenticationFailedError(SasError):
    """The signature is missing, wrong, expired or not valid yet."""


class PermissionMismatchError(SasError):
    """The signature is good but grants other permissions than the request needs."""

    code = "AuthorizationPermissionMismatch"


def new_key(seed: str) -> bytes:
    """A signing key that depends on nothing but `seed`, so that a restarted emulator honours URLs it gave out."""
    return hashlib.sha256(f"acr-emulator blob key {seed}".encode()).digest()


def sign(path: str, permissions: str, expiry: datetime, key: bytes, start: datetime | None = None) -> str:
    """The query string that allows `permissions` on one blob until `expiry`.

    `path` is `container/blob`; `permissions` are Azure's letters (r read, a add, c create, w write, d delete);
    `expiry` and `start` are aware datetimes, kept to the second. `start` defaults to none.
    """
    fields = {"sv": VERSION, "se": _format(expiry), "sr": "b", "sp": permissions}
    if start is not None:
        fields["st"] = _format(start)
    fields["sig"] = _signature(path, fields, key)
    return urlencode(fields)


def verify(path: str, query: Mapping[str, str], needed: str, key: bytes, now: datetime) -> None:
    """Check a signed query against what a request needs.

    `needed` lists permission letters of which any one is enough. Raises AuthenticationFailedError or
    PermissionMismatchError.
    """
    expected = _signature(path, query, key)
    if not hmac.compare_digest(expected.encode(), query.get("sig", "").encode()):
        raise AuthenticationFailedError("Signature did not match.")
    if now >= _parse(query["se"]):
        raise AuthenticationFailedError(
            f"Signed expiry time [{query['se']}] must be after signed start time [{_format(now)}]"
        )
    if "st" in query and now < _parse(query["st"]):
        raise AuthenticationFailedError(f"Signature not valid in the specified time frame: Start [{query['st']}]")
    if not set(needed) & set(query["sp"]):
        raise PermissionMismatchError("This request is not authorized to perform this operation using this permission.")


def _signature(path: str, fields: Mapping[str, str], key: bytes) -> str:
    signed = "\n".join([path, *(fields.get(name, "") for name in ("sv", "st", "se", "sr", "sp"))])
    return base64.b64encode(hmac.new(key, signed.encode(), hashlib.sha256).digest()).decode()


def _format(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _parse(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
