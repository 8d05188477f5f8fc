"""The signed query of an operation's status URL: `t`, `c`, `s` and `h`, between 4 and 5 kB in all, as recorded.

What Azure signs and how is unknown; here `s` and `h` are keyed hashes of path and time, and `c` fills the place of the
certificate.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timezone
from urllib.parse import urlencode

from .errors import ArmError

__all__ = ["UrlSigner"]

CERTIFICATE_BYTES = 2850
SIGNATURE_BYTES = 258
DOTNET_EPOCH = datetime(1, 1, 1, tzinfo=timezone.utc)


class UrlSigner:
    """Signs paths, and checks what it signed. The key lives as long as the process."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._certificate = "MIII" + _encode(secrets.token_bytes(CERTIFICATE_BYTES))

    def query(self, path: str, now: datetime) -> str:
        """The query to append after the api-version. Every call at a new time gives another."""
        elapsed = now - DOTNET_EPOCH
        ticks = str((elapsed.days * 86400 + elapsed.seconds) * 10_000_000 + elapsed.microseconds * 10)
        return urlencode({"t": ticks, "c": self._certificate, **self._hashes(path, ticks)})

    def verify(self, path: str, query: Mapping[str, str]) -> None:
        """Raises ArmError (403; status and text assumed) unless the query was signed for this path."""
        expected = {"c": self._certificate, **self._hashes(path, query.get("t", ""))}
        if not all(hmac.compare_digest(text, query.get(key, "")) for key, text in expected.items()):
            message = (
                "The signature of the operation status URL is missing or not valid. Follow the URL as it was given."
            )
            raise ArmError(403, "AuthorizationFailed", message)

    def _hashes(self, path: str, ticks: str) -> dict[str, str]:
        subject = f"{path.lower()}\n{ticks}".encode()
        signature = hashlib.shake_256(self._key + subject).digest(SIGNATURE_BYTES)
        return {"s": _encode(signature), "h": _encode(hmac.new(self._key, subject, hashlib.sha256).digest())}


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
