"""The headers that ARM and the providers behind it put on a reply, whatever the operation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from uuid import uuid4

from ..world.documents import resource_type
from .api_versions import REGISTRY_VERSIONS, TASK_SERVICE_TYPES

__all__ = ["ReplyHeaders"]

CALLER = "00000000-0000-0000-0000-00000000cccc"
REGISTRY = "microsoft.containerregistry/registries"
OLDER_SERVICE = {"2026-03-01-preview": "2026-01-01-preview"}
"""Versions that are answered by the service of another (recorded)."""

WRITES_LEFT = 800
DELETES_LEFT = 800
READS_LEFT = 1099
GLOBAL_READS_LEFT = 16499
GLOBAL_WRITES_LEFT = 12000
"""What a subscription has at first (recorded in 2026; azure-cli's recorder drops the reads of one region, which are a
fifteenth of the global ones as with writes: assumed). It never runs out here (assumed).
"""


class ReplyHeaders:
    """Makes the headers of every reply; counts what is left of the subscription's writes and deletes."""

    def __init__(self, tenant: str) -> None:
        self._tenant = tenant
        self._writes_left = WRITES_LEFT
        self._deletes_left = DELETES_LEFT

    def of(self, method: str, path: str, version: str) -> dict[str, str]:
        """The headers of a reply to this request."""
        kind = resource_type(path).lower()
        headers = {
            "cache-control": "no-cache",
            "expires": "-1",
            "pragma": "no-cache",
            "strict-transport-security": "max-age=31536000; includeSubDomains",
            "x-cache": "CONFIG_NOCACHE",
            "x-content-type-options": "nosniff",
            "x-ms-request-id": str(uuid4()),
            **self._rate_limit(method),
        }
        if version.lower() in REGISTRY_VERSIONS and _is_answered_by_registries(kind):
            headers["api-supported-versions"] = OLDER_SERVICE.get(version, version)
        if _is_answered_by_provider(method, path, kind):
            headers["x-ms-operation-identifier"] = f"tenantId={self._tenant},objectId={CALLER}/emulator/{uuid4()}"
        return headers

    def _rate_limit(self, method: str) -> Mapping[str, str]:
        prefix = "x-ms-ratelimit-remaining-subscription"
        if method == "DELETE":
            self._deletes_left = max(self._deletes_left - 1, 1)
            return {f"{prefix}-deletes": str(self._deletes_left), f"{prefix}-global-deletes": str(GLOBAL_WRITES_LEFT)}
        if method in {"PUT", "POST", "PATCH"}:
            self._writes_left = max(self._writes_left - 1, 1)
            return {f"{prefix}-writes": str(self._writes_left), f"{prefix}-global-writes": str(GLOBAL_WRITES_LEFT)}
        return {f"{prefix}-reads": str(READS_LEFT), f"{prefix}-global-reads": str(GLOBAL_READS_LEFT)}


def _is_answered_by_registries(kind: str) -> bool:
    """Whether the registry's own service answers, which names its versions; that of tasks does not (recorded)."""
    child = kind.removeprefix(f"{REGISTRY}/").partition("/")[0]
    return kind == REGISTRY or (kind.startswith(f"{REGISTRY}/") and child not in TASK_SERVICE_TYPES)


def _is_answered_by_provider(method: str, path: str, kind: str) -> bool:
    """Whether ARM hands the request on: it answers for a registry that is read, and for what is its own (recorded)."""
    if re.search(r"/providers/[^/]+/", path) is None or kind.startswith("microsoft.resources/"):
        return False
    return method not in {"GET", "HEAD"} or kind != REGISTRY
