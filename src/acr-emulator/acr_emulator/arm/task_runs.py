"""Task runs: `.../registries/{r}/taskRuns`, a run request kept as a resource together with the run it led to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..world.state import Registry, SystemData, TaskRun
from .errors import invalid_input
from .identities import changed_identity, identity_of
from .messages import ArmCall, Reply, keep_location, section, string_map
from .models import TASK_RUN as TASK_RUN_BODY
from .paging import page
from .resource_types import REGISTRY_TYPE
from .routing import REGISTRY, Route
from .run_requests import new_run, read_request
from .runs import run_body
from .task_rules import without_secrets
from .tasks import refuse_blocked_tasks

__all__ = ["ROUTES"]

NAME = re.compile(r"[a-zA-Z0-9-]{5,50}")
"""SDK: length 5 to 50, ^[a-zA-Z0-9-]*$."""

TASK_RUN = REGISTRY + "/taskRuns/{taskrun}"
STATES = {"Queued": "Creating", "Started": "Creating", "Running": "Creating", "Succeeded": "Succeeded"}
"""The provisioning state by the run's status; Canceled stays Canceled and any other end is Failed (assumed)."""


def task_run_body(task_run: TaskRun, *, secrets: bool = False) -> dict[str, Any]:
    """The task run, with its run as it is now; with `secrets` as listDetails shows it."""
    run = task_run.run
    state = STATES.get(run.status) or ("Canceled" if run.status == "Canceled" else "Failed")
    properties = {
        "provisioningState": state,
        "runRequest": _shown_request(task_run.request if secrets else without_secrets(task_run.request)),
        "runResult": run_body(run, with_system_data=False),
        "forceUpdateTag": task_run.force_update_tag,
    }
    return {
        "type": f"{REGISTRY_TYPE}/taskRuns",
        **({"identity": task_run.identity} if task_run.identity else {}),
        "properties": {key: value for key, value in properties.items() if value is not None},
        **({"location": task_run.location} if task_run.location else {}),
        **({"tags": task_run.tags} if task_run.tags else {}),
        "id": task_run.id,
        "name": task_run.name,
        **({"systemData": task_run.system_data.to_wire()} if task_run.system_data else {}),
    }


def _shown_request(request: Mapping[str, Any]) -> dict[str, Any]:
    """The request as it is kept: without what is empty or off, and with a build's `noCache` (recorded)."""
    defaults = {"noCache": False} if request.get("type") == "DockerBuildRequest" else {}
    shown = {key: value for key, value in request.items() if value not in ({}, []) and key != "isArchiveEnabled"}
    archived = {"isArchiveEnabled": True} if request.get("isArchiveEnabled") else {}
    return {**defaults, **shown, **archived}


def find_task_run(call: ArmCall) -> TaskRun:
    """The task run in the path. Raises ArmError."""
    task_run = call.registry().task_runs.get(call.params["taskrun"].lower())
    if task_run is None:
        raise call.child_not_found("taskRuns", call.params["taskrun"])
    return task_run


def put_task_run(call: ArmCall) -> Reply:
    """201 for a new one, 200 after. An existing one runs again only for another request or forceUpdateTag."""
    registry, name, body = call.parent_registry(), call.params["taskrun"], call.json_object(TASK_RUN_BODY)
    refuse_blocked_tasks(registry)
    if not NAME.fullmatch(name):
        raise invalid_input("taskRunCreateParameters", f"Name:'{name}' must be 5 to 50 letters, digits or hyphens.")
    properties = section(body, "properties")
    request, tag = read_request(section(properties, "runRequest")), properties.get("forceUpdateTag")
    old = registry.task_runs.get(name.lower())
    call.check_conditions(old is not None)
    if old is None:
        now = call.services.clock.now()
        task_run = TaskRun(name, registry.id, request, new_run(registry, request, now), location=body.get("location"))
        task_run.force_update_tag = tag
        task_run.tags = string_map(body, "tags")
        task_run.identity = identity_of(call, body, task_run.id)
        task_run.system_data = SystemData(now, now)
        call.services.scheduler.submit(task_run.run)
        registry.task_runs[name.lower()] = task_run
        return Reply(201, task_run_body(task_run))
    keep_location(body, old.id, old.location)
    old.tags = string_map(body, "tags")
    old.identity = identity_of(call, body, old.id)
    _run_again(call, registry, old, request, tag)
    return Reply(200, task_run_body(old))


def patch_task_run(call: ArmCall) -> Reply:
    """Merge: what the body leaves out stays. Runs again as a PUT does (assumed: at once, 200)."""
    registry, task_run, body = call.registry(), find_task_run(call), call.json_object(TASK_RUN_BODY)
    refuse_blocked_tasks(registry)
    keep_location(body, task_run.id, task_run.location)
    properties = section(body, "properties")
    given = section(properties, "runRequest")
    request = read_request({"type": task_run.request["type"], **given}) if given else task_run.request
    if given and request["type"] == task_run.request["type"]:
        request = {**task_run.request, **request}
    _run_again(call, registry, task_run, request, properties.get("forceUpdateTag") or task_run.force_update_tag)
    if (tags := string_map(body, "tags")) is not None:
        task_run.tags = tags
    task_run.identity = changed_identity(call, body, task_run.id, task_run.identity)
    return Reply(200, task_run_body(task_run))


def _run_again(
    call: ArmCall, registry: Registry, task_run: TaskRun, request: dict[str, Any], force_update_tag: str | None
) -> None:
    """Take over a request and a tag; run if one of them is another than before."""
    now = call.services.clock.now()
    if (task_run.request, task_run.force_update_tag) != (request, force_update_tag):
        run = new_run(registry, request, now)
        task_run.request, task_run.force_update_tag, task_run.run = request, force_update_tag, run
        call.services.scheduler.submit(run)
    if task_run.system_data is not None:
        task_run.system_data.modified_at = now


def list_task_runs(call: ArmCall) -> Reply:
    return page(call, [task_run_body(task_run) for task_run in call.parent_registry().task_runs.values()])


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
    Route("PATCH", TASK_RUN, patch_task_run),
    Route("DELETE", TASK_RUN, delete_task_run),
    Route("POST", TASK_RUN + "/listDetails", list_details),
)
