"""Registries: `.../providers/Microsoft.ContainerRegistry/registries`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from uuid import uuid1

from ..clock import format_time
from ..world import RegistrySpec
from ..world.network import private_endpoints_of
from ..world.state import Registry, SystemData, find
from .errors import ArmError, invalid_content, location_required
from .messages import ArmCall, Reply, section, string_map
from .paging import page
from .resource_types import REGISTRY_TYPE
from .routing import GROUP, REGISTRY, Route

__all__ = ["ROUTES", "sku_body"]

SKUS = ("Basic", "Standard", "Premium")
NAME = re.compile(r"[a-zA-Z0-9]{5,50}")
SUBSCRIPTION = "/subscriptions/{subscription}"


def sku_body(registry: Registry) -> dict[str, str]:
    """`sku` as registries and the resource list show it."""
    return {"name": registry.spec.sku, "tier": registry.spec.sku}


def registry_body(call: ArmCall, registry: Registry) -> dict[str, Any]:
    """The registry as recorded, plus the members of newer api-versions that pools and tasks depend on."""
    return {
        "sku": sku_body(registry),
        "type": REGISTRY_TYPE,
        "id": registry.id,
        "name": registry.name,
        "location": registry.spec.location,
        "tags": dict(registry.spec.tags),
        "systemData": registry.system_data.to_wire(),
        "properties": _properties(registry, private_endpoints_of(call.services.state.documents, registry.id)),
    }


def _properties(registry: Registry, private_endpoints: Iterable[str]) -> dict[str, Any]:
    spec = registry.spec
    created = registry.system_data.created_at or registry.system_data.modified_at
    return {
        "loginServer": registry.login_server,
        "creationDate": format_time(created, "Z"),
        "provisioningState": registry.state,
        "adminUserEnabled": registry.admin_user_enabled,
        "networkRuleSet": dict(spec.network_rule_set),
        "policies": _policies(format_time(created)),
        "encryption": {"status": "disabled"},
        "dataEndpointEnabled": False,
        "dataEndpointHostNames": [],
        "privateEndpointConnections": [_connection(registry, endpoint) for endpoint in private_endpoints],
        "publicNetworkAccess": spec.public_network_access,
        "networkRuleBypassOptions": spec.network_rule_bypass_options,
        "networkRuleBypassAllowedForTasks": spec.network_rule_bypass_allowed_for_tasks,
        "zoneRedundancy": "Disabled",
        "anonymousPullEnabled": registry.anonymous_pull_enabled,
        "roleAssignmentMode": spec.role_assignment_mode,
    }


def _connection(registry: Registry, endpoint_id: str) -> dict[str, Any]:
    """Approved at once, as when both belong to the same subscription."""
    name = f"{endpoint_id.rpartition('/')[2]}.connection"
    return {
        "id": f"{registry.id}/privateEndpointConnections/{name}",
        "name": name,
        "type": f"{REGISTRY_TYPE}/privateEndpointConnections",
        "properties": {
            "privateEndpoint": {"id": endpoint_id},
            "privateLinkServiceConnectionState": {"status": "Approved", "actionsRequired": "None"},
            "provisioningState": "Succeeded",
        },
    }


def _policies(updated: str) -> dict[str, Any]:
    return {
        "quarantinePolicy": {"status": "disabled"},
        "trustPolicy": {"type": "Notary", "status": "disabled"},
        "retentionPolicy": {"days": 7, "lastUpdatedTime": updated, "status": "disabled"},
        "exportPolicy": {"status": "enabled"},
        "azureADAuthenticationAsArmPolicy": {"status": "enabled"},
        "softDeletePolicy": {"retentionDays": 7, "lastUpdatedTime": updated, "status": "disabled"},
    }


def list_in_subscription(call: ArmCall) -> Reply:
    registries = call.services.state.registries_in(call.subscription())
    return page(call, [registry_body(call, registry) for registry in registries])


def list_in_group(call: ArmCall) -> Reply:
    registries = call.services.state.registries_in(call.subscription(), call.group())
    return page(call, [registry_body(call, registry) for registry in registries])


def get_registry(call: ArmCall) -> Reply:
    return Reply(200, registry_body(call, call.registry()))


def put_registry(call: ArmCall) -> Reply:
    """Create (201 and an operation, as recorded) or update (200, at once; assumed)."""
    state, body, name = call.services.state, call.json_object(), call.params["registry"]
    subscription, group = call.subscription(), call.group()
    if find(state.registries_in(subscription, group), name) is not None:
        return patch_registry(call)
    if not NAME.fullmatch(name):
        raise invalid_content(f"'{name}' must be 5 to 50 letters or digits.")
    if find(iter(state.registries), name) is not None:
        raise ArmError(409, "AlreadyInUse", f"The registry DNS name {name.lower()}.azurecr.io is already in use.")
    location = body.get("location")
    if not isinstance(location, str) or not location:
        raise location_required()
    now = call.services.clock.now()
    registry = Registry(_new_spec(call, name, subscription, group), SystemData(now, now), state="Creating")
    registry.admin_user_enabled = bool(section(body, "properties").get("adminUserEnabled", False))
    registry.anonymous_pull_enabled = bool(section(body, "properties").get("anonymousPullEnabled", False))
    state.registries.append(registry)
    operation = f"registries-{uuid1()}"
    state.registry_operations[operation] = registry
    call.services.background.start(_finish_creation(call, registry))
    url = call.url(f"{registry.id}/operationStatuses/{operation}")
    return Reply(201, registry_body(call, registry), {"azure-asyncoperation": url})


def _new_spec(call: ArmCall, name: str, subscription: str, group: str) -> RegistrySpec:
    body = call.json_object()
    spec = RegistrySpec(name=name, resource_group=group, subscription_id=subscription, location=str(body["location"]))
    return _changed_spec(spec, body)


def _changed_spec(spec: RegistrySpec, body: dict[str, Any]) -> RegistrySpec:
    properties = section(body, "properties")
    sku = section(body, "sku").get("name", spec.sku)
    if sku not in SKUS:
        raise invalid_content(f"'sku.name' must be one of {', '.join(SKUS)}.")
    tags = string_map(body, "tags")
    rules = section(properties, "networkRuleSet")
    return replace(
        spec,
        sku=sku,
        tags=spec.tags if tags is None else tags,
        network_rule_set={"defaultAction": "Allow", "ipRules": [], **rules} if rules else spec.network_rule_set,
        public_network_access=properties.get("publicNetworkAccess") or spec.public_network_access,
        role_assignment_mode=properties.get("roleAssignmentMode") or spec.role_assignment_mode,
        network_rule_bypass_options=properties.get("networkRuleBypassOptions") or spec.network_rule_bypass_options,
        network_rule_bypass_allowed_for_tasks=bool(
            properties.get("networkRuleBypassAllowedForTasks", spec.network_rule_bypass_allowed_for_tasks)
        ),
    )


async def _finish_creation(call: ArmCall, registry: Registry) -> None:
    """Assumed: a registry takes as long as a pool operation (the recorded one took some 10 s)."""
    await call.services.clock.sleep(call.services.options.pool_seconds)
    registry.state = "Succeeded"


def patch_registry(call: ArmCall) -> Reply:
    """Change sku, tags and the network and role settings, at once (assumed: Azure takes a moment)."""
    registry, body = call.registry(), call.json_object()
    registry.spec = _changed_spec(registry.spec, body)
    registry.system_data.modified_at = call.services.clock.now()
    return Reply(200, registry_body(call, registry))


def delete_registry(call: ArmCall) -> Reply:
    """200 at once (assumed: Azure takes a moment), 204 when there is none."""
    registry = find(call.services.state.registries_in(call.subscription(), call.group()), call.params["registry"])
    if registry is None:
        return Reply(204)
    call.services.state.registries.remove(registry)
    return Reply(200)


def operation_status(call: ArmCall) -> Reply:
    registry = call.services.state.registry_operations.get(call.params["operation"])
    if registry is None:
        raise call.child_not_found("operationStatuses", call.params["operation"])
    url = f"{call.url(call.path)}"
    return Reply(200, {"status": registry.state}, {"azure-asyncoperation": url})


def check_name(call: ArmCall) -> Reply:
    """Whether a registry name is free."""
    name = str(call.json_object().get("name", ""))
    if find(iter(call.services.state.registries), name) is None:
        return Reply(200, {"nameAvailable": True})
    message = f"The registry {name} is already in use."
    return Reply(200, {"nameAvailable": False, "reason": "AlreadyExists", "message": message})


ROUTES = (
    Route("GET", f"{SUBSCRIPTION}/providers/{REGISTRY_TYPE}", list_in_subscription),
    Route("GET", f"{GROUP}/providers/{REGISTRY_TYPE}", list_in_group),
    Route("GET", REGISTRY, get_registry),
    Route("PUT", REGISTRY, put_registry),
    Route("PATCH", REGISTRY, patch_registry),
    Route("DELETE", REGISTRY, delete_registry),
    Route("GET", REGISTRY + "/operationStatuses/{operation}", operation_status),
    Route("POST", SUBSCRIPTION + "/providers/Microsoft.ContainerRegistry/checkNameAvailability", check_name),
)
