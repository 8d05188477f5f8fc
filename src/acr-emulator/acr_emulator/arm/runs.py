"""Runs: scheduling, reading, listing, canceling, and where their context and log are."""

from __future__ import annotations

from typing import Any

from ..clock import format_time
from ..world.state import Run
from .messages import ArmCall, Reply, section
from .models import RUN_UPDATE
from .odata import select
from .paging import page
from .resource_types import REGISTRY_TYPE
from .routing import REGISTRY, Route
from .run_requests import new_run
from .tasks import refuse_blocked_tasks

__all__ = ["ROUTES", "run_body"]

RUN = REGISTRY + "/runs/{run}"


def run_body(run: Run, *, with_system_data: bool = True) -> dict[str, Any]:
    """A run as GET shows it: what has not happened yet has no member. Within a task run it has no `systemData`."""
    properties: dict[str, Any] = {
        **_core(run),
        "runType": run.run_type,
        "agentPoolName": run.pool,
        "createTime": format_time(run.created),
        "startTime": None if run.started is None else format_time(run.started),
        "finishTime": None if run.finished is None else format_time(run.finished),
        "outputImages": run.output_images,
        "task": run.task,
        **run.trigger,
        "platform": run.platform,
        # Assumed: a run on a pool has no cpu of its own.
        "agentConfiguration": None if run.pool else {"cpu": run.cpu},
        # Recorded: the mode of the login, where the request or the task names one.
        "sourceRegistryAuth": run.source_registry_auth,
        "customRegistries": run.custom_registries,
        "runErrorMessage": run.error_message,
        "updateTriggerToken": run.update_trigger_token,
        "provisioningState": "Succeeded",
        "isArchiveEnabled": run.archived,
    }
    shown = _resource(run, {key: value for key, value in properties.items() if value is not None})
    return {**shown, "systemData": run.system_data.to_wire()} if with_system_data else shown


def _core(run: Run) -> dict[str, Any]:
    updated = run.updated.replace(microsecond=0)
    return {"runId": run.id, "status": run.status, "lastUpdatedTime": format_time(updated)}


def _resource(run: Run, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": f"{REGISTRY_TYPE}/runs",
        "properties": properties,
        "id": run.resource_id,
        "name": run.id,
    }


def find_run(call: ArmCall) -> Run:
    """The run in the path. Raises ArmError."""
    run = call.registry().runs.get(call.params["run"].lower())
    if run is None:
        raise call.child_not_found("runs", call.params["run"])
    return run


def schedule_run(call: ArmCall) -> Reply:
    """Queue a run: 200 with the short form, in which it is Queued whatever it does next. Every call queues another."""
    refuse_blocked_tasks(call.registry())
    run = new_run(call.registry(), call.json_object(), call.services.clock.now())
    short = {**_core(run), "provisioningState": "Succeeded", "isArchiveEnabled": run.archived}
    call.services.scheduler.submit(run)
    return Reply(200, {**_resource(run, short), "systemData": run.system_data.to_wire()})


def list_runs(call: ArmCall) -> Reply:
    """Newest first. `$filter` knows the fields of the SDK's run filter and AgentPoolName (assumed)."""
    fields = {
        "RunId": lambda run: run.id,
        "RunType": lambda run: run.run_type,
        "Status": lambda run: run.status,
        "CreateTime": lambda run: format_time(run.created),
        "FinishTime": lambda run: "" if run.finished is None else format_time(run.finished),
        "OutputImageManifests": _manifests,
        "IsArchiveEnabled": lambda run: str(run.archived).lower(),
        "TaskName": lambda run: run.task or "",
        "AgentPoolName": lambda run: run.pool or "",
    }
    newest_first = reversed(call.parent_registry().runs.values())
    return page(call, select(newest_first, call.query.get("$filter", ""), fields), run_body)


def _manifests(run: Run) -> str:
    images = run.output_images or []
    return ",".join(f"{image['repository']}@{image.get('digest', '')}" for image in images)


def get_run(call: ArmCall) -> Reply:
    return Reply(200, run_body(find_run(call)))


def patch_run(call: ArmCall) -> Reply:
    """Takes isArchiveEnabled, here or under `properties`; the run then has a creator, as recorded."""
    run, body = find_run(call), call.json_object(RUN_UPDATE)
    wanted = body.get("isArchiveEnabled", section(body, "properties").get("isArchiveEnabled"))
    now = call.services.clock.now()
    if wanted is not None:
        run.archived = wanted
    run.updated = now
    run.system_data.created_at = run.system_data.modified_at = now
    return Reply(200, run_body(run))


def cancel_run(call: ArmCall) -> Reply:
    """200 without a body. A run that has ended stays as it is (assumed: 200 too)."""
    call.services.scheduler.cancel(find_run(call))
    return Reply(200)


def log_link(call: ArmCall) -> Reply:
    """A link is given out before the log exists. Assumed: an artifact is read like the blob, at a URL of its own."""
    run = find_run(call)
    link = call.services.storage.log_link(run, call.services.clock.now())
    return Reply(200, {"logArtifactLink" if run.registry.spec.customer_managed_key else "logLink": link})


def upload_url(call: ArmCall) -> Reply:
    registry = call.registry()
    refuse_blocked_tasks(registry)
    relative, url = call.services.storage.upload_target(registry, call.services.clock.now())
    return Reply(200, {"relativePath": relative, "uploadUrl": url})


ROUTES = (
    Route("POST", REGISTRY + "/listBuildSourceUploadUrl", upload_url),
    Route("POST", REGISTRY + "/scheduleRun", schedule_run),
    Route("GET", REGISTRY + "/runs", list_runs),
    Route("GET", RUN, get_run),
    Route("PATCH", RUN, patch_run),
    Route("POST", RUN + "/cancel", cancel_run),
    Route("POST", RUN + "/listLogSasUrl", log_link),
)
