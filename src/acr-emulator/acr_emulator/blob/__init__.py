"""A Blob service on loopback: what uploads, logs and the Azure SDK need of Azure Storage."""

from __future__ import annotations

from .endpoint import Throttle, routes
from .model import BlobProperties, ContentSettings
from .store import BlobStore

__all__ = ["BlobProperties", "BlobStore", "ContentSettings", "Throttle", "routes"]
