"""A Blob service on loopback: what uploads, logs and the Azure SDK need of Azure Storage."""

from __future__ import annotations

from .endpoint import routes
from .store import BlobStore

__all__ = ["BlobStore", "routes"]
