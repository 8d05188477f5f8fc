"""From a run request to a run: what is asked for is checked, and a task's step is put in its place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..clock import format_time
from ..world.state import Registry, Run, SystemData, Task
from .errors import ArmError, invalid_content, resource_not_found
from .messages import named_items, required, section
from .models import RUN_REQUESTS
from .resource_types import REGISTRY_TYPE
from .shapes import shaped
from .task_rules import check_agent, check_image_names, unknown_pool

__all__ = ["auto_run", "new_run", "read_request"]

TASK_ID = re.compile(
    r"/subscriptions/[^/]+/resourceGroups/(?P<group>[^/]+)/providers/Microsoft\.ContainerRegistry"
    r"/registries/(?P<registry>[^/]+)/tasks/(?P<task>[^/]+)",
    re.IGNORECASE,
)
REQUIRED_FIELDS = {
    "DockerBuildRequest": "dockerFilePath",
    "FileTaskRunRequest": "taskFilePath",
    "EncodedTaskRunRequest": "encodedTaskContent",
    "TaskRunRequest": "taskId",
}
REQUEST_OF_STEP = {
    "Docker": "DockerBuildRequest",
    "FileTask": "FileTaskRunRequest",
    "EncodedTask": "EncodedTaskRunRequest",
}
POOL_OF_TASK_RUN = "You cannot set the agent pool name in the task run request. Please set the name on the task"
"""Text reported (Azure/acr#694); code assumed, and that it is the same for the pool that the task has."""
DEFAULT_TIMEOUT = 3600
LONGEST_TIMEOUT = 28800
"""Seconds; SDK: 300 to 28,800, and 3,600 unless given. Shorter ones are accepted here, so that tests can be quick."""


@dataclass(frozen=True)
class _Plan:
    """What a run needs to know, whichever way it was asked for."""

    request: Mapping[str, Any]
    platform: dict[str, str]
    timeout: float
    pool: str | None
    credentials: Mapping[str, Any]
    task: str | None = None
    token: str | None = None


def new_run(registry: Registry, body: Mapping[str, Any], now: datetime) -> Run:
    """The run that `scheduleRun` is asked for, not yet queued. Raises ArmError."""
    body = read_request(body)
    kind = str(body["type"])
    required(body, REQUIRED_FIELDS[kind], kind)
    check_agent(body, "runRequest", allow_cpu_with_pool=registry.spec.allow_cpu_with_pool)
    check_image_names(body, "runRequest", kind)
    plan = _task_plan(registry, body) if kind == "TaskRunRequest" else _quick_plan(body)
    return _run(registry, plan, now, archived=bool(body.get("isArchiveEnabled", False)))


def read_request(body: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a run request that its type knows, without nulls. Raises ArmError."""
    kind = body.get("type")
    if not isinstance(kind, str) or kind not in RUN_REQUESTS:
        raise invalid_content(f"'type' must be one of {', '.join(RUN_REQUESTS)}.")
    request: dict[str, Any] = shaped(body, RUN_REQUESTS[kind], kind)
    return {key: value for key, value in request.items() if value is not None}


def auto_run(registry: Registry, task: Task, now: datetime, timer: str, due: datetime) -> Run:
    """The run that a timer trigger starts."""
    run = _run(registry, _step_plan(task, {}, None), now)
    run.run_type = "AutoRun"
    run.trigger = {"timerTrigger": {"timerTriggerName": timer, "scheduleOccurrence": format_time(due)}}
    return run


def _run(registry: Registry, plan: _Plan, now: datetime, *, archived: bool = False) -> Run:
    if plan.pool is not None and plan.pool.lower() not in registry.pools:
        raise unknown_pool(plan.pool)
    return Run(
        id=registry.next_run_id(),
        registry=registry,
        request=plan.request,
        system_data=SystemData(None, now),
        created=now,
        updated=now,
        task=plan.task,
        pool=None if plan.pool is None else registry.pools[plan.pool.lower()].name,
        timeout=plan.timeout,
        platform=plan.platform,
        archived=archived,
        custom_registries=list(section(plan.credentials, "customRegistries")) or None,
        source_registry_auth=section(plan.credentials, "sourceRegistry").get("loginMode"),
        update_trigger_token=plan.token,
    )


def _quick_plan(body: Mapping[str, Any]) -> _Plan:
    platform = section(body, "platform")
    required(platform, "os", "platform")
    for key in ("arguments", "values"):
        named_items(body, key)
    return _Plan(
        request=body,
        platform=platform,
        timeout=_timeout(body),
        pool=body.get("agentPoolName") or None,
        credentials=section(body, "credentials"),
    )


def _task_plan(registry: Registry, body: Mapping[str, Any]) -> _Plan:
    task_id = required(body, "taskId", "TaskRunRequest")
    match = TASK_ID.fullmatch(task_id)
    if match is None:
        raise invalid_content(f"'taskId' is not the ID of a task: '{task_id}'.")
    task = registry.tasks.get(match["task"].lower())
    if task is None or match["registry"].lower() != registry.name.lower():
        resource = f"{REGISTRY_TYPE}/{match['registry']}/tasks/{match['task']}"
        raise resource_not_found(resource, match["group"])
    if task.properties.get("status") == "Disabled":
        raise ArmError(400, "TaskDisabled", f"Task '{task.name}' is disabled.", target="request")
    pool = body.get("agentPoolName") or None
    if pool and not registry.spec.allow_pool_in_task_run:
        raise ArmError(400, "InvalidInputValue", POOL_OF_TASK_RUN, target="request")
    return _step_plan(task, section(body, "overrideTaskStepProperties"), pool)


def _step_plan(task: Task, overrides: Mapping[str, Any], pool: str | None) -> _Plan:
    properties = task.properties
    step = {key: value for key, value in section(properties, "step").items() if key != "contextPath"}
    kind = str(step.get("type", ""))
    request: dict[str, Any] = {**step, "type": REQUEST_OF_STEP.get(kind, kind)}
    request["sourceLocation"] = overrides.get("contextPath") or section(properties, "step").get("contextPath")
    if file := overrides.get("file"):
        request["dockerFilePath" if kind == "Docker" else "taskFilePath"] = file
    if target := overrides.get("target"):
        request["target"] = target
    for key in ("arguments", "values"):
        by_name = {item["name"]: item for item in [*named_items(step, key), *named_items(overrides, key)]}
        if by_name:
            request[key] = list(by_name.values())
    request["platform"] = section(properties, "platform")
    request["credentials"] = section(properties, "credentials")
    return _Plan(
        request=request,
        platform=section(properties, "platform"),
        timeout=_timeout(properties),
        pool=pool or properties.get("agentPoolName") or None,
        credentials=section(properties, "credentials"),
        task=task.name,
        token=overrides.get("updateTriggerToken"),
    )


def _timeout(body: Mapping[str, Any]) -> float:
    timeout = body.get("timeout") or DEFAULT_TIMEOUT
    if isinstance(timeout, bool) or not isinstance(timeout, (int, float)) or not 0 < timeout <= LONGEST_TIMEOUT:
        raise invalid_content(f"'timeout' must be a number of seconds up to {LONGEST_TIMEOUT}.")
    return float(timeout)
