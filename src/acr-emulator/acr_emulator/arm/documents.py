"""Resources of other providers: networks that can be changed, and whatever else the world file brings along.

Changes are done at once (assumed: Azure takes a moment for most).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from uuid import uuid4

from ..world.documents import DocumentStore, resource_type
from ..world.network import DEFAULT_SECURITY_RULES
from ..world.state import AzureState
from .errors import ArmError, method_not_allowed, parent_not_found, resource_not_found
from .messages import ArmCall, Reply, keep_location, section
from .namespaces import is_azure_namespace
from .network_rules import as_written, check_network_resource
from .not_emulated import is_known_to_azure, not_emulated
from .paging import page

__all__ = ["answer_for_document", "check_known"]

NETWORK = "microsoft.network"
READ_ONLY = ("ipConfigurations", "defaultSecurityRules")

_PATH = re.compile(
    r"/subscriptions/(?P<subscription>[^/]+)(?:/resourceGroups/(?P<group>[^/]+))?/providers/(?P<rest>[^/]+(?:/[^/]+)+)",
    re.IGNORECASE,
)


def check_known(state: AzureState, method: str, path: str) -> None:
    """Refuse a path for which there is neither an operation nor a place for a document. Raises ArmError."""
    if method in ("GET", "HEAD") and path in state.documents:
        return
    namespace, _, kind = resource_type(path).partition("/")
    if namespace.lower() == NETWORK and _PATH.fullmatch(path):
        return
    if namespace and not is_azure_namespace(namespace):
        raise ArmError(404, "InvalidResourceNamespace", f"The resource namespace '{namespace}' is invalid.")
    of_registry = namespace.lower() == "microsoft.containerregistry" and kind
    if of_registry and not is_known_to_azure(kind.partition("/")[2].partition("/")[0]):
        message = f"The resource type '{kind}' could not be found in the namespace '{namespace}'."
        raise ArmError(404, "InvalidResourceType", message)
    if method in ("GET", "HEAD") and any(state.documents.of_type(f"{namespace}/{kind}")):
        raise _unknown(method, path)
    raise not_emulated(method, path)


def answer_for_document(call: ArmCall) -> Reply:
    """Answer a request that `check_known` lets pass. Raises ArmError."""
    match = _PATH.fullmatch(call.path)
    store = call.services.state.documents
    if call.method in ("GET", "HEAD") and call.path in store:
        return Reply(200, _show(call, call.path))
    if match is None:
        raise _unknown(call.method, call.path)
    params = {key: value for key, value in match.groupdict().items() if value is not None}
    call = replace(call, params=params)
    call.subscription()
    if len(match["rest"].split("/")) % 2 == 0:
        return _list(call, match)
    call.group()
    operations = {"GET": _get, "HEAD": _get, "PUT": _put, "PATCH": _patch, "DELETE": _delete}
    if call.method not in operations:
        raise method_not_allowed(call.method)
    return operations[call.method](call)


def _unknown(method: str, path: str) -> ArmError:
    parts = path.strip("/").split("/")
    if method not in ("GET", "HEAD") or len(parts) < 8 or parts[4].lower() != "providers":
        return ArmError(404, "NotFound", f"No resource type or operation was found for the path '{path}'.")
    return resource_not_found("/".join(parts[5:]), parts[3])


def _list(call: ArmCall, match: re.Match[str]) -> Reply:
    if call.method not in ("GET", "HEAD"):
        raise method_not_allowed(call.method)
    store = call.services.state.documents
    if match["rest"].count("/") > 1:
        _require_parent(store, call.path.rpartition("/")[0])
    if match["group"]:
        return page(call, list(store.children(call.path)))
    prefix = f"/subscriptions/{match['subscription']}/".lower()
    found = store.of_type(match["rest"])
    return page(call, [body for body in found if str(body["id"]).lower().startswith(prefix)])


def _get(call: ArmCall) -> Reply:
    raise _unknown(call.method, call.path)


def _put(call: ArmCall) -> Reply:
    """201 for a new resource, 200 for one that is replaced."""
    store, body = call.services.state.documents, call.json_object()
    if resource_type(call.path).count("/") > 1:
        _require_parent(store, "/".join(call.path.split("/")[:-2]))
    known = store.get(call.path)
    call.check_conditions(known is not None)
    if known:
        keep_location(body, call.path, known.get("location"))
    written = {key: value for key, value in section(body, "properties").items() if key not in READ_ONLY}
    check_network_resource(store, call.path, written)
    properties = {**as_written(call.path, written), **_read_only(known)}
    store.put(call.path, {**body, "etag": f'W/"{uuid4()}"', "properties": properties})
    call.services.pools.network_changed()
    return Reply(200 if known else 201, _show(call, call.path))


def _require_parent(store: DocumentStore, parent: str) -> None:
    if parent not in store:
        raise parent_not_found(parent.rpartition("/")[2])


def _read_only(known: dict[str, Any] | None) -> dict[str, Any]:
    """What the world file says of a resource and no request can change."""
    properties = (known or {}).get("properties") or {}
    return {key: properties[key] for key in READ_ONLY if key in properties}


def _patch(call: ArmCall) -> Reply:
    """Tags, the only thing that network resources take by PATCH."""
    store = call.services.state.documents
    known = store.get(call.path)
    if known is None:
        raise _unknown("GET", call.path)
    store.put(call.path, {**known, "tags": call.json_object().get("tags", known.get("tags"))})
    return Reply(200, _show(call, call.path))


def _delete(call: ArmCall) -> Reply:
    found = call.services.state.documents.delete(call.path)
    call.services.pools.network_changed()
    return Reply(200 if found else 204)


def _show(call: ArmCall, resource_id: str) -> dict[str, Any]:
    """A resource as a GET shows it: with what Azure adds, and with what `$expand` names."""
    state = call.services.state
    body = state.documents.get(resource_id) or {}
    kind = str(body["type"]).lower()
    properties = body.setdefault("properties", {})
    if kind == "microsoft.network/networksecuritygroups":
        properties.setdefault("defaultSecurityRules", list(DEFAULT_SECURITY_RULES))
    if kind == "microsoft.network/virtualnetworks/subnets":
        properties.setdefault("ipConfigurations", _ip_configurations(call, str(body["id"])))
        for key in filter(None, call.query.get("$expand", "").split(",")):
            _expand(call, state.documents, properties, key)
    return body


def _expand(call: ArmCall, store: DocumentStore, properties: dict[str, Any], key: str) -> None:
    reference = properties.get(key)
    if isinstance(reference, dict) and str(reference.get("id", "")) in store:
        call.require_action(f"Microsoft.Network/{key}s/read", str(reference["id"]))
        properties[key] = _show(replace(call, query={}), str(reference["id"]))


def _ip_configurations(call: ArmCall, subnet_id: str) -> list[dict[str, str]]:
    """One address for each machine of the pools in the subnet, by IDs such as a virtual machine scale set's."""
    return [
        {"id": f"{pool.id}/virtualMachines/{number}/networkInterfaces/nic/ipConfigurations/ipconfig"}
        for registry in call.services.state.registries
        for pool in registry.pools.values()
        if (pool.subnet_id or "").rstrip("/").lower() == subnet_id.lower()
        for number in range(pool.count)
    ]
