"""Agent pools: `.../registries/{r}/agentPools` and their operations."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

from ..world.state import AgentPool, PoolOperation, SystemData
from .errors import resource_not_found, status_conflict
from .messages import ArmCall, Reply, keep_location, section, string_map
from .models import POOL as POOL_BODY
from .models import POOL_UPDATE
from .paging import page
from .pool_rules import check_new_pool, check_quota, check_unchanged, read_count, refuse_while_busy
from .resource_types import REGISTRY_TYPE
from .routing import REGISTRY, Route

__all__ = ["ROUTES"]

POOL = REGISTRY + "/agentPools/{pool}"


def list_pools(call: ArmCall) -> Reply:
    """Newest first, with the ID of the request that ARM made to collect them, as recorded."""
    reply = page(call, [pool.to_wire() for pool in reversed(call.parent_registry().pools.values())])
    return replace(reply, headers={**reply.headers, "x-ms-original-request-ids": str(uuid4())})


def get_pool(call: ArmCall) -> Reply:
    return Reply(200, call.pool().to_wire())


def put_pool(call: ArmCall) -> Reply:
    """Create, or scale when it exists: 201 with the operation, or 200 when nothing changes (assumed)."""
    registry, name, body = call.parent_registry(), call.params["pool"], call.json_object(POOL_BODY)
    existing = registry.pools.get(name.lower())
    call.check_conditions(existing is not None)
    if existing is not None:
        keep_location(body, existing.id, existing.location)
        return _put_existing(call, existing, body)
    check_new_pool(call.services.state, registry, name, body)
    properties = section(body, "properties")
    now = call.services.clock.now()
    pool = AgentPool(
        name=name,
        registry_id=registry.id,
        location=str(body["location"]),
        tier=str(properties.get("tier") or "S1").upper(),
        os="Linux",
        count=read_count(properties),
        system_data=SystemData(now, now),
        subnet_id=properties.get("virtualNetworkSubnetResourceId"),
        tags=string_map(body, "tags"),
    )
    operation = call.services.pools.create(registry, pool)
    return _accepted(call, operation, pool.to_wire(with_tags=False))


def _put_existing(call: ArmCall, pool: AgentPool, body: dict[str, Any]) -> Reply:
    properties, tags = section(body, "properties"), string_map(body, "tags")
    check_unchanged(pool, properties)
    unchanged = _is_as_asked(pool, properties, tags or {})
    if unchanged and pool.state == "Succeeded":
        return Reply(200, pool.to_wire())
    return _scale(call, pool, properties, tags or {})


def _is_as_asked(pool: AgentPool, properties: dict[str, Any], tags: dict[str, str] | None) -> bool:
    return read_count(properties, pool.count) == pool.count and tags in (None, pool.tags or {})


def patch_pool(call: ArmCall) -> Reply:
    """Scale or retag: takes `properties.count` and `tags`, and ignores all else (SDK)."""
    body, pool = call.json_object(POOL_UPDATE), call.pool()
    return _scale(call, pool, section(body, "properties"), string_map(body, "tags"))


def _scale(call: ArmCall, pool: AgentPool, properties: dict[str, Any], tags: dict[str, str] | None) -> Reply:
    """A request that arrives twice gets the operation that is under way; another one is refused (assumed)."""
    under_way = pool.operation
    if under_way is not None and under_way.status != "Deleting" and _is_as_asked(pool, properties, tags):
        return _accepted(call, under_way, pool.to_wire())
    refuse_while_busy(pool)
    if pool.state == "Failed":
        raise status_conflict(f"Agent pool '{pool.name}' is Failed and can't be updated. Delete and create it again.")
    registry = call.registry()
    count = read_count(properties, pool.count)
    check_quota(registry, pool.name, pool.tier, count)
    if tags is not None:
        pool.tags = tags
    operation = call.services.pools.update(registry, pool, count)
    return _accepted(call, operation, pool.to_wire())


def _accepted(call: ArmCall, operation: PoolOperation, body: dict[str, Any]) -> Reply:
    url = call.signed_url(f"{operation.pool.id}/operationStatuses/{operation.id}")
    headers = {"azure-asyncoperation": url, "retry-after": str(call.services.options.retry_after)}
    return Reply(201, body, headers)


def delete_pool(call: ArmCall) -> Reply:
    """202 with the registry-level Location, also for a second request (assumed); 204 when there is no such pool."""
    registry = call.registry()
    pool = registry.pools.get(call.params["pool"].lower())
    if pool is None:
        return Reply(204)
    operation = pool.operation
    if operation is None or operation.status != "Deleting":
        refuse_while_busy(pool)
        operation = call.services.pools.delete(registry, pool)
    headers = {
        "location": call.signed_url(f"{registry.id}/agentPoolsOperationResults/{operation.id}/status"),
        "retry-after": str(call.services.options.retry_after),
    }
    return Reply(202, pool.to_wire(), headers)


def operation_status(call: ArmCall) -> Reply:
    """Nothing but the status in the body, and no Retry-After; `error` of a Failed one is assumed."""
    call.verify_signature()
    operation = _operation(call)
    error = {"error": {"code": "AgentPoolError", "message": operation.error}} if operation.error else {}
    return Reply(200, {"status": operation.status, **error})


def delete_result(call: ArmCall) -> Reply:
    """202 with the body `null` and a freshly signed Location until the pool is gone, then 204."""
    call.verify_signature()
    if _operation(call).done:
        return Reply(204)
    return Reply(202, None, {"location": call.signed_url(call.path)})


def _operation(call: ArmCall) -> PoolOperation:
    registry = call.registry()
    operation = call.services.state.pool_operations.get(call.params["operation"].lower())
    if operation is None or operation.pool.registry_id != registry.id:
        resource = f"{REGISTRY_TYPE}/{registry.name}/operations/{call.params['operation']}"
        raise resource_not_found(resource, call.params["group"])
    return operation


def list_queue_status(call: ArmCall) -> Reply:
    """Runs that wait for an agent of the pool. Whether running ones count on Azure is unknown (assumed: no)."""
    return Reply(200, {"count": _queued(call)})


def queue_status(call: ArmCall) -> Reply:
    """The older operation: a bare integer."""
    return Reply(200, _queued(call))


def _queued(call: ArmCall) -> int:
    pool = call.pool()
    runs = call.registry().runs.values()
    return sum(run.status == "Queued" and (run.pool or "").lower() == pool.name.lower() for run in runs)


ROUTES = (
    Route("GET", REGISTRY + "/agentPools", list_pools),
    Route("GET", POOL, get_pool),
    Route("PUT", POOL, put_pool),
    Route("PATCH", POOL, patch_pool),
    Route("DELETE", POOL, delete_pool),
    Route("GET", POOL + "/operationStatuses/{operation}", operation_status),
    Route("GET", REGISTRY + "/agentPoolsOperationResults/{operation}/status", delete_result),
    Route("POST", POOL + "/listQueueStatus", list_queue_status),
    Route("POST", POOL + "/queueStatus", queue_status),
    Route("GET", POOL + "/queueStatus", queue_status),
)
