"""User-assigned managed identities: `Microsoft.ManagedIdentity/userAssignedIdentities`.

They are kept beside the other resources, so that a world file can bring them along. Their IDs are the same wherever
they are shown: here, in tasks, and in Microsoft Graph. The Location of a new one, and the members of
2015-08-31-preview, 2018-11-30 and 2025-05-31-preview, are recorded; other statuses and members are the SDK's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..world.directory import USER_ASSIGNED_TYPE, user_assigned_ids
from ..world.regions import normalize_location
from .errors import ArmError, invalid_content, location_required, resource_not_found
from .messages import ArmCall, Reply, keep_location, section, string_map
from .paging import page
from .routing import GROUP, Route

__all__ = ["ROUTES"]

COLLECTION = f"/providers/{USER_ASSIGNED_TYPE}"
IDENTITY = GROUP + COLLECTION + "/{identity}"
WITH_SECRET_URL = ("2015-08-31-preview", "2018-11-30")
"""The api-versions that show where an identity's secret is (both recorded)."""

ISOLATED_SINCE, RESTRICTED_SINCE = "2024-11-30", "2025-05-31-preview"
"""Since which api-versions `isolationScope` (SDK) and `assignmentRestrictions` (recorded) are shown."""

ISOLATION_SCOPES = ("None", "Regional")
NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]{2,127}")


def put_identity(call: ArmCall) -> Reply:
    """201 and a Location for a new one, 200 for one that is changed. Raises ArmError."""
    body, path = call.json_object(), _path(call)
    known = call.services.state.documents.get(path)
    location = body.get("location")
    if not isinstance(location, str) or not location:
        raise location_required()
    if not NAME.fullmatch(call.params["identity"]):
        message = (
            f"The resource name '{call.params['identity']}' is invalid: 3 to 128 letters, digits, hyphens and "
            "underscores are allowed, and the first is to be a letter or a digit."
        )
        raise ArmError(400, "InvalidResourceName", message)
    if known:
        keep_location(body, path, known.get("location"))
    properties = {**((known or {}).get("properties") or {}), **_isolation(body)}
    document = {**(known or {}), "location": location, "tags": string_map(body, "tags"), "properties": properties}
    call.services.state.documents.put(path, document)
    shown = _show(call, path)
    return Reply(200, shown) if known else Reply(201, shown, {"location": shown["id"]})


def _isolation(body: Mapping[str, Any]) -> dict[str, str]:
    """Whether the identity may be used in its region only, if the body says so. Raises ArmError."""
    scope = section(body, "properties").get("isolationScope")
    if scope is None:
        return {}
    if scope not in ISOLATION_SCOPES:
        raise invalid_content(f"'isolationScope' must be one of {', '.join(ISOLATION_SCOPES)}.")
    return {"isolationScope": scope}


def patch_identity(call: ArmCall) -> Reply:
    """Changes tags. Raises ArmError."""
    known, tags = _known(call), string_map(call.json_object(), "tags")
    if tags is not None:
        call.services.state.documents.put(str(known["id"]), {**known, "tags": tags})
    return Reply(200, _show(call, str(known["id"])))


def get_identity(call: ArmCall) -> Reply:
    """Raises ArmError."""
    return Reply(200, _show(call, str(_known(call)["id"])))


def list_in_group(call: ArmCall) -> Reply:
    prefix = f"/subscriptions/{call.subscription()}/resourceGroups/{call.group()}/".lower()
    return _list(call, prefix)


def list_in_subscription(call: ArmCall) -> Reply:
    return _list(call, f"/subscriptions/{call.subscription()}/".lower())


def _list(call: ArmCall, prefix: str) -> Reply:
    found = (str(document["id"]) for document in call.services.state.documents.of_type(USER_ASSIGNED_TYPE))
    return page(call, [_show(call, one) for one in found if one.lower().startswith(prefix)])


def delete_identity(call: ArmCall) -> Reply:
    """200, or 204 when there is none. Its role assignments stay, as Azure leaves them."""
    return Reply(200 if call.services.state.documents.delete(_path(call)) else 204)


def _path(call: ArmCall) -> str:
    group = f"/subscriptions/{call.subscription()}/resourceGroups/{call.group()}"
    return f"{group}{COLLECTION}/{call.params['identity']}"


def _known(call: ArmCall) -> dict[str, Any]:
    document = call.services.state.documents.get(_path(call))
    if document is None:
        raise resource_not_found(f"{USER_ASSIGNED_TYPE}/{call.params['identity']}", call.params["group"])
    return document


def _show(call: ArmCall, identity_id: str) -> dict[str, Any]:
    document = call.services.state.documents.get(identity_id) or {}
    # With a small g, as the service writes it.
    shown_id = str(document["id"]).replace("/resourceGroups/", "/resourcegroups/")
    return {
        "location": document.get("location"),
        "tags": document.get("tags") or {},
        "id": shown_id,
        "name": document["name"],
        "type": USER_ASSIGNED_TYPE,
        "properties": _properties(call, document, shown_id),
    }


def _properties(call: ArmCall, document: Mapping[str, Any], shown_id: str) -> dict[str, Any]:
    """The IDs, and the members that only some api-versions have."""
    tenant = next(spec for spec in call.services.state.world.subscriptions if spec.id == call.subscription()).tenant_id
    ids = user_assigned_ids(call.services.state, str(document["id"]))
    version = call.api_version.lower()
    shown: dict[str, Any] = {"tenantId": tenant, **ids}
    if version in WITH_SECRET_URL:
        query = f"tid={tenant}&oid={ids['principalId']}&aid={ids['clientId']}"
        host = f"control-{normalize_location(str(document.get('location')))}.identity.azure.net"
        shown["clientSecretUrl"] = f"https://{host}{shown_id}/credentials?{query}"
    if version >= RESTRICTED_SINCE:
        shown["assignmentRestrictions"] = {"providers": []}
    if version >= ISOLATED_SINCE:
        shown["isolationScope"] = (document.get("properties") or {}).get("isolationScope", "None")
    return shown


ROUTES = (
    Route("GET", "/subscriptions/{subscription}" + COLLECTION, list_in_subscription),
    Route("GET", GROUP + COLLECTION, list_in_group),
    Route("GET", IDENTITY, get_identity),
    Route("PUT", IDENTITY, put_identity),
    Route("PATCH", IDENTITY, patch_identity),
    Route("DELETE", IDENTITY, delete_identity),
)
