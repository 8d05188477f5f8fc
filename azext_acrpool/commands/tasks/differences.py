"""In what two readings of a task differ: whether a change changed what it was to change, and nothing else. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from ...client.arm import as_json

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import Task

__all__ = ["differences"]

# Its members are there or not, and hold only what the service adds; ARM writes resource IDs in any case.
_IDENTITIES: Final = "userAssignedIdentities"
# Names of agent pools are the same in any case.
_POOL: Final = "agentPoolName"


def differences(before: Task, after: Task, *, besides: tuple[str, ...]) -> list[str]:
    """The members in which two readings of a task differ, as paths (`trigger.timerTriggers.t1.schedule`).

    Left out are those below one of `besides`, and what the service alone writes. What is empty is the same as what is
    not there; the order of triggers, arguments and credentials, which have names, means nothing.
    """
    one, other = (dict(_leaves(as_json(task))) for task in (before, after))
    paths = sorted(path for path in {**one, **other} if one.get(path) != other.get(path))
    return [path for path in map(_shown, paths) if not _is_below(path, besides)]


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if path.endswith(_IDENTITIES):
                yield f"{path}.{key.lower()}", True
            else:
                yield from _leaves(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            name = item.get("name") if isinstance(item, Mapping) else None
            yield from _leaves(item, f"{path}.{name or number}")
    elif value is not None:
        yield path, value.lower() if path.endswith(_POOL) else value


def _shown(path: str) -> str:
    return path.removeprefix("properties.")


def _is_below(path: str, places: tuple[str, ...]) -> bool:
    return any(path == place or path.startswith(f"{place}.") for place in places)
