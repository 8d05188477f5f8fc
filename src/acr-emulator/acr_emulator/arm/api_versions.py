"""Which api-versions ARM knows of a resource type, and what it says to others."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from ..world.documents import resource_type
from .errors import ArmError

__all__ = [
    "POOL_VERSIONS",
    "REGISTRY_VERSIONS",
    "TASK_SERVICE_TYPES",
    "TASK_VERSIONS",
    "check_api_version",
    "is_preview",
]

REGISTRY_VERSIONS = (
    "2017-03-01",
    "2017-10-01",
    "2019-05-01",
    "2019-12-01-preview",
    "2020-11-01-preview",
    "2021-06-01-preview",
    "2021-08-01-preview",
    "2021-09-01",
    "2021-12-01-preview",
    "2022-02-01-preview",
    "2022-12-01",
    "2023-01-01-preview",
    "2023-06-01-preview",
    "2023-07-01",
    "2023-08-01-preview",
    "2023-11-01-preview",
    "2024-01-01-preview",
    "2024-11-01-preview",
    "2025-03-01-preview",
    "2025-04-01",
    "2025-05-01-preview",
    "2025-06-01-preview",
    "2025-09-01-preview",
    "2025-11-01",
    "2025-12-01-preview",
    "2026-01-01-preview",
    "2026-03-01-preview",
    "2026-06-01-preview",
    "2026-09-01-preview",
)
"""Of registries and all that is not said otherwise: recorded (`api-supported-versions`), 2026-06-01-preview assumed."""

TASK_VERSIONS = ("2018-09-01", "2019-04-01", "2019-06-01-preview", "2025-03-01-preview")
"""Of tasks, runs and scheduling (published specifications)."""

POOL_VERSIONS = ("2019-06-01-preview", "2025-03-01-preview")
"""Of agent pools and task runs (published specifications)."""

VERSIONS_BY_TYPE = {
    **dict.fromkeys(("agentpools", "agentpoolsoperationresults", "taskruns"), POOL_VERSIONS),
    **dict.fromkeys(("tasks", "runs", "schedulerun", "listbuildsourceuploadurl"), TASK_VERSIONS),
}
"""By the type below a registry, in lower case."""

TASK_SERVICE_TYPES = frozenset(VERSIONS_BY_TYPE)
"""The types below a registry that the service of tasks and pools answers for."""

PROVIDER = "microsoft.containerregistry"
VERSION = re.compile(r"(?P<date>\d{4}-\d\d-\d\d)(?:-(?:preview|privatepreview|alpha|beta))?", re.IGNORECASE)
OLDEST = date(2013, 1, 1)


def check_api_version(path: str, version: str, location: str, locations: Iterable[str]) -> None:
    """Refuse a version that ARM does not know for what the path names (code and text reported). Raises ArmError (400).

    `location` is the resource's, `locations` are all of its type's. Of other providers than the registry's only the
    form of a version is looked at: their versions are not listed here.
    """
    namespace, _, kind = resource_type(path).partition("/")
    if namespace.lower() == PROVIDER and kind:
        known = _versions_of(kind)
        if version.lower() not in known:
            raise ArmError(
                400,
                "NoRegisteredProviderFound",
                f"No registered resource provider found for location '{location}' and API version '{version}' for type "
                f"'{kind}'. The supported api-versions are '{', '.join(known)}'. "
                f"The supported locations are '{', '.join(locations)}'.",
            )
    elif not _is_version(version):
        raise ArmError(400, "InvalidApiVersionParameter", f"The api-version '{version}' is invalid.")


def is_preview(version: str) -> bool:
    """Whether a version may show what is not generally available yet."""
    return version.lower().endswith("-preview")


def _versions_of(kind: str) -> tuple[str, ...]:
    first, *below = kind.lower().split("/")
    return VERSIONS_BY_TYPE.get(below[0], REGISTRY_VERSIONS) if first == "registries" and below else REGISTRY_VERSIONS


def _is_version(text: str) -> bool:
    match = VERSION.fullmatch(text)
    if match is None:
        return False
    try:
        return date.fromisoformat(match["date"]) >= OLDEST
    except ValueError:
        return False
