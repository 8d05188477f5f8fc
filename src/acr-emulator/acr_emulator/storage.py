"""The blob account as registries use it: where contexts are uploaded to and logs are written to."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from .blob import BlobStore, sas
from .executor import Source
from .world.state import Registry, Run

__all__ = ["BLOB_PATH", "Storage"]

BLOB_PATH = "/acrblobs"


class Storage:
    """One blob store, and the URLs into it, which hold for `sas_seconds`.

    `base_url` is the emulator's, without a slash at its end.
    """

    def __init__(self, store: BlobStore, key: bytes, base_url: str, sas_seconds: float) -> None:
        self.store = store
        self.key = key
        self._lifetime = timedelta(seconds=sas_seconds)
        self._account_url = base_url + BLOB_PATH

    def upload_target(self, registry: Registry, now: datetime) -> tuple[str, str]:
        """A new place for a context: its path relative to the registry's container, and the URL to write it to."""
        relative = f"source/{now:%Y%m%d%H%M}/{uuid4()}.tar.gz"
        return relative, self._signed(f"{registry.container}/{relative}", "rcw", now)

    def log_link(self, run: Run, now: datetime) -> str:
        """A URL to read the run's log from; the blob need not be there yet."""
        return self._signed(run.log_blob, "r", now)

    def source(self, registry: Registry, location: str | None) -> Source | None:
        """What was uploaded under `location` (relative, or a URL into this account), or None if nothing was."""
        if not location:
            return None
        name = f"{registry.container}/{location}"
        if location.startswith(self._account_url + "/"):
            name = location[len(self._account_url) + 1 :].partition("?")[0]
        return (lambda: self.store.open(name)) if self.store.exists(name) else None

    def _signed(self, name: str, permissions: str, now: datetime) -> str:
        query = sas.sign(name, permissions, now + self._lifetime, self.key, start=now - sas.CLOCK_SKEW)
        return f"{self._account_url}/{name}?{query}"
