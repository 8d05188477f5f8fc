"""Task runs of a registry: requests for a run that are kept as resources, each with the run that it led to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypedDict
from urllib.parse import quote

from ..clock import Clock
from .arm import SECRET_OPTIONS, with_query
from .errors import NotFoundError, TaskRunNotFoundError
from .patience import REQUEST_BUDGET, ask_again
from .registries import missing_above, registry_not_found
from .replies import read_json

if TYPE_CHECKING:
    from .arm import ArmClient
    from .registries import RegistryId

__all__ = ["find_run_of"]


class _RunProperties(TypedDict, total=False):
    runId: str


class _RunReply(TypedDict, total=False):
    name: str
    properties: _RunProperties


class _TaskRunProperties(TypedDict, total=False):
    runResult: _RunReply


class _TaskRunReply(TypedDict, total=False):
    properties: _TaskRunProperties


def find_run_of(
    arm: ArmClient, registry: RegistryId, name: str, clock: Clock, *, tell: Callable[[str], None] = lambda _: None
) -> str:
    """The ID of the run that the task run called `name` led to last, "" if there is none yet.

    `tell` hears of waits that take long. Raises TaskRunNotFoundError and other AcrErrors.
    """
    # The request may hold what is secret.
    url = with_query(f"{registry.path}/taskRuns/{quote(name, safe='')}")
    try:
        body = ask_again(lambda: arm.send("GET", url, options=SECRET_OPTIONS).body, REQUEST_BUDGET, clock, tell=tell)
    except NotFoundError as error:
        if missing_above(error):
            raise registry_not_found(error, registry) from error
        raise TaskRunNotFoundError(name, registry.name, correlation_id=error.correlation_id) from error
    task_run = read_json(_TaskRunReply, body, "a task run")
    run = (task_run.get("properties") or {}).get("runResult") or {}
    return (run.get("properties") or {}).get("runId") or run.get("name") or ""
