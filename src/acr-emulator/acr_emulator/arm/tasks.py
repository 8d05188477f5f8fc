"""Tasks: `.../registries/{r}/tasks`. All of it is synchronous, as recorded."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

from ..clock import format_time
from ..world.state import Registry, SystemData, Task
from .errors import ArmError
from .identities import changed_identity, identity_of
from .messages import ArmCall, Reply, keep_location, new_location, section, string_map
from .models import TASK as TASK_BODY
from .paging import page
from .resource_types import REGISTRY_TYPE
from .routing import REGISTRY, Route
from .task_rules import check_agent, check_task, merged, with_defaults, without_secrets

__all__ = ["ROUTES", "refuse_blocked_tasks"]

TASK = REGISTRY + "/tasks/{task}"
PROPERTY_ORDER = (
    "status",
    "platform",
    "agentConfiguration",
    "agentPoolName",
    "timeout",
    "step",
    "trigger",
    "credentials",
    "logTemplate",
    "isSystemTask",
)


def task_body(task: Task, *, secrets: bool = False) -> dict[str, Any]:
    """The task; with `secrets` as listDetails shows it."""
    given = task.properties if secrets else without_secrets(task.properties)
    properties = {
        "provisioningState": "Succeeded",
        "creationDate": format_time(task.creation_date),
        **{key: given[key] for key in PROPERTY_ORDER if key in given and not (key == "credentials" and not given[key])},
    }
    if task.base_image_dependencies and "step" in properties:
        properties["step"] = {**properties["step"], "baseImageDependencies": task.base_image_dependencies}
    return {
        "type": f"{REGISTRY_TYPE}/tasks",
        **({"identity": task.identity} if task.identity else {}),
        "properties": properties,
        "id": task.id,
        "name": task.name,
        "location": task.location,
        **({"tags": task.tags} if task.tags else {}),
        "systemData": task.system_data.to_wire(),
    }


def find_task(call: ArmCall) -> Task:
    """The task in the path. Raises ArmError."""
    task = call.registry().tasks.get(call.params["task"].lower())
    if task is None:
        raise call.child_not_found("tasks", call.params["task"])
    return task


def refuse_blocked_tasks(registry: Registry) -> None:
    """Subscriptions on which tasks are not permitted (reported). Raises ArmError."""
    if not registry.spec.tasks_allowed:
        raise ArmError(
            400,
            "TasksOperationsNotAllowed",
            f"ACR Tasks requests for the registry {registry.name} and {registry.spec.subscription_id} are not "
            "permitted. Please file an Azure support request at http://aka.ms/azuresupport for further assistance.",
            target="request",
        )


def list_tasks(call: ArmCall) -> Reply:
    """All tasks, with the ID of the request that ARM made to collect them, as recorded."""
    reply = page(call, [task_body(task) for task in call.parent_registry().tasks.values()])
    return replace(reply, headers={**reply.headers, "x-ms-original-request-ids": str(uuid4())})


def get_task(call: ArmCall) -> Reply:
    return Reply(200, task_body(find_task(call)))


def list_details(call: ArmCall) -> Reply:
    return Reply(200, task_body(find_task(call), secrets=True))


def put_task(call: ArmCall) -> Reply:
    """Create or replace; 200 in both cases."""
    registry, name, body = call.parent_registry(), call.params["task"], call.json_object(TASK_BODY)
    refuse_blocked_tasks(registry)
    properties = section(body, "properties")
    old = registry.tasks.get(name.lower())
    call.check_conditions(old is not None)
    if old is not None:
        keep_location(body, old.id, old.location)
    check_task(name, properties, allow_cpu_with_pool=registry.spec.allow_cpu_with_pool)
    now = call.services.clock.now()
    task = Task(
        name=name if old is None else old.name,
        registry_id=registry.id,
        location=new_location(body),
        properties=with_defaults(properties),
        system_data=SystemData(now if old is None else old.system_data.created_at, now),
        creation_date=now if old is None else old.creation_date,
        tags=string_map(body, "tags"),
    )
    task.identity = identity_of(call, body, task.id)
    registry.tasks[name.lower()] = task
    call.services.timers.plan(registry, task)
    return Reply(200, task_body(task))


def patch_task(call: ArmCall) -> Reply:
    """Merge. Only a PATCH that has `properties` changes them, and with them the pool (assumed)."""
    registry, task, body = call.registry(), find_task(call), call.json_object(TASK_BODY)
    refuse_blocked_tasks(registry)
    tags = string_map(body, "tags")
    if "properties" in body:
        patch = section(body, "properties")
        check_agent(patch, "taskUpdateParameters", allow_cpu_with_pool=registry.spec.allow_cpu_with_pool)
        properties = merged(task.properties, patch)
        check_task(task.name, properties, allow_cpu_with_pool=True)
        task.properties = properties
    if tags is not None:
        task.tags = tags
    task.identity = changed_identity(call, body, task.id, task.identity)
    task.system_data.modified_at = call.services.clock.now()
    call.services.timers.plan(registry, task)
    return Reply(200, task_body(task))


def delete_task(call: ArmCall) -> Reply:
    """200 without a body (recorded), 204 when there is none (SDK)."""
    task = call.registry().tasks.pop(call.params["task"].lower(), None)
    if task is None:
        return Reply(204)
    call.services.timers.forget(task)
    return Reply(200)


ROUTES = (
    Route("GET", REGISTRY + "/tasks", list_tasks),
    Route("GET", TASK, get_task),
    Route("PUT", TASK, put_task),
    Route("PATCH", TASK, patch_task),
    Route("DELETE", TASK, delete_task),
    Route("POST", TASK + "/listDetails", list_details),
)
