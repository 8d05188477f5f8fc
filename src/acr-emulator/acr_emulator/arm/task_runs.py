"""Task runs: `.../registries/{r}/taskRuns`, a run request kept as a resource together with the run it led to."""

from __future__ import annotations

from typing import Any

from ..world.state import SystemData, TaskRun
from .messages import ArmCall, Reply, section, string_map
from .paging import page
from .resource_types import REGISTRY_TYPE
from .routing import REGISTRY, Route
from .run_requests import new_run
from .runs import run_body
from .task_rules import without_secrets
from .tasks import identity_of, refuse_blocked_tasks

__all__ = ["ROUTES"]

TASK_RUN = REGISTRY + "/taskRuns/{taskrun}"
STATES = {"Queued": "Creating", "Started": "Creating", "Running": "Creating", "Succeeded": "Succeeded"}
"""The provisioning state by the run's status; Canceled stays Canceled and any other end is Failed (assumed)."""


def task_run_body(task_run: TaskRun, *, secrets: bool = False) -> dict[str, Any]:
    """The task run, with its run as it is now; with `secrets` as listDetails shows it."""
    run = task_run.run
    state = STATES.get(run.status) or ("Canceled" if run.status == "Canceled" else "Failed")
    request = task_run.request if secrets else without_secrets(task_run.request)
    properties = {
        "provisioningState": state,
        # The published example echoes isArchiveEnabled though the request leaves it out.
        "runRequest": {**request, "isArchiveEnabled": run.archived},
        "runResult": run_body(run),
        "forceUpdateTag": task_run.force_update_tag,
    }
    return {
        "type": f"{REGISTRY_TYPE}/taskRuns",
        **({"identity": task_run.identity} if task_run.identity else {}),
        "properties": {key: value for key, value in properties.items() if value is not None},
        "id": task_run.id,
        "name": task_run.name,
        **({"location": task_run.location} if task_run.location else {}),
        **({"tags": task_run.tags} if task_run.tags else {}),
        **({"systemData": task_run.system_data.to_wire()} if task_run.system_data else {}),
    }


def find_task_run(call: ArmCall) -> TaskRun:
    """The task run in the path. Raises ArmError."""
    task_run = call.registry().task_runs.get(call.params["taskrun"].lower())
    if task_run is None:
        raise call.child_not_found("taskRuns", call.params["taskrun"])
    return task_run


def put_task_run(call: ArmCall) -> Reply:
    """201 for a new one, 200 after. An existing one runs again only for another request or forceUpdateTag."""
    refuse_blocked_tasks(call)
    registry, name, body = call.registry(), call.params["taskrun"], call.json_object()
    properties = section(body, "properties")
    request, tag = section(properties, "runRequest"), properties.get("forceUpdateTag")
    old = registry.task_runs.get(name.lower())
    if old is not None and (old.request, old.force_update_tag) == (request, tag):
        return Reply(200, task_run_body(old))
    now = call.services.clock.now()
    run = new_run(registry, request, now)
    call.services.scheduler.submit(run)
    task_run = TaskRun(
        name=name,
        registry_id=registry.id,
        request=request,
        run=run,
        location=body.get("location"),
        force_update_tag=tag,
        tags=string_map(body, "tags"),
        system_data=SystemData(now, now),
    )
    task_run.identity = identity_of(call, body, task_run.id)
    registry.task_runs[name.lower()] = task_run
    return Reply(201 if old is None else 200, task_run_body(task_run))


def list_task_runs(call: ArmCall) -> Reply:
    return page(call, [task_run_body(task_run) for task_run in call.registry().task_runs.values()])


def get_task_run(call: ArmCall) -> Reply:
    return Reply(200, task_run_body(find_task_run(call)))


def list_details(call: ArmCall) -> Reply:
    return Reply(200, task_run_body(find_task_run(call), secrets=True))


def delete_task_run(call: ArmCall) -> Reply:
    """200 without a body, 204 when there is none (SDK)."""
    gone = call.registry().task_runs.pop(call.params["taskrun"].lower(), None)
    return Reply(204 if gone is None else 200)


ROUTES = (
    Route("GET", REGISTRY + "/taskRuns", list_task_runs),
    Route("GET", TASK_RUN, get_task_run),
    Route("PUT", TASK_RUN, put_task_run),
    Route("DELETE", TASK_RUN, delete_task_run),
    Route("POST", TASK_RUN + "/listDetails", list_details),
)
