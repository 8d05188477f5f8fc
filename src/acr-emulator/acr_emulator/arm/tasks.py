"""Tasks: `.../registries/{r}/tasks`. All of it is synchronous, as recorded."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

from ..clock import format_time
from ..world.state import SystemData, Task
from .errors import ArmError, location_required
from .messages import ArmCall, Reply, section, string_map
from .paging import page
from .resource_types import REGISTRY_TYPE
from .routing import REGISTRY, Route
from .task_rules import check_agent, check_task, merged, with_defaults, without_secrets

__all__ = ["ROUTES", "identity_of", "refuse_blocked_tasks"]

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


def refuse_blocked_tasks(call: ArmCall) -> None:
    """Subscriptions on which tasks are not permitted (reported)."""
    registry = call.registry()
    if not registry.spec.tasks_allowed:
        raise ArmError(
            400,
            "TasksOperationsNotAllowed",
            f"ACR Tasks requests for the registry {registry.name} and {registry.spec.subscription_id} are not "
            "permitted. Please file an Azure support request at http://aka.ms/azuresupport for further assistance.",
            target="request",
        )


def identity_of(call: ArmCall, body: dict[str, Any], owner: str) -> dict[str, Any] | None:
    """The identity of a task or task run: a system-assigned one gets a principal and the tenant; None when absent."""
    identity = section(body, "identity")
    kind = str(identity.get("type", "None"))
    if kind == "None":
        return None
    shown: dict[str, Any] = {}
    if "SystemAssigned" in kind:
        tenant = next(
            spec.tenant_id for spec in call.services.state.world.subscriptions if spec.id == call.subscription()
        )
        shown = {"principalId": str(uuid5(NAMESPACE_URL, owner.lower())), "tenantId": tenant}
    shown["type"] = kind
    if assigned := section(identity, "userAssignedIdentities"):
        shown["userAssignedIdentities"] = {
            key: {"principalId": str(uuid5(NAMESPACE_URL, key)), "clientId": str(uuid5(NAMESPACE_URL, key + "#client"))}
            for key, value in assigned.items()
            if value is not None
        }
    return shown


def list_tasks(call: ArmCall) -> Reply:
    """All tasks, with the ID of the request that ARM made to collect them, as recorded."""
    reply = page(call, [task_body(task) for task in call.registry().tasks.values()])
    return replace(reply, headers={**reply.headers, "x-ms-original-request-ids": str(uuid4())})


def get_task(call: ArmCall) -> Reply:
    return Reply(200, task_body(find_task(call)))


def list_details(call: ArmCall) -> Reply:
    return Reply(200, task_body(find_task(call), secrets=True))


def put_task(call: ArmCall) -> Reply:
    """Create or replace; 200 in both cases."""
    refuse_blocked_tasks(call)
    registry, name, body = call.registry(), call.params["task"], call.json_object()
    properties = section(body, "properties")
    check_task(name, properties, allow_cpu_with_pool=registry.spec.allow_cpu_with_pool)
    if not isinstance(body.get("location"), str):
        raise location_required()
    now = call.services.clock.now()
    old = registry.tasks.get(name.lower())
    read_only = {"provisioningState", "creationDate"}
    task = Task(
        name=name if old is None else old.name,
        registry_id=registry.id,
        location=body["location"],
        properties=with_defaults({key: value for key, value in properties.items() if key not in read_only}),
        system_data=SystemData(now if old is None else old.system_data.created_at, now),
        creation_date=now if old is None else old.creation_date,
        tags=string_map(body, "tags"),
    )
    task.properties.get("step", {}).pop("baseImageDependencies", None)
    task.identity = identity_of(call, body, task.id)
    registry.tasks[name.lower()] = task
    call.services.timers.plan(registry, task)
    return Reply(200, task_body(task))


def patch_task(call: ArmCall) -> Reply:
    """Merge. Only a PATCH that has `properties` changes them, and with them the pool (assumed)."""
    refuse_blocked_tasks(call)
    registry, task, body = call.registry(), find_task(call), call.json_object()
    tags = string_map(body, "tags")
    if "properties" in body:
        patch = section(body, "properties")
        check_agent(patch, "taskUpdateParameters", allow_cpu_with_pool=registry.spec.allow_cpu_with_pool)
        properties = merged(task.properties, patch)
        check_task(task.name, properties, allow_cpu_with_pool=True)
        task.properties = properties
    if tags is not None:
        task.tags = tags
    if "identity" in body:
        task.identity = identity_of(call, body, task.id)
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
